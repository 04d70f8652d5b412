"""The measurements that docs/checks.md shows, and what they are made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.checks.interface import CheckContext, Item
from harness.checks.run import check_segment, check_system, count_flags, lengths_of
from harness.types import Corpus, LangPair
from tests.checks.injections import INJECTIONS
from tests.checks.material import ntrex, translated, wmt

RELATIVES = {"de": "da", "es": "ca", "fr": "es", "ca": "es", "pt": "es", "cs": "sk", "uk": "cs", "da": "nb", "is": "da"}
"""The language that the wrong-language fault is taken from."""


def per_thousand(corpus: Corpus, texts: Sequence[str]) -> dict[str, float]:
    """Flags of each kind per 1,000 segments; ``any`` for segments with at least one."""
    flags = check_system(corpus, translated(texts))
    counts = count_flags(flags) | {"any": sum(map(bool, flags))}
    return {kind: 1000 * count / len(flags) for kind, count in counts.items()}


def recall(folder: Path, target: str, every: int) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Kind and fault to how many were caught by that kind, of how many planted."""
    corpus, texts = ntrex(folder, target)
    _, others = ntrex(folder, RELATIVES[target])
    context = CheckContext(corpus.pair, {}, lengths_of(corpus, [translated(texts)]))
    found = {}
    for kind, what, inject in INJECTIONS:
        caught = planted = 0
        for segment, text, other in list(zip(corpus.segments, texts, others, strict=True))[::every]:
            faulty = inject(segment.source, text, other)
            if faulty is None:
                continue
            planted += 1
            caught += kind in {flag.kind for flag in check_segment(Item(*faulty, ()), context)}
        found[kind, what] = caught, planted
    return found


def recall_in_outputs(
    folder: Path, pair: LangPair, system: str, other: str, *, references: bool, every: int
) -> Mapping[tuple[str, str], tuple[int, int, int]]:
    """Kind and fault to how many were caught by that kind, by any, and planted, in segments of a system without flags.

    Args:
        folder: of the test sets.
        pair: such as en-es; its WMT24 set, or that of WMT22, is read.
        system: whose outputs get the faults.
        other: NTREX language of the wrong-language fault; what is put in translates another sentence.
        references: whether the checks see them.
        every: one of so many segments gets faults.
    """
    corpus, texts = wmt(folder, pair, system, references=references)
    base = check_system(corpus, translated(texts))
    _, others = ntrex(folder, other)
    context = CheckContext(corpus.pair, {}, lengths_of(corpus, [translated(texts)]))
    found = {}
    rows = [row for row in range(0, len(texts), every) if not base[row]]
    for kind, what, inject in INJECTIONS:
        caught = caught_by_any = planted = 0
        for row in rows:
            segment = corpus.segments[row]
            faulty = inject(segment.source, texts[row], others[row % len(others)])
            if faulty is None:
                continue
            planted += 1
            # What is added to the source is added to its references.
            added = faulty[0].removeprefix(segment.source)
            beside = tuple(reference + added for reference in segment.references)
            kinds = {flag.kind for flag in check_segment(Item(*faulty, beside), context)}
            caught += kind in kinds
            caught_by_any += bool(kinds)
        found[kind, what] = caught, caught_by_any, planted
    return found


def merge_recall(folder: Path, target: str, *, split: bool) -> tuple[int, int]:
    """Merge every fifteenth segment with the next, or move half of the next to it; caught and planted."""
    corpus, found = ntrex(folder, target)
    texts = list(found)
    articles = [segment.id.article for segment in corpus.segments]
    planted = [row for row in range(0, len(texts) - 1, 15) if articles[row] == articles[row + 1]]
    planted = [row for row in planted if min(len(corpus.segments[n].source) for n in (row, row + 1)) >= 40]
    for row in planted:
        words = texts[row + 1].split(" ")
        kept = words[len(words) // 2 :] if split else []
        texts[row] += " " + " ".join(words[: len(words) - len(kept)])
        texts[row + 1] = " ".join(kept)
    flags = check_system(corpus, translated(texts))
    caught = [
        row for row in planted if any(flag.kind == "merged_or_split" for n in (row, row + 1) for flag in flags[n])
    ]
    return len(caught), len(planted)
