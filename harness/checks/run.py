"""All checks on the output of one system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from harness.checks.copied_source import check_copied_source
from harness.checks.date import check_date
from harness.checks.email import check_email
from harness.checks.empty import check_empty
from harness.checks.glossary import check_glossary
from harness.checks.interface import WHOLE, Check, CheckContext, Flag, Item
from harness.checks.length import check_length
from harness.checks.length_model import LengthModel, learn_lengths
from harness.checks.merged_or_split import Neighbour, merged_or_split
from harness.checks.number import check_number
from harness.checks.placeholder import check_placeholder
from harness.checks.preamble import check_preamble
from harness.checks.refusal import check_refusal
from harness.checks.repetition import check_repetition
from harness.checks.tag import check_tag
from harness.checks.truncated import check_truncated
from harness.checks.url import check_url
from harness.checks.wrong_language import check_wrong_language
from harness.store.runs.result import article_rows
from harness.types import Corpus, Outcome, Translated

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "empty": check_empty,
        "refusal": check_refusal,
        "copied_source": check_copied_source,
        "wrong_language": check_wrong_language,
        "preamble": check_preamble,
        "repetition": check_repetition,
        "truncated": check_truncated,
        "length": check_length,
        "number": check_number,
        "date": check_date,
        "url": check_url,
        "email": check_email,
        "placeholder": check_placeholder,
        "tag": check_tag,
        "glossary": check_glossary,
    }
)
"""Kind of flag to what finds it in one segment."""

NOT_CHECKED = "not_checked"
"""Not a fault of the translation: one of the checks failed on it."""

KINDS = (*CHECKS, "merged_or_split", NOT_CHECKED)

NOTHING_ELSE = frozenset({"empty", "refusal", "copied_source"})
"""A flag of these on a whole segment says it all: that its numbers are missing too is no news."""

NO_TERMS: Mapping[str, str] = MappingProxyType({})


def check_system(
    corpus: Corpus,
    outcomes: Sequence[Outcome],
    glossary: Mapping[str, str] = NO_TERMS,
    *,
    others: Iterable[Sequence[Outcome]] = (),
) -> tuple[tuple[Flag, ...], ...]:
    """Check what a system wrote; refused and failed segments have no flags, they are counted elsewhere.

    Args:
        corpus: the articles.
        outcomes: one for each segment.
        glossary: source term to target term, several of them separated by ``|``.
        others: outcomes of other systems, to learn lengths from where the corpus has too few references.

    Returns:
        One tuple for each segment, in the order of the corpus.
    """
    context = CheckContext(corpus.pair, glossary, lengths_of(corpus, (outcomes, *others)))
    return check_outputs(corpus, outcomes, context)


def check_outputs(corpus: Corpus, outcomes: Sequence[Outcome], context: CheckContext) -> tuple[tuple[Flag, ...], ...]:
    """:func:`check_system`, knowing how long translations of this pair are."""
    segments = corpus.segments
    flags = [
        check_segment(Item(segment.source, outcome.text, segment.references), context)
        if isinstance(outcome, Translated)
        else []
        for segment, outcome in zip(segments, outcomes, strict=True)
    ]
    for rows in article_rows(corpus).values():
        neighbours = [
            Neighbour(row, segments[row].id.number, segments[row].source, outcome.text)
            for row in range(rows.start, rows.stop)
            if isinstance(outcome := outcomes[row], Translated)
        ]
        try:
            merged = list(merged_or_split(neighbours, context.length_model))
        except Exception as error:  # noqa: BLE001 - as above
            why = _why("merged_or_split", error)
            merged = [(one.row, Flag(NOT_CHECKED, WHOLE, why, 0.0, "merged_or_split")) for one in neighbours]
        for row, flag in merged:
            flags[row].append(flag)
    return tuple(map(tuple, flags))


def check_segment(item: Item, context: CheckContext) -> list[Flag]:
    """Run the checks of :data:`CHECKS` on one segment; one that fails is a flag :data:`NOT_CHECKED`."""
    flags: list[Flag] = []
    for kind, check in CHECKS.items():
        try:
            found = list(check(item, context))
        except Exception as error:  # noqa: BLE001 - a rule that fails on a text must not lose the run, which is paid for
            found = [Flag(NOT_CHECKED, WHOLE, _why(kind, error), 0.0, kind)]
        flags += found
        if kind in NOTHING_ELSE and any(
            flag.kind == kind and (flag.where == WHOLE or kind == "refusal") for flag in found
        ):
            break
    return flags


def unchecked(flags: Sequence[Flag], kind: str) -> bool:
    """Whether nobody knows if a segment should have a flag of this kind: it has none, and the check failed on it."""
    return not any(flag.kind == kind for flag in flags) and any(
        flag.kind == NOT_CHECKED and flag.failed in (kind, "") for flag in flags
    )


def _why(kind: str, error: Exception) -> str:
    return f"'{kind.replace('_', ' ')}' was not checked, because the check failed ({type(error).__name__})"


def lengths_of(corpus: Corpus, systems: Iterable[Sequence[Outcome]]) -> LengthModel:
    """Learn lengths from the references, or from all translations where the references are too few."""
    model = learn_lengths((segment.source, text) for segment in corpus.segments for text in segment.references)
    if model.known:
        return model
    return learn_lengths(
        (segment.source, outcome.text)
        for outcomes in systems
        for segment, outcome in zip(corpus.segments, outcomes, strict=True)
        if isinstance(outcome, Translated)
    )


def count_flags(flags: Iterable[Sequence[Flag]]) -> dict[str, int]:
    """How many segments have a flag of each kind, kinds without any included."""
    counts = Counter(kind for segment in flags for kind in {flag.kind for flag in segment})
    return {kind: counts[kind] for kind in KINDS}
