"""Systems that are not judged, together where the same is missing of them, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.analysis.pair import PairAnalysis
from harness.analysis.subset import Exclusion
from harness.reports.words.messages import plural, say
from harness.reports.words.numbers import counted, counted_as, first_of, listed
from harness.reports.words.text import shorten, visible
from harness.store.runs.result import PairResult
from harness.types import SystemName

RECORDED = "recorded"

MOST_NAMED = 3

EXCERPT = 120
"""Of a reason."""


def not_judged(pair: PairAnalysis, names: Mapping[SystemName, str]) -> Iterator[tuple[str, str]]:
    """Who lacks what, and why, each with what to do about it."""
    result = pair.result
    groups: dict[tuple[int, tuple[str, ...], str, bool], list[Exclusion]] = {}
    for item in pair.excluded:
        key = (item.missing, item.articles, item.reasons[0], is_recorded(result, item.system))
        groups.setdefault(key, []).append(item)
    said = []
    for (missing, articles, why, recorded), items in groups.items():
        shown = [visible(name) for name in articles]
        text = plural(
            "summary.not_judged",
            len(items),
            systems=listed([names[item.system] for item in items]),
            n=f"{missing:,}",
            segments=counted(items[0].of, "segment"),
            where=listed(shown) if len(shown) <= MOST_NAMED else counted(len(shown), "article"),
            why=visible(shorten(why, EXCERPT)),
        )
        said.append((text, fix_of(result, items, pair.excluded, recorded=recorded)))
    said += [
        (say("summary.absent", system=visible(name), why=visible(shorten(why, EXCERPT))), "")
        for name, why in result.absent.items()
    ]
    yield from said[:MOST_NAMED]
    if len(said) > MOST_NAMED:
        yield counted_as("excluded.more", len(said) - MOST_NAMED), ""


def is_recorded(result: PairResult, name: SystemName) -> bool:
    """Whether a system's outputs are files, which asking again does not complete."""
    (system,) = (system for system in result.systems if system.name == name)
    return system.engine.engine == RECORDED


def fix_of(result: PairResult, items: Sequence[Exclusion], everybody: Sequence[Exclusion], *, recorded: bool) -> str:
    """What completes these systems, or leaves out what they lack."""
    articles = items[0].articles
    skip = skip_flags(result, items) if skip_flags(result, everybody) else ""
    if recorded:
        name = visible(items[0].system) if len(items) == 1 else "<name>"
        files = first_of([f"systems/{name}/{result.pair}/{visible(article)}.txt" for article in articles])
        if skip:
            return say("summary.add_files_or_skip", files=files, flags=skip)
        return say("summary.add_files", files=files)
    return say("summary.again_or_skip", flags=skip) if skip else say("excluded.again")


def skip_flags(result: PairResult, items: Sequence[Exclusion]) -> str:
    """``--skip-article a3``: what leaves out all that is missing; empty where that is too much, or everything."""
    articles = list(dict.fromkeys(article for item in items for article in item.articles))
    if not articles or len(articles) > MOST_NAMED or len(articles) == len(result.corpus.articles):
        return ""
    return " ".join(f"--skip-article {article}" for article in articles)
