"""Small helpers of several commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.cli.streams import say_line
from harness.errors import UsageError, so_many

if TYPE_CHECKING:
    from harness.analysis import Analysis
    from harness.executors.load import ExecutorChoice
    from harness.types import Corpus, JsonValue, Money, Unknown
    from harness.workspace.progress import Progress

_SHOWN_ERRORS = 5


def executor_choice(name: str, ray_address: str | None, workers: int | None) -> ExecutorChoice:
    """What ``--executor``, ``--ray-address`` and ``--workers`` say.

    Raises:
        UsageError: they do not go together, or ray is not installed.
    """
    from harness.executors.load import ExecutorChoice, check_choice

    if ray_address == "":
        raise UsageError("the address of --ray-address is empty", hint="leave it out to start a cluster here")
    choice = ExecutorChoice(name, ray_address or "", workers or 0)
    check_choice(choice)
    return choice


def money_cap(amount: float | None, currency: str) -> Money | None:
    """The limit on money; None when there is none.

    Raises:
        UsageError: the amount is negative, infinite or not a number.
    """
    from harness.translation.budget import check_cap
    from harness.types import Money

    if amount is None:
        return None
    check_cap(amount)
    return Money(amount, currency)


def format_money(cost: Money | Unknown) -> str:
    """An amount for a table; unknown amounts say why."""
    from harness.reports.words.reasons import sentence
    from harness.types import Unknown

    if isinstance(cost, Unknown):
        return f"unknown: {sentence(cost.why)}"
    return f"{cost.amount:.4f} {cost.currency}".rstrip()


def money_json(cost: Money | Unknown) -> dict[str, JsonValue]:
    """An amount for JSON: ``amount`` and ``currency``, or ``unknown`` with the reason."""
    from harness.types import Unknown

    if isinstance(cost, Unknown):
        return {"unknown": format_money(cost).removeprefix("unknown: ")}
    return {"amount": cost.amount, "currency": cost.currency}


def print_json(document: object) -> None:
    """Print a document as JSON."""
    import json

    from harness.cli.streams import emit

    emit(f"{json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)}\n".encode(), "json")


def compute(analysis: Analysis, progress: Progress) -> None:
    """Have the tests of every pair made now, so that the time they take is seen."""
    count = len(analysis.pairs)
    for number, pair in enumerate(analysis.pairs):
        progress.update("statistics", number, count)
        _ = pair.decision
    progress.update("statistics", count, count)


@contextmanager
def in_sight(task: str) -> Iterator[None]:
    """A bar for work of one step, on a terminal that has to wait for it."""
    from harness.workspace.progress import bars_on_stderr

    with bars_on_stderr() as progress:
        progress.update(task, 0, 1)
        yield
        progress.update(task, 1, 1)


def split_commas(values: Iterable[str], flag: str) -> tuple[str, ...]:
    """``["bleu,chrf", "ter"]`` becomes ``("bleu", "chrf", "ter")``; order kept, repetitions dropped.

    Raises:
        UsageError: a value is empty, as an unset variable of a shell is; it must not be taken for "all".
    """
    names: dict[str, None] = {}
    for value in values:
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not parts:
            raise UsageError(f"the value of {flag} is empty", hint=f"leave {flag} out to get its default")
        names |= dict.fromkeys(parts)
    return tuple(names)


def given_text(value: str | None, flag: str) -> str:
    """The text of an option; empty where it was not given.

    Raises:
        UsageError: it was given and is empty, as an unset variable of a shell is.
    """
    if value is not None and not value.strip():
        raise UsageError(f"the value of {flag} is empty", hint=f"leave {flag} out, or give it a value")
    return value or ""


def size_text(count: int) -> str:
    """``90.1 kB``."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return so_many(count, "byte")


def tell(remark: str) -> None:
    """Say something on stderr that is no error."""
    say_line(f"note: {remark}")


def comet_options(model: str | None) -> dict[str, dict[str, str]]:
    """Metric options for ``--comet-model``; empty when it was not given."""
    return {"comet": {"model": model}} if model is not None else {}


def heed_lint(corpora: Sequence[Corpus], *, refuse: bool) -> None:
    """Look for errors in the articles before money is spent on them; without ``refuse``, print them on stderr.

    Raises:
        DataError: there are errors.
    """
    from harness.corpus.lint import lint_errors
    from harness.errors import DataError

    errors = [f"{found.where}: {found.what} [{found.check}]" for corpus in corpora for found in lint_errors(corpus)]
    if not errors:
        return
    count = so_many(len(errors), "error")
    more = [f"and {len(errors) - _SHOWN_ERRORS} more"] if len(errors) > _SHOWN_ERRORS else []
    listing = "".join(f"\n  {line}" for line in [*errors[:_SHOWN_ERRORS], *more])
    message = f"harness lint finds {count} in the articles, and translating them may cost money:{listing}"
    if refuse:
        raise DataError(message, hint="correct the articles, or run them as they are: --ignore-lint")
    say_line(f"{message}\nwithout --ignore-lint, the run stops here")
