from __future__ import annotations

from pathlib import Path

from harness.engines.copy import CopyEngine, CopyOptions
from harness.engines.interface import EngineContext
from harness.testing import check_round_trip, engine_contract
from harness.types import LangPair, SystemName

PAIR = LangPair("de", "en")


def make() -> CopyEngine:
    return CopyEngine(CopyOptions(), EngineContext(SystemName("copy"), Path("systems/copy")))


def test_contract() -> None:
    engine_contract(make, PAIR)


def test_gives_back_every_character() -> None:
    check_round_trip(make, PAIR)
