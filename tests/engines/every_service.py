"""The tests that every service's engine has to pass. A service's own file runs them with

``from tests.engines.every_service import *``

and says by its ``VENDOR`` which service it is about; see the fixture ``vendor``.
"""

from __future__ import annotations

from tests.engines import remote
from tests.vendors.base import Vendor

__all__ = [
    "test_a_lost_answer_may_be_charged",
    "test_contract",
    "test_every_character_survives",
    "test_no_connection_is_not_charged",
]


def test_contract(vendor: Vendor) -> None:
    remote.check_contract(vendor)


def test_every_character_survives(vendor: Vendor) -> None:
    remote.check_round_trip(vendor)


def test_no_connection_is_not_charged(vendor: Vendor) -> None:
    remote.check_no_connection(vendor)


def test_a_lost_answer_may_be_charged(vendor: Vendor) -> None:
    remote.check_lost_answer(vendor)
