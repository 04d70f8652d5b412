"""There and back: TMX, articles, XLIFF, articles; and ratings as a metric of a workspace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.corpus.native import read_workspace
from harness.metrics.interface import ErrorSpan
from harness.store.runs.result import MetricScores, Run
from harness.types import Corpus
from tests.cli.conftest import Shell
from tests.cli.conftest import harness as shell
from tests.workspace import write_article, write_system

__all__ = ["shell"]

TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en"
 srclang="de" datatype="plaintext"/><body>
{units}
</body></tmx>"""

UNITS = (
    ("news.1", "Der Zug kommt &amp; geht.", "The train comes &amp; goes."),
    ("news.2", "Er ist &lt;b&gt;voll&lt;/b&gt;.", "It is &lt;b&gt;full&lt;/b&gt;."),
    ("", "Niemand steigt aus.", ""),
    ("tu 4", "Hallo <ph type='x'>{user}</ph>!", "Hello <ph type='x'>{user}</ph>!"),
    ("twice", "„Ja“, sagte er.", "“Yes”, he said."),
    ("twice", "=1+1 ist zwei.", ""),
)


def tmx(path: Path) -> Path:
    units = []
    for name, source, target in UNITS:
        named = f' tuid="{name}"' if name else ""
        translated = f'<tuv xml:lang="en"><seg>{target}</seg></tuv>' if target else ""
        units.append(f'<tu{named}><tuv xml:lang="de"><seg>{source}</seg></tuv>{translated}</tu>')
    path.write_text(TMX.format(units="\n".join(units)), encoding="utf-8")
    return path


def workspace(root: Path, shell: Shell, *files: Path, pair: str = "de-en") -> Corpus:
    done = shell("import", *files, "--pair", pair, "-C", root)
    assert done.code == 0, done.err
    (corpus,) = read_workspace(root / "references")
    return corpus


def run_of(root: Path) -> Run:
    """Translate with the engine that copies."""
    write_system(root, "copy", 'engine = "copy"\n')
    (root / "harness.toml").write_text('metrics = ["chrf"]\n', encoding="utf-8")
    return harness.run(root, offline=True)


def facts(corpus: Corpus) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Article, id, source and reference of every segment; without an id, the one that export gives it."""
    ids = [segment.meta.get("id", "") for segment in corpus.segments]
    return [
        (segment.id.article, name if name and ids.count(name) == 1 else str(segment.id), segment.source,
         segment.references[:1])
        for segment, name in zip(corpus.segments, ids, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["xliff-references", "xliff2-references"])
def test_tmx_to_articles_to_xliff_to_articles(name: str, tmp_path: Path, shell: Shell) -> None:
    first = tmp_path / "first"
    first.mkdir()
    before = workspace(first, shell, tmx(tmp_path / "memory.tmx"))
    assert [bool(segment.references) for segment in before.segments].count(False) == 2
    run = run_of(first)
    (path,) = harness.export(run, name, tmp_path / "memory.xliff", workspace=first).paths
    second = tmp_path / "second"
    second.mkdir()
    after = workspace(second, shell, path)
    expected = facts(before)
    if name == "xliff2-references":  # whose ids have no spaces
        expected = [(a, f"{a}:4" if i == "tu 4" else i, s, r) for a, i, s, r in expected]
    assert [(s.id.article, s.meta["id"], s.source, s.references) for s in after.segments] == expected
    assert [s.paragraph for s in after.segments] == [s.paragraph for s in before.segments]


@pytest.mark.parametrize("name", ["xliff", "xliff2"])
def test_a_machines_target_is_no_reference_and_the_others_are_systems(name: str, tmp_path: Path, shell: Shell) -> None:
    first = tmp_path / "first"
    first.mkdir()
    workspace(first, shell, tmx(tmp_path / "memory.tmx"))
    write_system(first, "other", 'engine = "copy"\n')
    run = run_of(first)
    (path,) = harness.export(run, name, tmp_path / "memory.xliff", workspace=first).paths
    second = tmp_path / "second"
    second.mkdir()
    done = shell("import", path, "--pair", "de-en", "--alternatives", "-C", second)
    assert done.code == 0, done.err
    (after,) = read_workspace(second / "references")
    assert not any(segment.references for segment in after.segments)
    recorded = [file for file in second.rglob("*.txt") if "systems" in file.parts]
    assert recorded, done.err


def test_ratings_of_a_campaign_become_a_metric_of_the_workspace(tmp_path: Path, shell: Shell) -> None:
    write_article(tmp_path, "news", [("Eins.", "One."), ("", ""), ("Zwei.", "Two."), ("Drei.", "")])
    write_article(tmp_path, "blog", [("Vier.", "Four.")])
    write_system(tmp_path, "other", 'engine = "copy"\n')
    run = run_of(tmp_path)
    (path,) = harness.export(run, "pearmut", tmp_path / "campaign.json", workspace=tmp_path).paths
    lines, expected = [], {}
    for number, document in enumerate(json.loads(path.read_bytes())["data"]):
        mark = [{"start_i": 1, "end_i": 2, "severity": "minor", "category": None}]
        answers = [{name: {"score": 10 * number + rank, "error_spans": mark if name == "copy" else []}
                    for rank, name in enumerate(sorted(item["tgt"]))} for item in document]  # fmt: skip
        expected |= {(name, item["item_id"]): float(answer[name]["score"])
                     for item, answer in zip(document, answers, strict=True) for name in answer}  # fmt: skip
        lines.append(json.dumps({"item": document, "annotation": answers, "user_id": "ann", "item_i": number}))
    (tmp_path / "ratings.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "harness.toml").write_text(
        'metrics = ["chrf", "esa"]\n[metric.esa]\nmetric = "scores"\nfile = "ratings.jsonl"\n', encoding="utf-8"
    )
    kept = harness.load_run(harness.run(tmp_path, offline=True).id, tmp_path)
    (result,) = kept.pairs
    spans = {system.name: dict(system.tables["esa"].spans) for system in result.systems}
    assert spans == {"copy": dict.fromkeys(range(4), (ErrorSpan(1, 3, "minor", 1.0),)), "other": {}}
    assert result.identities["esa"].traits.kind == "people"
    found = {}
    for system in result.systems:
        scores = system.scores["esa"]
        assert isinstance(scores, MetricScores)
        assert scores.scored.all()
        found |= {
            (system.name, str(segment.id)): value
            for segment, value in zip(result.corpus.segments, scores.segments.tolist(), strict=True)
        }
    assert found == expected
    assert len(found) == 8
