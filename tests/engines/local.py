"""What the tests of engines with local models share."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.engines.interface import Answer, Engine, EngineContext
from harness.testing import ask, batch_of
from harness.types import LangPair, SystemName, Translated
from tests.engines.tiny_models import SOURCES

PAIR = LangPair("en", "es")
BOUND = 60
"""``max_length`` that leaves room within the positions of the tiny models."""


def context(workspace: Path) -> EngineContext:
    return EngineContext(SystemName("tiny"), workspace / "systems" / "tiny")


def answers_of(engine: Engine, sources: Sequence[str] = SOURCES, pair: LangPair = PAIR) -> list[Answer]:
    engine.supports(pair)
    return ask(engine, batch_of(sources, pair))[0]


def finished(make: Callable[[], Engine]) -> tuple[str, ...]:
    """Sources whose translations end: an untrained model does not always come to an end."""
    answers = zip(SOURCES, answers_of(make()), strict=True)
    found = tuple(source for source, answer in answers if isinstance(answer, Translated))
    assert len(found) >= 4
    return found


def after_ctrl_c(workspace: Path, engine: str, endless: str) -> tuple[float, int, str]:
    """Press Ctrl-C in the middle of a long output.

    Returns:
        Seconds until the process has ended, its exit code, and what it wrote to stderr.
    """
    code = (
        "import asyncio, os, sys, threading, time\n"
        "from pathlib import Path\n"
        "from harness.engines.interface import EngineContext\n"
        "from harness.engines.local.ctranslate2 import CTranslate2Engine, CTranslate2Options\n"
        "from harness.engines.local.transformers import TransformersEngine, TransformersOptions\n"
        "from harness.testing import ask, batch_of\n"
        "from harness.types import LangPair\n"
        "pair = LangPair('en', 'es')\n"
        f"engine = {engine}\n"
        "engine.supports(pair)\n"
        "def tell():\n"
        "    while engine._loaded is None: time.sleep(0.01)\n"
        "    time.sleep(0.3)\n"
        "    print('busy', flush=True)\n"
        "threading.Thread(target=tell, daemon=True).start()\n"
        "try:\n"
        f"    ask(engine, batch_of([{endless!r}], pair))\n"
        "    print('done', flush=True)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(130)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=workspace,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "busy\n", process.stderr.read()
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            output, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
        assert output == ""
        return time.monotonic() - started, process.returncode, stderr
