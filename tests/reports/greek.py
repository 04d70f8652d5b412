"""Runs whose every text from outside is Greek: what a report says in Latin letters is then its own, or a code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.checks.interface import Flag
from harness.checks.load import kinds
from harness.corpus.skipping import skipped_notes
from harness.metrics.interface import ErrorSpan
from harness.store.runs.result import PairResult, Run, SystemResult
from harness.types import (
    Corpus,
    EngineIdentity,
    Failed,
    Missing,
    Money,
    Note,
    Outcome,
    Part,
    Reason,
    Refused,
    Translated,
    Unknown,
    told,
)

from .build import DE_EN, SENT, article, pair_result, run, system

GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
MISSING = Missing(told("δεν υπάρχει"), told("εγκατάσταση"))
SPENT = replace(SENT, models=("μι",), price_source="τιμή")
ENGINE = EngineIdentity("μηχανή", "1", {})
AGREED = {
    "n": 10,
    "pearson": Part("hundredths", 0.5),
    "kendall": Part("hundredths", 0.25),
    "same": 1,
    "pairs": 3,
}
NOTES = [
    Note("θέση", "τι"),
    *(
        Note("άλφα", reason)
        for reason in (
            Reason("noted.limited", {"n": 3, "limit": 3}),
            Reason("noted.shortened", {"n": 3}),
            Reason("noted.recorded", {"outputs": "αρχείο", "why": "γιατί"}),
            Reason("noted.not_used", {"systems": "βήτα"}),
            Reason("noted.failed", {"n": 2, "why": "λάθος"}),
            Reason("noted.refused", {"n": 1, "why": "όχι"}),
            Reason("noted.more_reasons", {"n": 4}),
            Reason("noted.averaged", {"n": 1}),
            Reason("noted.looked", {"n": 2}),
            Reason(
                "noted.alpha",
                {
                    "n": 12,
                    "alpha": Part("hundredths", 0.5),
                    "low": Part("hundredths", 0.25),
                    "high": Part("hundredths", 0.75),
                    "articles": Part("units", 8, "article"),
                },
            ),
            Reason("noted.alpha_alone", {"n": 12, "alpha": Part("hundredths", 0.5)}),
            Reason("noted.alpha_flat"),
            Reason("noted.alpha_none"),
            Reason("noted.rater_excluded", {"rater": "νίκη", "passed": 4, "checks": 8, "p": Part("p", 0.6367)}),
            Reason("noted.rater_unchecked", {"rater": "νίκη", "n": 3, "least": 5}),
            Reason("noted.chosen_articles"),
            Reason("noted.not_in_run", {"systems": Part("list", ("ζήτα", "ήτα", "θήτα", "γιώτα"))}),
            Reason("noted.worker_lost", {"n": 2, "why": "γιατί"}),
            Reason("noted.library", {"why": "γιατί"}),
            Reason("noted.precision", {"precision": "ψ16", "n": 7, "mean": "1", "most": "2", "shift": "3"}),
            Reason("noted.slow_precision", {"precision": "ψ16", "times": "2.5"}),
            Reason("noted.not_in_every_run", {"metrics": "μέτρο"}),
            Reason("noted.judge_asked", {"n": 9, "model": "μι", "sent": 4, "cost": Part("money", (0.4213, "EUR"))}),
            Reason("noted.judge_refused", {"n": 2, "why": "όχι"}),
            Reason("noted.judge_unreadable", {"n": 3, "why": "λάθος"}),
            Reason("noted.judge_failed", {"n": 4, "why": "λάθος"}),
            Reason("noted.judge_left_out", {"n": 5}),
            Reason("noted.not_asked", {"why": "λάθος"}),
            Reason("noted.judge_sample", {"n": 6, "all": 7}),
            Reason("noted.judge_repeated", {"n": 8, "equal": Part("percent", 0.5), "apart": Part("hundredths", 0.25)}),
            Reason("noted.judge_house", {"model": "μι", "systems": Part("list", ("βήτα",)), "house": "σπίτι"}),
            Reason("noted.judges_agree", AGREED),
            Reason("noted.judges_agree_alone", AGREED),
            Reason("noted.judges_flat", {"n": 10}),
            Reason(
                "noted.looks_anew",
                {"changed": Part("list", ("άρθρα",), of="and"), "n": 2, "used": 1, "left": 4, "all": 5},
            ),
        )
    ),
    *skipped_notes(["κάπα"]),
]
"""Every kind of note that a run can have."""


def texts(articles: int, segments: int) -> Corpus:
    """Two kinds of articles; the second segment of each has no reference."""
    made = []
    for number in range(articles):
        lines = [
            (f"πηγή {number} {'ω' * (place * 7)}", () if place == 1 else (f"λόγος {number} {place} και άλλα",))
            for place in range(segments)
        ]
        one = article(DE_EN, f"α{number}", lines, title=f"τίτλος {number}")
        parts = tuple(replace(segment, paragraph=1 + (place > 1)) for place, segment in enumerate(one.segments))
        made.append(replace(one, segments=parts, meta={**one.meta, "είδος": ("νέα", "λόγοι")[number % 2]}))
    return Corpus(DE_EN, tuple(made))


def outcomes(corpus: Corpus, gone: Mapping[int, Outcome]) -> list[Outcome]:
    """A translation of every segment but those in ``gone``; the better half of the references comes back as it is."""
    answers: list[Outcome] = []
    for row, segment in enumerate(corpus.segments):
        text = segment.references[0] if segment.references and row % 2 else f"απάντηση {row}"
        answers.append(gone.get(row, Translated(text, notes={"άγνωστο": 1} if row == 3 else {})))
    return answers


def flagged(made: SystemResult) -> SystemResult:
    """With one flag of every kind, and one on all of its text."""
    flags: list[tuple[Flag, ...]] = [() for _ in made.outcomes]
    for row, kind in enumerate(kinds()):
        flags[row % len(flags)] += (Flag(kind, (0, 2), "γιατί", 0.9),)
    flags[0] += (Flag("number", "whole", "όλο", 0.5),)
    return replace(made, flags=tuple(flags))


def rich_run() -> Run:
    """Everything a report can say at once: winners, ties, costs, repetitions, flags, gaps and notes."""
    corpus = texts(14, 6)
    best = flagged(
        system(corpus, "άλφα", 0.81, label="Άλφα", engine=ENGINE, origin="ζώντα", traffic=SPENT, currency="¤",
               price_per_million=3.0, repeats={"bleu": (81.0, 81.2), "comet": (0.8, 0.81)},
               outcomes=outcomes(corpus, {5: Translated(" ")}))
    )  # fmt: skip
    spans = {3: (ErrorSpan(0, 4, "μέγα", 0.75),)}
    best = replace(best, tables={**best.tables, "comet": replace(best.tables["comet"], spans=spans)})
    old = replace(SPENT, first="2026-11-20T10:00:00+00:00", last="2026-11-20T10:05:00+00:00", p95=0.9,
                  spent=Money(0.0, ""), saved=Unknown(told("άγνωστο")))  # fmt: skip
    tied = system(corpus, "βήτα", 0.8099, label="Βήτα", engine=ENGINE, origin="ζώντα", traffic=old,
                  outcomes=outcomes(corpus, {}), currency="¤", price_per_million=2.0)  # fmt: skip
    worse = system(corpus, "γάμα", 0.5, engine=ENGINE, origin="αρχείο", outcomes=outcomes(corpus, {}),
                   traffic=MISSING, missing={"comet": MISSING})  # fmt: skip
    gone = {1: Refused("όχι"), 2: Failed("λάθος")}
    part = system(
        corpus, "δέλτα", 0.4, engine=ENGINE, origin="αρχείο", outcomes=outcomes(corpus, gone), traffic=MISSING
    )
    return named(pair_result(corpus, [best, tied, worse, part], absent={"έψιλον": "λείπει"}, notes=NOTES))


def small_run() -> Run:
    """Too few articles for anything."""
    corpus = texts(2, 3)
    return named(pair_result(corpus, [_plain(corpus, "άλφα", 0.8), _plain(corpus, "βήτα", 0.6)]))


def lone_run() -> Run:
    """One system alone."""
    corpus = texts(3, 3)
    return named(pair_result(corpus, [_plain(corpus, "άλφα", 0.8)]))


def winning_run() -> Run:
    """One system clearly ahead, by both metrics the other way round."""
    corpus = texts(16, 4)
    first = [_plain(corpus, "άλφα", 0.9, ("bleu",)), _plain(corpus, "βήτα", 0.3, ("bleu",))]
    second = [_plain(corpus, "άλφα", 0.3, ("comet",)), _plain(corpus, "βήτα", 0.9, ("comet",))]
    both = [
        replace(one, scores={**one.scores, **other.scores}, tables={**one.tables, **other.tables})
        for one, other in zip(first, second, strict=True)
    ]
    return named(pair_result(corpus, both, metrics=("bleu", "comet")))


def empty_run() -> Run:
    """No system has a score."""
    corpus = texts(3, 3)
    gone = dict.fromkeys(("bleu", "chrf", "comet"), MISSING)
    bare = system(corpus, "άλφα", 0.5, engine=ENGINE, origin="αρχείο", missing=gone, traffic=MISSING)
    return named(pair_result(corpus, [bare, replace(bare, name="βήτα")]))  # type: ignore[arg-type]


def _plain(corpus: Corpus, name: str, base: float, metrics: Sequence[str] = ("bleu", "chrf", "comet")) -> SystemResult:
    return system(corpus, name, base, metrics, engine=ENGINE, origin="αρχείο", traffic=MISSING,
                  outcomes=outcomes(corpus, {}))  # fmt: skip


def named(result: PairResult) -> Run:
    """A run of it whose small print is Greek."""
    made = run(result, status="incomplete")
    return replace(made, id="τρέξιμο", created="2026-11-23", command="εντολή", environment={"πακέτο": "1"})


RUNS = (rich_run, small_run, lone_run, winning_run, empty_run)


def latin(text: str) -> list[str]:
    """The words in ASCII letters."""
    return re.findall(r"[A-Za-z][A-Za-z'-]+", text)
