"""Asking a model what it knows by heart, and reading what it answers."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harness.checks.memorisation.questions import (
    ChangedSource,
    Half,
    change_numbers,
    continuation_enquiry,
    cut_references,
    number_enquiry,
    numbers_in,
    verbatim_words,
)
from harness.corpus.lint.overlap import words_of
from harness.errors import MetricUnavailable
from harness.metrics.interface import Enquirer, Enquiry, Respondent
from harness.types import (
    Changed,
    Corpus,
    Ending,
    Failed,
    Memorisation,
    Missing,
    Reason,
    Recited,
    Response,
    Translated,
    told,
)

NOTHING_TO_ASK = Missing(Reason("memorised.nothing_to_ask"), Reason("memorised.add_articles"))


def enquiries(corpus: Corpus, respondent: Respondent, most: int, seed: int) -> list[Enquiry]:
    """What :func:`ask_by_heart` asks; none where the articles have nothing to be asked about."""
    halves, sources = _texts(corpus, most, seed)
    return [
        *([continuation_enquiry(halves, respondent, corpus.pair)] if halves else []),
        *([number_enquiry(sources, respondent, corpus.pair)] if sources else []),
    ]


def ask_by_heart(
    corpus: Corpus, respondent: Respondent, enquirer: Enquirer, *, most: int, seed: int
) -> Memorisation | Missing:
    """Ask a model for the second halves of references, and for translations of changed numbers.

    Args:
        corpus: the articles.
        respondent: the model.
        enquirer: asks it.
        most: references, and changed sources, at most.
        seed: of the sample.

    Returns:
        What it answered; missing where it cannot be asked, or no question was answered.
    """
    halves, sources = _texts(corpus, most, seed)
    asked = enquiries(corpus, respondent, most, seed)
    if not asked:
        return NOTHING_TO_ASK
    try:
        outcomes = [outcome for enquiry in asked for outcome in enquirer.ask(enquiry, corpus.pair).outcomes]
    except MetricUnavailable as error:
        return Missing(told(str(error)), told(error.hint))
    recited = _read_halves(halves, outcomes[: len(halves)])
    changed = _read_numbers(sources, outcomes[len(halves) :])
    if not recited and not changed:
        return Missing(Reason("memorised.no_answer", {"why": _why(outcomes)}))
    return Memorisation(verbatim_words(corpus.pair), recited, changed, len(outcomes))


def longest_run(text: Sequence[str], of: Sequence[str]) -> int:
    """Most words in a row that both have."""
    longest, before = 0, [0] * (len(of) + 1)
    for word in text:
        row = [0] * (len(of) + 1)
        for place, other in enumerate(of):
            if word == other:
                row[place + 1] = before[place] + 1
        longest, before = max(longest, *row), row
    return longest


def _texts(corpus: Corpus, most: int, seed: int) -> tuple[list[Half], list[ChangedSource]]:
    """Halves only where another article has some, too: without a control they show nothing."""
    halves = cut_references(corpus, most, seed)
    several = len({half.segment.article for half in halves}) > 1
    return halves if several else [], change_numbers(corpus, most, seed)


def _read_halves(halves: Sequence[Half], outcomes: Sequence[Response]) -> tuple[Recited, ...]:
    recited = []
    for place, (half, outcome) in enumerate(zip(halves, outcomes, strict=True)):
        answer = _answer(outcome, "continuation")
        if answer is None:
            continue
        words = words_of(answer)
        others = (*halves[place + 1 :], *halves[:place])
        control = next(other for other in others if other.segment.article != half.segment.article)
        run, by_chance = longest_run(words, half.rest), longest_run(words, control.rest)
        recited.append(Recited(half.segment.article, half.segment.number, len(half.rest), run, by_chance))
    return tuple(recited)


def _read_numbers(sources: Sequence[ChangedSource], outcomes: Sequence[Response]) -> tuple[Changed, ...]:
    read = []
    for source, outcome in zip(sources, outcomes, strict=True):
        answer = _answer(outcome, "translation")
        if answer is not None:
            numbers = numbers_in(answer)
            kept, back = source.changed in numbers, source.original in numbers
            ending: Ending = "kept" if kept else "reverted" if back else "neither"
            read.append(Changed(source.segment.article, source.segment.number, ending))
    return tuple(read)


def _answer(outcome: Response, key: str) -> str | None:
    """The text of an answer; None where there is none."""
    if not isinstance(outcome, Translated):
        return None
    said = json.loads(outcome.text)
    text = said.get(key) if isinstance(said, dict) else said
    return text if isinstance(text, str) else None


def _why(outcomes: Sequence[Response]) -> str:
    """Why the first question without an answer has none."""
    for outcome in outcomes:
        if not isinstance(outcome, Translated):
            return outcome.error if isinstance(outcome, Failed) else outcome.reason
    return outcomes[0].text if isinstance(outcomes[0], Translated) else ""
