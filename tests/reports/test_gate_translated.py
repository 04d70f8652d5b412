"""The gate in another language: nothing it says in any format is in English, and every message of its is among it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from harness.analysis.gate import Policy, Verdict, gate
from harness.analysis.gate.reach import reach_lines, typical_lines
from harness.analysis.gate.verdict import NO_PLAN, BuildTest
from harness.checks.interface import Flag
from harness.reports.formats.blocks import rendered
from harness.reports.formats.gate import FORMATS
from harness.reports.formats.gate_screen import gate_blocks, headline
from harness.reports.words.messages import Catalogue, speaking
from harness.reports.words.reasons import sentence
from harness.store.baseline import BASELINE, Baseline
from harness.store.runs.result import MetricScores, PairResult, Run
from harness.types import Corpus, EngineIdentity, Failed, LangPair, Missing, Outcome, Refused, SystemName, told
from harness.workspace.file_models import GateFile, WorkspaceFile
from harness.workspace.screen import Screen
from tests.cli.conftest import Shell, harness
from tests.gate_runs import a_corpus, a_result, a_run, a_system
from tests.kept import write_baseline, write_run

from .greek import latin, rich_run
from .test_translated import accented, literal

__all__ = ["accented", "harness"]

MADE = datetime(2026, 11, 23, tzinfo=UTC)
CORPUS = a_corpus(8, 3, ["νέα"] * 4 + [""] * 4)
N = len(CORPUS.segments)
BEFORE = np.linspace(20, 60, N)
WOBBLE = np.random.default_rng(5).normal(0, 1, N)

CODES = {
    *(
        "de-en",
        "chrf",
        "chrF",
        "bleu",
        "BLEU",
        "comet",
        "COMET",
        "number",
        "glossary",
        "misplaced",
        "harness",
        "gate",
        "UTC",
        "GB",
    ),
    *("error", "warning", "notice", "title"),
}
"""What stays as it is in every language: pairs, metrics, kinds of flags, flags, and the commands of GitHub."""

NOT_SAID = {"gate.unnamed", "gate.not_measured", "gate.unknown_need", "gate.no_record", "gate.no_plan"}
"""Reasons of what no format shows."""


class Noted(dict[str, str]):
    """Messages that note which of them were asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(texts)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)


def result(
    shift: float = 0.0,
    *,
    corpus: Corpus = CORPUS,
    noise: float = 1.0,
    signature: str = "μι",
    gone: Sequence[Outcome] = (),
    flags: int = -1,
    **changes: object,
) -> PairResult:
    """One system, every article of it moved; with ``flags`` flagged segments where its texts were checked."""
    count = len(corpus.segments)
    values = BEFORE[:count] + shift + noise * WOBBLE[:count]
    made = a_system(corpus, {"chrf": values}, name="άλφα", signature=signature, text="λόγος")
    made = replace(made, engine=EngineIdentity("μηχανή", "1", {}), outcomes=(*gone, *made.outcomes[len(gone) :]))
    if flags >= 0:
        flag = Flag("number", "whole", "γιατί", 0.9)
        made = replace(made, flags=tuple((flag,) if row < flags else () for row in range(count)))
    return replace(a_result(corpus, made), **changes)  # type: ignore[arg-type]


def run_of(*results: PairResult, **settings: object) -> Run:
    made = a_run(*results, run="τρέξιμο")
    return replace(made, settings={**made.settings, **settings})


def verdicts() -> Iterator[Verdict]:
    """Everything that a gate can find."""
    then = run_of(result(noise=0))
    few, one, bare = (a_corpus(*size) for size in ((3, 3), (1, 3), (1, 24)))
    fewer = replace(CORPUS, articles=CORPUS.articles[:6])
    grown = replace(CORPUS, articles=(*a_corpus(9).articles[8:], *CORPUS.articles[1:]))
    renamed = replace(result(), systems=(replace(result().systems[0], name=SystemName("βήτα")),))
    elsewhere = result(corpus=replace(CORPUS, pair=LangPair("de", "en-GB")))
    moved = replace(result(-9).systems[0], engine=EngineIdentity("μηχανή", "2", {}))
    unscored = replace(result().systems[0], scores={"chrf": Missing(told("λείπει"))}, tables={})
    failed = (Flag("not_checked", "whole", "λάθος", 0.0, "number"),)
    half_checked = replace(result(flags=0).systems[0], flags=(failed, *[()] * (N - 1)))
    gone = (Refused("όχι"), Failed("λάθος"))
    strict = {"margins": {"chrf": 0.0}}
    for later, earlier, policy, days in (
        (then, then, {}, 0),
        (run_of(result(-9, gone=gone)), then, {"slices": ("domain",)}, 91),
        (run_of(result(noise=3)), then, {"margins": {"chrf": 0.1}, "accept": ("inconclusive",)}, 200),
        (run_of(result(noise=3)), then, strict, 0),
        (run_of(result(3)), then, {}, 0),
        (run_of(result(-5)), then, {"margins": {"chrf": 5.0}, "slices": ("είδος",)}, 0),
        (
            run_of(result(-5, corpus=bare, unit="segment")),
            run_of(result(corpus=bare, noise=0)),
            {"margins": {"chrf": 5.0}},
            0,
        ),
        (run_of(result(signature="νι")), then, {}, 0),
        (run_of(renamed), then, {}, 0),
        (run_of(replace(renamed, absent={SystemName("άλφα"): "λείπει"})), then, {}, 0),
        (run_of(result()), then, {"systems": {"άλφα": "δέλτα"}}, 0),
        (run_of(elsewhere), then, {}, 0),
        (run_of(result(corpus=grown)), then, {}, 0),
        (run_of(result(corpus=fewer), limit=6), then, {}, 0),
        (run_of(result(corpus=few)), run_of(result(corpus=few, noise=0)), {}, 0),
        (run_of(result(corpus=few)), run_of(result(corpus=few, noise=0)), strict, 0),
        (run_of(result(corpus=one)), run_of(result(corpus=one, noise=0)), {}, 0),
        (run_of(replace(result(), systems=(moved,))), then, {}, 0),
        (run_of(replace(result(), systems=(unscored,))), then, {}, 0),
        (run_of(result(corpus=bare, unit="segment", noise=4)), run_of(result(corpus=bare, noise=0)), {}, 0),
        (run_of(result(corpus=bare)), run_of(result(corpus=a_corpus(2, 12))), {}, 0),
        (run_of(result(flags=6)), run_of(result(flags=0)), {"max_flagged": {"number": 2}}, 0),
        (run_of(result(flags=1)), then, {"max_flagged": {"number": 2}}, 0),
        (run_of(result()), then, {"max_flagged": {"number": 2}}, 0),
        (run_of(replace(result(), systems=(half_checked,))), then, {"max_flagged": {"number": 0}}, 0),
        (run_of(result(flags=0)), then, {"max_flagged": {"glossary": 0}, "with_glossary": frozenset()}, 0),
        (run_of(result(flags=0)), then, {"max_flagged": {"misplaced": 0}, "with_encoder": False}, 0),
        (run_of(), run_of(), {}, 0),
    ):
        accepted = MADE - timedelta(days=days)
        yield gate(later, earlier, Policy(**policy), seed=1, accepted=accepted, now=MADE, note="σημείωση")  # type: ignore[arg-type]
    for build in (
        BuildTest(7, NO_PLAN, 0.05, "2026-11-23"),
        BuildTest(7, 50, 0.001, "2026-11-23"),
        BuildTest(7, 50, 0.004, "2026-11-23"),
        BuildTest(7, 50, 0.001, "2026-11-23", 2, "τρέξιμο"),
        BuildTest(0, 50, 0.001, "2026-11-23", 1),
    ):
        yield gate(run_of(result(-1.4)), then, Policy(build=build), seed=1, accepted=MADE, now=MADE)
    many = next(iter(gate(run_of(result(-9)), then, Policy(), seed=1, accepted=MADE, now=MADE).findings))
    yield Verdict("regressed", (many,) * 600)


def texts_of(name: str, written: str) -> Iterator[str]:
    """What people read of a document: all of it but the keys and statuses that programs look for."""
    if name == "json":
        for line in json.loads(written)["findings"]:
            moved = line["moved"]["segments"]
            yield from (line["message"], line["slice"] or "")
            yield from (text for move in moved for text in (move["text_before"], move["text_after"]))
    elif name == "junit":
        for node in ET.fromstring(written.encode()).iter():
            yield from filter(None, (node.get("message"), node.text))
            yield from [node.get("name", "")] if node.tag == "testcase" else []
    else:
        yield from literal(written).replace("<!-- harness-gate -->", "").split("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_has_a_word_of_its_own(name: str, accented: Catalogue) -> None:
    with speaking(accented):
        written = [FORMATS[name](verdict) for verdict in verdicts()]
    texts = [text for document in written for text in texts_of(name, document)]
    assert sum("⟦" in text for text in texts) > 20
    strangers = {word: text for text in texts for word in latin(_without_codes(text)) if word not in CODES}
    assert strangers == {}


def _without_codes(text: str) -> str:
    """Without options, metadata keys and names of articles, and percent signs as GitHub has them."""
    return re.sub(r"domain=|--margin\b|\ba\d+\b|\bQuelle\b|%[0-9A-F]{2}", " ", text)


def test_every_message_of_the_gate_is_said(accented: Catalogue) -> None:
    noted = Noted(accented.texts)
    with speaking(replace(accented, texts=noted)):
        for verdict in verdicts():
            for write in (*FORMATS.values(), headline):
                write(verdict)
            rendered(gate_blocks(verdict, every=True), Screen(80, wraps=True))
        pairs = [a_result(CORPUS, *(a_system(CORPUS, {"chrf": BEFORE + k * WOBBLE}, name=f"{k}") for k in range(2)))]
        for line in (*reach_lines(a_run(*pairs), GateFile()), *typical_lines([CORPUS], WorkspaceFile())):
            sentence(line)
    own = {key.removesuffix(".one").removesuffix(".other") for key in accented.texts if key.startswith("gate.")}
    assert own - {key.removesuffix(".one").removesuffix(".other") for key in noted.asked} == NOT_SAID


def test_a_rich_run_has_no_english_in_its_verdict(accented: Catalogue) -> None:
    first = rich_run()
    turned = []
    for system in first.pairs[0].systems:
        scores = system.scores["bleu"]
        assert isinstance(scores, MetricScores)
        mirrored = replace(scores, segments=scores.segments[::-1], scored=scores.scored[::-1])
        turned.append(replace(system, scores={**system.scores, "bleu": mirrored}))
    later = replace(first, pairs=(replace(first.pairs[0], systems=tuple(turned)),))
    with speaking(accented):
        verdict = gate(later, first, Policy(slices=("είδος",)), seed=1, accepted=MADE, now=MADE)
        texts = [text for name, write in FORMATS.items() for text in texts_of(name, write(verdict))]
    assert sum("Άλφα" in text for text in texts) > 5
    assert {word: text for text in texts for word in latin(_without_codes(text)) if word not in CODES} == {}


def test_the_command_speaks_the_language_of_the_file(tmp_path: Path, harness: Shell) -> None:
    write_baseline(Baseline(a_run(result(noise=0), run="20260101T0000-aaaaaa"), MADE, ""), tmp_path / BASELINE)
    write_run(a_run(result(-9), run="20260102T0000-bbbbbb"), tmp_path / "reports" / "runs")
    words = tmp_path / "de.toml"
    words.write_text('[gate]\nlost_most = "Verloren"\n[status]\nregressed = "schlechter"\n', encoding="utf-8")
    done = harness("gate", "-C", tmp_path, "--messages", words)
    assert (done.code, done.out.splitlines()[0], "  Verloren" in done.out.splitlines()) == (1, "SCHLECHTER", True)
    words.write_text('[gate]\nverdikt = "x"\n', encoding="utf-8")
    done = harness("gate", "-C", tmp_path, "--messages", words)
    assert done.code == 2
    assert "unknown message 'gate.verdikt'" in done.err
