"""Systems that no verdict on all segments speaks of: named first, why, what helps, and what can still be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.analysis.pair import PairAnalysis
from harness.analysis.shared import Shared
from harness.analysis.subset import Exclusion
from harness.corpus.skipping import SKIPPED
from harness.reports.model.not_judged import is_recorded, skip_flags
from harness.reports.model.verdict import verdict
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, counted_as, first_of, listed
from harness.reports.words.reasons import capitalised
from harness.reports.words.text import shorten, visible
from harness.types import JsonValue, SystemName

MOST_NAMED = 3
"""Systems and articles named in a sentence."""

EXCERPT = 120
"""Of a reason."""


def excluded_sentences(pair: PairAnalysis, names: Mapping[SystemName, str]) -> tuple[str, ...]:
    """What was left out, then who is excluded and why, then what helps; nothing where nothing is missing."""
    result, excluded = pair.result, pair.excluded
    lines = [
        say("excluded.skipped", what=visible(shorten(capitalised(note.what), EXCERPT)))
        for note in result.notes
        if note.where == SKIPPED
    ]
    said = [_sentence(item, names[item.system]) for item in excluded]
    said += [
        say("excluded.absent", system=visible(name), why=visible(shorten(why, EXCERPT)))
        for name, why in result.absent.items()
    ]
    lines += said[:MOST_NAMED]
    if len(said) > MOST_NAMED:
        lines.append(counted_as("excluded.more", len(said) - MOST_NAMED))
    flags = skip_flags(result, excluded)
    if flags:
        lines.append(say("excluded.skip", flags=flags))
    if excluded and all(is_recorded(result, item.system) for item in excluded):
        files = [f"systems/{visible(item.system)}/{result.pair}/" for item in excluded]
        lines.append(say("excluded.add_files", folders=first_of(files)))
    elif excluded and not flags:
        lines.append(say("excluded.again"))
    return tuple(lines)


def shared_sentence(shared: Sequence[Shared], names: Mapping[SystemName, str]) -> str:
    """The verdicts on the segments that systems share; empty where there is no such comparison."""
    return " ".join(
        say(
            "excluded.shared",
            extent=shared_extent(part, names),
            verdict=verdict(part.pair, names),
        )
        for part in shared[:MOST_NAMED]
    )


def shared_extent(shared: Shared, names: Mapping[SystemName, str]) -> str:
    """``228 of 240 segments that 3 systems all have``; where there are several such sets, whose it is."""
    n, segments = f"{len(shared.pair.result.corpus.segments):,}", counted(shared.of, "segment")
    systems = len(shared.pair.result.systems)
    if shared.only is None:
        return say("excluded.extent", n=n, segments=segments, systems=systems)
    return say("excluded.extent_of", n=n, segments=segments, systems=systems, who=names[shared.only])


def excluded_json(pair: PairAnalysis) -> list[JsonValue]:
    """The same for programs."""
    return [
        {
            "system": item.system,
            "missing": item.missing,
            "segments": item.of,
            "articles": list(item.articles),
            "reasons": list(item.reasons),
            "fix": skip_flags(pair.result, [item]),
        }
        for item in pair.excluded
    ]


def _sentence(exclusion: Exclusion, name: str) -> str:
    articles = [visible(article) for article in exclusion.articles]
    return say(
        "excluded.system",
        system=name,
        n=f"{exclusion.missing:,}",
        segments=counted(exclusion.of, "segment"),
        where=listed(articles) if len(articles) <= MOST_NAMED else counted(len(articles), "article"),
        why=visible(shorten(exclusion.reasons[0], EXCERPT)),
    )
