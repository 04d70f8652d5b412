"""Contract suites for people who write an engine: what the harness relies on, checked against the real thing.

::

    def test_contract(tmp_path):
        engine_contract(lambda: MyEngine(MyOptions(), EngineContext("mine", tmp_path / "systems" / "mine")), pair)
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from harness.engines.interface import Answer, Batch, Engine, PreparedEngine, Reply, Request
from harness.testing.contract import require
from harness.types import ArticleId, Failed, LangPair, Refused, SegmentId, Translated

ARTICLE = ArticleId("contract")
"""The article of every request that :func:`batch_of` makes; its lines are numbered from 1."""

SOURCES = (
    'Fish &amp; chips <b>cost</b> "3.50" & more',
    "The end",
    "Mayor",
    "  The dog sleeps.  ",
    "A [b] ^c$ @d /e/ {f} \\g <h> ~i *j +k #l",
    "Tea for two 🫖👍🏽, please!",
    "مرحبا بالعالم",
    "$(touch /tmp/x) `id` ; rm -rf / | %s %(x)s {source}",
    "The dog barks. " * 300,
)
"""Distinct, nasty, and each one a segment of its own."""

PROMPT_SECONDS = 10.0
"""How soon a cancelled batch must have ended."""

Result = TypeVar("Result")


def batch_of(sources: Sequence[str], pair: LangPair, *, first_line: int = 1) -> Batch:
    """A batch as the runner would send it."""
    requests = (Request(SegmentId(ARTICLE, line), line, text) for line, text in enumerate(sources, first_line))
    return Batch(pair, tuple(requests))


def ask(engine: Engine, *batches: Batch) -> list[list[Answer]]:
    """Send batches one after another, close the engine, return the answers."""

    async def talk() -> list[list[Answer]]:
        return [list(Reply.of(await engine.translate(batch)).answers) for batch in batches]

    return _run(engine, talk)


def texts_of(answers: Sequence[Answer]) -> list[str]:
    """The translations.

    Raises:
        ContractError: an answer is not a translation.
    """
    wrong = [answer for answer in answers if not isinstance(answer, Translated)]
    require(not wrong, f"expected translations only, got {wrong[:1]}")
    return [answer.text for answer in answers if isinstance(answer, Translated)]


def engine_contract(make: Callable[[], Engine], pair: LangPair, sources: Sequence[str] = SOURCES) -> None:
    """Check everything below, each with a fresh engine.

    Args:
        make: Makes an engine that serves ``pair``.
        pair: The language pair.
        sources: At least two texts with different translations, the same each time they are asked for.

    Raises:
        ContractError: names what is broken.
    """
    for check in (check_identity, check_answers, check_prepared, check_alone, check_cancellation):
        check(make, pair, sources)


def check_identity(make: Callable[[], Engine], pair: LangPair, sources: Sequence[str]) -> None:  # noqa: ARG001
    """Two engines made alike have the same identity, and it can be written as JSON."""
    first, second = make(), make()
    for engine in (first, second):
        engine.supports(pair)
    one, other = first.identity(pair), second.identity(pair)
    require(one == other, f"the identity changes from one engine to the next: {one} and {other}")
    require(bool(one.engine and one.version), f"the identity lacks a name or a version: {one}")
    json.dumps(dict(one.options), allow_nan=False)


def check_answers(make: Callable[[], Engine], pair: LangPair, sources: Sequence[str]) -> None:
    """One answer for each segment; none for none."""
    engine = make()
    engine.supports(pair)
    none, answers = ask(engine, batch_of([], pair), batch_of(sources, pair))
    require(not none, f"an empty batch gave {len(none)} answers")
    require(len(answers) == len(sources), f"{len(sources)} segments gave {len(answers)} answers")
    for answer in answers:
        require(isinstance(answer, Translated | Refused | Failed), f"not an answer: {answer!r}")
    for text in texts_of(answers):
        require("\n" not in text, f"a translation with a line break: {text!r}")
    require(len(set(texts_of(answers))) > 1, "every segment has the same translation, so their order cannot be checked")


def check_prepared(make: Callable[[], Engine], pair: LangPair, sources: Sequence[str]) -> None:
    """An engine that can be prepared may be so twice, and answers as one that was not."""
    engine = make()
    if not isinstance(engine, PreparedEngine):
        return
    engine.supports(pair)
    batch = batch_of(sources, pair)

    async def prepared() -> list[Answer]:
        await engine.prepare(pair)
        await engine.prepare(pair)
        return list(Reply.of(await engine.translate(batch)).answers)

    (plain,) = ask(make_supporting(make, pair), batch)
    answers = _run(engine, prepared)
    require(answers == plain, f"prepared, the answers are {answers[:1]}, else {plain[:1]}")


def make_supporting(make: Callable[[], Engine], pair: LangPair) -> Engine:
    """A fresh engine that was asked whether it serves the pair."""
    engine = make()
    engine.supports(pair)
    return engine


def check_alone(make: Callable[[], Engine], pair: LangPair, sources: Sequence[str]) -> None:
    """A segment's answer depends neither on the segments around it nor on their order."""
    engine = make()
    engine.supports(pair)
    whole = batch_of(sources, pair)
    alone = [Batch(pair, (request,)) for request in whole.requests]
    together, backwards, *singles = ask(engine, whole, Batch(pair, whole.requests[::-1]), *alone)
    for number, (answer, reverse, (single,)) in enumerate(zip(together, backwards[::-1], singles, strict=True), 1):
        require(answer == single, f"segment {number} gave {answer} in a batch and {single} alone")
        require(answer == reverse, f"segment {number} gave {answer} in order and {reverse} in reverse order")


def check_cancellation(make: Callable[[], Engine], pair: LangPair, sources: Sequence[str]) -> None:
    """A cancelled batch ends promptly, whenever it is cancelled, and the engine can be asked again."""
    engine = make()
    engine.supports(pair)
    batch = batch_of(sources, pair)

    async def interrupt() -> list[Answer]:
        for delay in (0.0, 0.05):
            task = asyncio.ensure_future(engine.translate(batch))
            await asyncio.sleep(delay)
            task.cancel()
            _, pending = await asyncio.wait([task], timeout=PROMPT_SECONDS)
            require(not pending, f"still busy {PROMPT_SECONDS:g} s after it was cancelled")
        return list(Reply.of(await engine.translate(batch)).answers)

    answers = _run(engine, interrupt)
    require(
        len(answers) == len(sources), f"after a cancelled batch, {len(sources)} segments gave {len(answers)} answers"
    )


def check_round_trip(make: Callable[[], Engine], pair: LangPair, sources: Sequence[str] = SOURCES) -> None:
    """An engine that copies gives back every character: nothing on the way escapes, strips or normalises."""
    engine = make()
    engine.supports(pair)
    (answers,) = ask(engine, batch_of(sources, pair))
    for source, text in zip(sources, texts_of(answers), strict=True):
        require(source == text, f"{source!r} came back as {text!r}")


def _run(engine: Engine, action: Callable[[], Awaitable[Result]]) -> Result:
    async def whole() -> Result:
        try:
            return await action()
        finally:
            await engine.close()

    return asyncio.run(whole())
