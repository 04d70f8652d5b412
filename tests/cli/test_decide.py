"""``harness decide`` on a small workspace."""

from __future__ import annotations

import json
from pathlib import Path

from harness.corpus.lint.encoder import encoder_installed
from tests.cli.conftest import Shell
from tests.workspace import write_article, write_system


def test_the_command(tmp_path: Path, harness: Shell) -> None:
    for number in range(7):
        write_article(
            tmp_path, f"a{number}", [(f"Satz {number} {line}.", f"Sentence {number} {line}.") for line in range(3)]
        )
        for name, mark in (("fine", "!"), ("poor", " oder?")):
            folder = tmp_path / "systems" / name / "de-en"
            folder.mkdir(parents=True, exist_ok=True)
            text = "".join(f"Sentence {number} {line}{mark}\n" for line in range(3))
            (folder / f"a{number}.txt").write_text(text, encoding="utf-8")
    write_system(tmp_path, "copy", 'engine = "copy"')
    write_system(tmp_path, "fine", 'engine = "recorded"')
    write_system(tmp_path, "poor", 'engine = "recorded"')
    assert harness("run", "-C", tmp_path, "--metric", "bleu,chrf", "-q").code == 0
    done = harness("decide", "-C", tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        "de-en: fine is recommended\n  because: fine is significantly better than poor in chrF and BLEU, by "
    )
    assert "runner-up: poor" in done.out
    assert "excluded: copy: it copies the source, so it is only a floor (floor)" in done.out
    refused = harness("decide", "-C", tmp_path, "--max-p95", 2, "--format", "json")
    (document,) = json.loads(refused.out)["decisions"]
    assert (refused.code, document["recommendation"], document["metric"]) == (3, None, "chrf")
    assert "latency unknown" in document["refused"]["reason"]
    assert {item["constraint"] for item in document["violations"]} == {"max_p95", "floor"}
    refused = harness("decide", "-C", tmp_path, "--max-cost-per-million", 2)
    assert refused.code == 3
    assert refused.out.startswith("de-en: no recommendation: no system meets the hard limits: ")
    (tmp_path / "harness.toml").write_text(
        '[decision]\nmetric = "bleu"\nweights = {cost = 2, latency = 1}\n', encoding="utf-8"
    )
    (document,) = json.loads(harness("decide", "-C", tmp_path, "--format", "json").out)["decisions"]
    # A metric that is named decides alone.
    assert (document["metrics"], document["recommendation"], document["strength"]) == (["bleu"], "fine", "ahead")
    (document,) = json.loads(harness("decide", "-C", tmp_path, "--metric", "chrf", "--format", "json").out)["decisions"]
    assert (document["recommendation"], document["refused"]) == ("fine", None)
    assert document["systems"][0]["p95"] == {"unknown": "nothing is sent for this system"}
    for wrong in (["--metric", "blue"], ["--format", "xml"], ["--pair", "de-fr"], ["--max-p95", "nan"]):
        assert harness("decide", "-C", tmp_path, *wrong).code == 2, wrong
    (tmp_path / "harness.toml").write_text('[decision]\nno_flags = ["wrong_langage"]\n', encoding="utf-8")
    misspelt = harness("decide", "-C", tmp_path)
    assert misspelt.code == 2
    assert "wrong_language" in misspelt.err
    (tmp_path / "harness.toml").write_text("[decision]\nweights = {speed = 1}\n", encoding="utf-8")
    assert harness("decide", "-C", tmp_path).code == 2


def test_at_most_three_systems_are_named_in_a_line(tmp_path: Path, harness: Shell) -> None:
    names = ("eins", "zwei", "drei", "vier", "funf")
    for number in range(7):
        write_article(tmp_path, f"a{number}", [(f"Satz {number}.", f"Sentence {number}.")])
        for name in names:
            folder = tmp_path / "systems" / name / "de-en"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"a{number}.txt").write_text(f"Phrase {number}.\n", encoding="utf-8")
    for name in names:
        write_system(tmp_path, name, 'engine = "recorded"')
    harness("run", "-C", tmp_path, "--metric", "bleu,chrf", "-q")
    done = harness("decide", "-C", tmp_path)
    assert done.code == 3
    assert "no recommendation: drei, eins and 3 others are identical." in done.out
    assert "candidates: drei, eins and 3 others" in done.out
    assert max(sum(name in line for name in names) for line in done.out.splitlines()) == 2


def write_two_systems(workspace: Path) -> None:
    """One that translates as the reference does, and one that does not."""
    for number in range(6):
        write_article(workspace, f"a{number}", [(f"Satz {number}.", f"Sentence {number}.")] * 2)
        for name, text in (("one", "Sentence"), ("two", "Phrase")):
            folder = workspace / "systems" / name / "de-en"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"a{number}.txt").write_text(f"{text} {number}.\n" * 2, encoding="utf-8")
            write_system(workspace, name, 'engine = "recorded"')


def test_a_limit_on_terms_without_a_glossary_is_not_kept(tmp_path: Path, harness: Shell) -> None:
    write_two_systems(tmp_path)
    settings = '[decision]\nno_flags = ["glossary"]\n[gate]\nmax_flagged = {glossary = 0}\n'
    (tmp_path / "harness.toml").write_text(settings, encoding="utf-8")
    run = ("run", "-C", tmp_path, "--metric", "chrf", "-q")
    assert harness(*run).code == 0
    done = harness("decide", "-C", tmp_path)
    assert (done.code, "flags unknown: there was no glossary" in done.out) == (3, True)
    assert harness("baseline", "accept", "latest", "-C", tmp_path).code == 0
    assert harness(*run).code == 0
    done = harness("gate", "-C", tmp_path)
    assert (done.code, "not checked against a glossary" in done.out) == (3, True)
    (tmp_path / "terms.tsv").write_text("Satz\tSentence\n", encoding="utf-8")
    (tmp_path / "harness.toml").write_text(f'{settings}[checks.glossary]\nde-en = "terms.tsv"\n', encoding="utf-8")
    assert harness(*run).code == 0
    done = harness("decide", "-C", tmp_path)
    assert (done.code, "one is recommended" in done.out, "flagged glossary" in done.out) == (0, True, True)
    done = harness("gate", "-C", tmp_path)
    assert (done.code, "12 segments flagged" in done.out) == (1, True)


def test_a_limit_on_misplaced_segments_without_the_extra_is_not_kept(tmp_path: Path, harness: Shell) -> None:
    write_two_systems(tmp_path)
    settings = '[decision]\nno_flags = ["misplaced"]\n[gate]\nmax_flagged = {misplaced = 0}\n'
    (tmp_path / "harness.toml").write_text(settings, encoding="utf-8")
    run = ("run", "--metric", "chrf", "-q")
    for command in (run, ("baseline", "accept", "latest"), run):
        assert harness(*command, "-C", tmp_path).code == 0
    decided, gated = harness("decide", "-C", tmp_path), harness("gate", "-C", tmp_path)
    installed = encoder_installed()
    assert ("misplaced segments were not looked for: pip install" in decided.out) is not installed
    assert ("not checked for misplaced segments: pip install" in gated.out) is not installed
    assert (decided.code, gated.code) == ((0, 0) if installed else (3, 3))
