"""Scores from elsewhere in a workspace: every row finds its own segment, whatever the order, or the file is refused."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from harness.corpus.importers.model import Request
from harness.corpus.importers.reading import read_files
from harness.corpus.layout import layout_of_workspace
from harness.corpus.native import read_workspace
from harness.corpus.write import write_articles
from harness.errors import DataError
from harness.metrics.interface import ScoringItem
from harness.metrics.scores.metric import Scores, ScoresOptions
from harness.reports.words.reasons import noted
from harness.store.runs.directory import load_run
from harness.store.runs.result import MetricScores, Run
from harness.workspace.languages import parse_pair
from tests.cli.conftest import Shell, harness
from tests.metrics.build import context
from tests.workspace import write_article, write_system

__all__ = ["harness"]

NAMES = ("zeta", "a10", "a2", "Beta", "mid")
"""In the order of the original file, which is no order of the names."""

SIZES = {"zeta": 3, "a10": 4, "a2": 2, "Beta": 5, "mid": 1}

SYSTEMS = ("one", "two")


def segments() -> list[tuple[str, int]]:
    return [(name, number) for name in NAMES for number in range(1, SIZES[name] + 1)]


def value(system: str, article: str, number: int) -> float:
    """A score that says what it is of."""
    return 1000 * SYSTEMS.index(system) + 100 * NAMES.index(article) + number


def systems(root: Path, pair: str = "de-en") -> None:
    for system in SYSTEMS:
        write_system(root, system, 'engine = "recorded"\n')
        folder = root / "systems" / system / pair
        folder.mkdir(parents=True)
        for name, size in SIZES.items():
            lines = "".join(f"{system} {name} {n}\n" for n in range(1, size + 1))
            (folder / f"{name}.txt").write_text(lines, encoding="utf-8")


def settings(root: Path, table: str = 'file = "scores.tsv"', more: str = "") -> None:
    text = f'metrics = ["mine"]\n[metric.mine]\nmetric = "scores"\n{table}\n{more}'
    (root / "harness.toml").write_text(text, encoding="utf-8")


def by_hand(root: Path) -> Path:
    """A workspace that nobody imported."""
    for name, size in SIZES.items():
        write_article(root, name, [(f"Satz {name} {n}", f"sentence {name} {n}") for n in range(1, size + 1)])
    systems(root)
    settings(root)
    return root


def imported(root: Path, harness: Shell, *, crlf: bool = False) -> Path:
    """The same articles, imported from parallel files in their original order, with a paragraph break in each."""
    lines = [(f"Satz {name} {n}", f"sentence {name} {n}", name) for name, n in segments()]
    broken = [line for item in lines for line in ([item, ("", "", item[2])] if item[0].endswith(" 1") else [item])]
    ending = "\r\n" if crlf else "\n"
    for column, file in enumerate(("news.de", "news.en", "docids")):
        text = "".join(f"{line[column]}{ending}" for line in broken)
        (root / file).write_bytes(("\ufeff" * crlf + text).encode())
    arguments = [root / "news.de", root / "news.en", "--docids", root / "docids", "--pair", "de-en"]
    assert harness("import", "-C", root, *arguments).code == 0
    systems(root)
    for system in SYSTEMS:
        for name in SIZES:
            path = root / "systems" / system / "de-en" / f"{name}.txt"
            first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join([first, "\n", *rest]), encoding="utf-8")
    settings(root)
    return root


def table(root: Path, rows: list[str], header: str = "system\tarticle\tsegment\tscore") -> Path:
    path = root / "scores.tsv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def original_lines() -> dict[tuple[str, int], int]:
    """Every segment's line in ``news.de``: a break follows the first segment of each article."""
    found, line = {}, 0
    for place in segments():
        line += 1
        found[place] = line
        line += place[1] == 1
    return found


def the_run(root: Path) -> Run:
    (folder,) = (root / "reports" / "runs").iterdir()
    return load_run(folder)


def check(run: Run, missing: frozenset[tuple[str, str, int]] = frozenset()) -> int:
    """Every segment has its own score; returns how many."""
    (pair,) = run.pairs
    checked = 0
    for system in pair.systems:
        scores = system.scores["mine"]
        assert isinstance(scores, MetricScores)
        for row, segment in enumerate(pair.corpus.segments):
            place = system.name, segment.id.article, segment.id.number
            assert bool(scores.scored[row]) == (place not in missing), place
            if place not in missing:
                assert scores.segments[row] == value(*place), place
                checked += 1
    return checked


def all_rows() -> list[str]:
    rows = [f"{system}\t{name}\t{n}\t{value(system, name, n)}" for system in SYSTEMS for name, n in segments()]
    random.Random(1).shuffle(rows)
    return rows


def test_rows_find_their_segments_by_article_whatever_the_order(tmp_path: Path, harness: Shell) -> None:
    table(by_hand(tmp_path), all_rows())
    assert harness("run", "-C", tmp_path, "-q").code == 0
    assert check(the_run(tmp_path)) == 30


def test_articles_that_are_filtered_out_may_stand_in_the_file(tmp_path: Path, harness: Shell) -> None:
    table(by_hand(tmp_path), all_rows())
    assert harness("run", "-C", tmp_path, "-q", "--article", "a2", "--article", "Beta").code == 0
    assert check(the_run(tmp_path)) == 14


def test_segments_beyond_a_limit_may_stand_in_the_file(tmp_path: Path, harness: Shell) -> None:
    table(by_hand(tmp_path), all_rows())
    for system in SYSTEMS:
        write_system(tmp_path, system, 'engine = "copy"\n')
    assert harness("run", "-C", tmp_path, "-q", "--limit", "7").code == 0
    assert check(the_run(tmp_path)) == 14


@pytest.mark.parametrize("crlf", [False, True])
def test_original_lines_are_kept_by_import(tmp_path: Path, harness: Shell, crlf: bool) -> None:
    imported(tmp_path, harness, crlf=crlf)
    rows = [f"{s}\t{line}\t{value(s, *place)}" for s in SYSTEMS for place, line in original_lines().items()]
    path = table(tmp_path, rows, "system\tline\tscore")
    if crlf:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    done = harness("run", "-C", tmp_path, "-q")
    assert done.code == 0, done.err
    assert check(the_run(tmp_path)) == 30


def test_original_lines_hold_for_files_with_one_number_per_line(tmp_path: Path, harness: Shell) -> None:
    imported(tmp_path, harness)
    lines = {line: place for place, line in original_lines().items()}
    for system in SYSTEMS:
        numbers = [str(value(system, *lines[n])) if n in lines else "" for n in range(1, max(lines) + 2)]
        (tmp_path / f"{system}.txt").write_text("".join(f"{text}\n" for text in numbers), encoding="utf-8")
    settings(tmp_path, 'files = {one = "one.txt", two = "two.txt"}')
    done = harness("run", "-C", tmp_path, "-q", "--article", "zeta", "--article", "a2")
    assert done.code == 0, done.err
    assert check(the_run(tmp_path)) == 10
    (tmp_path / "one.txt").write_text("1\n2\n", encoding="utf-8")
    refused = harness("run", "-C", tmp_path, "-q")
    assert refused.code == 2
    assert "one.txt: 2 lines for system 'one', but 20 segments" in refused.err


def test_original_lines_outlive_edits_of_everything_but_the_source(tmp_path: Path, harness: Shell) -> None:
    imported(tmp_path, harness)
    rows = [f"{s}\t{line}\t{value(s, *place)}" for s in SYSTEMS for place, line in original_lines().items()]
    table(tmp_path, rows, "system\tline\tscore")
    folder = tmp_path / "references" / "de-en"
    target = folder / "Beta.en.txt"
    target.write_text(target.read_text(encoding="utf-8").replace("sentence", "phrase"), encoding="utf-8")
    about = folder / "Beta.toml"
    about.write_text('title = "Beta"\n' + about.read_text(encoding="utf-8"), encoding="utf-8")
    assert harness("run", "-C", tmp_path, "-q").code == 0
    check(the_run(tmp_path))
    source = folder / "Beta.de.txt"
    source.write_text(source.read_text(encoding="utf-8").replace("Satz Beta 2", "Satz Beta zwei"), encoding="utf-8")
    refused = harness("run", "-C", tmp_path, "-q")
    assert refused.code == 2
    assert "in the article 'Beta', whose source was changed after its import" in refused.err
    assert "columns article and segment" in refused.err
    assert "harness import" in refused.err
    # The other articles still find theirs.
    place_of = {line: place for place, line in original_lines().items()}
    table(tmp_path, [row for row in rows if place_of[int(row.split("\t")[1])][0] != "Beta"], "system\tline\tscore")
    assert harness("run", "-C", tmp_path, "-q").code == 0


def test_lines_over_a_workspace_that_kept_none_are_refused_with_both_ways_out(tmp_path: Path, harness: Shell) -> None:
    by_hand(tmp_path)
    table(tmp_path, [f"one\t{n}\t{n}" for n in range(1, 16)], "system\tline\tscore")
    refused = harness("run", "-C", tmp_path, "-q")
    assert refused.code == 2
    assert "scores.tsv:2: field 'line': de-en has no record of the lines" in refused.err
    assert "columns article and segment" in refused.err
    assert "harness import SOURCE REFERENCE --docids DOCIDS --pair de-en --force" in refused.err
    assert not (tmp_path / "reports" / "runs").exists()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("one\tnobody\t1\t5", ":3: field 'article': de-en has no article 'nobody'"),
        ("one\tbeta\t1\t5", ":3: field 'article': de-en has no article 'beta'"),
        ("one\tBeta\t6\t5", ":3: field 'segment': article 'Beta' has no segment 6; the last is 5"),
        ("one\tBeta\t0\t5", ":3: field 'segment': '0' is not a segment number"),
        ("one\tBeta\tx\t5", ":3: field 'segment': 'x' is not a segment number"),
        ("one\t\t1\t5", ":3: field 'article' is empty"),
        ("one\tzeta\t1\t5", ":3: system 'one', article 'zeta', segment 1 was already rated at"),
        ("Two\tzeta\t1\t5", ":3: field 'system': unknown system 'Two'"),
        ("one\tBeta\t1\tgood", ":3: field 'score': 'good' is not a finite number"),
        ("one\tBeta\t1", ":3: 3 fields, but the header has 4"),
    ],
)
def test_what_fits_nothing_is_refused_before_anything_is_asked(
    tmp_path: Path, harness: Shell, row: str, message: str
) -> None:
    table(by_hand(tmp_path), ["one\tzeta\t1\t1", row])
    refused = harness("run", "-C", tmp_path, "-q")
    assert refused.code == 2
    assert f"scores.tsv{message}" in refused.err
    assert not (tmp_path / "reports" / "runs").exists()


def test_human_ratings_of_some_systems_and_of_strangers(tmp_path: Path, harness: Shell) -> None:
    rows = [row for row in all_rows() if row.startswith("one")]
    table(by_hand(tmp_path), [*rows, *(f"{name}\tanything\t99\t1" for name in ("ref-A", "S1", "S2", "S3"))])
    done = harness("run", "-C", tmp_path, "-q", "--format", "md")
    assert done.code == 0, done.err
    (pair,) = the_run(tmp_path).pairs
    assert [noted(note) for note in pair.notes if note.where == "mine"] == [
        "mine: rated, but not in this run: ref-A, S1 and 2 others"
    ]
    assert not isinstance(pair.systems[1].scores["mine"], MetricScores)


def test_several_raters_are_told_apart_by_any_other_column(tmp_path: Path, harness: Shell) -> None:
    header = "system\tarticle\tsegment\tscore\tannotator\tline"
    rows = ["one\tzeta\t1\t4\tx\t7", "one\tzeta\t1\t6\ty\t7"]
    table(by_hand(tmp_path), rows, header)
    assert harness("run", "-C", tmp_path, "-q").code == 0
    scores = the_run(tmp_path).pairs[0].systems[0].scores["mine"]
    assert isinstance(scores, MetricScores)
    assert scores.segments[scores.scored].tolist() == [5.0]
    table(tmp_path, [*rows, "one\tzeta\t1\t9\tx\t8"], header)
    refused = harness("run", "-C", tmp_path, "-q")
    assert refused.code == 2
    assert "scores.tsv:4: system 'one', article 'zeta', segment 1 was already rated at" in refused.err


def test_the_pair_of_a_row_is_said_and_never_guessed(tmp_path: Path, harness: Shell) -> None:
    by_hand(tmp_path)
    for name in ("zeta", "other"):
        write_article(tmp_path, name, [("a sentence", "eine Sache")], "en-de")
    for system in SYSTEMS:
        folder = tmp_path / "systems" / system / "en-de"
        folder.mkdir()
        for name in ("zeta", "other"):
            (folder / f"{name}.txt").write_text("Satz\n", encoding="utf-8")
    table(tmp_path, ["one\tzeta\t1\t5", "one\ta2\t1\t6"])
    refused = harness("run", "-C", tmp_path, "-q")
    assert refused.code == 2
    assert "scores.tsv:2: field 'article': 'zeta' is in more than one pair: de-en, en-de" in refused.err
    table(tmp_path, ["one\ta2\t1\t6", "one\tother\t1\t7"])
    assert harness("run", "-C", tmp_path, "-q").code == 0
    scores = {str(pair.pair): pair.systems[0].scores["mine"] for pair in the_run(tmp_path).pairs}
    found = {
        name: item.segments[item.scored].tolist() for name, item in scores.items() if isinstance(item, MetricScores)
    }
    assert found == {"de-en": [6.0], "en-de": [7.0]}
    header = "pair\tsystem\tarticle\tsegment\tscore"
    table(tmp_path, ["de-en\tone\tzeta\t1\t5", "en-de\tone\tzeta\t1\t6"], header)
    assert harness("run", "-C", tmp_path, "-q").code == 0
    table(tmp_path, ["fr-en\tone\tzeta\t1\t5"], header)
    assert "field 'pair': unknown pair 'fr-en'" in harness("run", "-C", tmp_path, "-q").err
    table(tmp_path, ["one\tzeta\t1\t5"])
    settings(tmp_path, 'file = "scores.tsv"\npair = "en-de"')
    assert harness("run", "-C", tmp_path, "-q").code == 0


def test_lines_of_two_imported_files_need_to_say_which(tmp_path: Path, harness: Shell) -> None:
    imported(tmp_path, harness)
    for name in ("more.de", "more.en"):
        (tmp_path / name).write_text("Noch ein Satz\n", encoding="utf-8")
    assert harness("import", "-C", tmp_path, tmp_path / "more.de", tmp_path / "more.en", "--pair", "de-en").code == 0
    for system in SYSTEMS:
        (tmp_path / "systems" / system / "de-en" / "more.txt").write_text("Satz\n", encoding="utf-8")
    table(tmp_path, [f"one\t1\t{value('one', 'zeta', 1)}"], "system\tline\tscore")
    refused = harness("run", "-C", tmp_path, "-q")
    assert refused.code == 2
    assert "the articles were imported from 2 files: more.de, news.de" in refused.err
    settings(tmp_path, 'file = "scores.tsv"\nlines_of = "news.de"')
    assert harness("run", "-C", tmp_path, "-q").code == 0
    scores = the_run(tmp_path).pairs[0].systems[0].scores["mine"]
    assert isinstance(scores, MetricScores)
    (row,) = scores.scored.nonzero()[0]
    assert str(the_run(tmp_path).pairs[0].corpus.segments[row].id) == "zeta:1"


def test_lines_beyond_the_file_and_of_breaks_are_refused(tmp_path: Path, harness: Shell) -> None:
    imported(tmp_path, harness)
    for line, message in ((21, "system 'one' has no line 21; the last is 20"), (2, "is a paragraph break")):
        table(tmp_path, ["one\t1\t5", f"one\t{line}\t5"], "system\tline\tscore")
        refused = harness("run", "-C", tmp_path, "-q")
        assert refused.code == 2
        assert "scores.tsv:3: field 'line'" in refused.err
        assert message in refused.err


def test_two_files_of_one_name_claim_the_same_lines(tmp_path: Path, harness: Shell) -> None:
    for article in ("first", "second"):
        folder = tmp_path / article
        folder.mkdir()
        for name in ("src.de", "src.en"):
            (folder / name).write_text(f"{article}\n", encoding="utf-8")
        files = [folder / "src.de", folder / "src.en"]
        assert harness("import", "-C", tmp_path, *files, "--pair", "de-en", "--article", article).code == 0
    (corpus,) = read_workspace(tmp_path / "references")
    layout = layout_of_workspace(tmp_path / "references", corpus, ["one"])
    metric = Scores(ScoresOptions(name="mine", file=str(table(tmp_path, ["one\t1\t5"], "system\tline\tscore"))))
    with pytest.raises(DataError, match=r"'first' and 'second' were both on line 1 of src\.de"):
        metric.check_layout(layout, ["one"])
    metric = Scores(ScoresOptions(name="mine", file=str(table(tmp_path, ["one\tsecond\t1\t5"]))))
    metric.check_layout(layout, ["one"])


def test_articles_are_known_by_the_names_they_had_before_import(tmp_path: Path, harness: Shell) -> None:
    (tmp_path / "a.de").write_text("eins\nzwei\n", encoding="utf-8")
    (tmp_path / "a.en").write_text("one\ntwo\n", encoding="utf-8")
    (tmp_path / "ids").write_text("aus.news/10\naus.news/9\n", encoding="utf-8")
    files = [tmp_path / "a.de", tmp_path / "a.en", "--docids", tmp_path / "ids"]
    assert harness("import", "-C", tmp_path, *files, "--pair", "de-en").code == 0
    (corpus,) = read_workspace(tmp_path / "references", pairs=[parse_pair("de-en")])
    layout = layout_of_workspace(tmp_path / "references", corpus, ["one"])
    path = table(tmp_path, ["one\taus.news/9\t1\t9", "one\taus-news-10\t1\t10"])
    items = [ScoringItem("one", n, "s", "h", ()) for n in (1, 2)]
    found = Scores.from_tsv("mine", path).statistics(items, replace(context(), layout=layout))
    assert dict(zip([str(item.id.article) for item in corpus.segments], found.rows[:, 0].tolist(), strict=True)) == {
        "aus-news-10": 10.0,
        "aus-news-9": 9.0,
    }


@pytest.mark.parametrize("name", ["wmt23.en-de", "wmt23.zh-en"])
def test_published_scores_find_every_segment_of_an_imported_set(wmt_data: Path, tmp_path: Path, name: str) -> None:
    folder = wmt_data / name
    pair = parse_pair(name.partition(".")[2])
    files = (folder / "source.txt", folder / "reference.refA.txt")
    imported = read_files(Request(files, pair, docids=(folder / "docids.txt",)))
    write_articles(tmp_path / "references", pair, imported.articles)
    (corpus,) = read_workspace(tmp_path / "references")
    sources = (folder / "source.txt").read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    published = folder / "metrics_seg.tsv"
    with published.open(encoding="utf-8", newline="\n") as stream:
        header, *rows = (line.rstrip("\n").split("\t") for line in stream)
    column = header.index("COMET-refA")
    known = {(row[0], int(row[1])): row[column] for row in rows}
    systems = list(dict.fromkeys(row[0] for row in rows))
    lines_of: dict[str, list[int]] = {}
    for line, source in enumerate(sources, start=1):
        lines_of.setdefault(source, []).append(line)
    items = [
        ScoringItem(system, row, segment.source, "h", ())
        for system in systems
        for row, segment in enumerate(corpus.segments, start=1)
    ]
    layout = layout_of_workspace(tmp_path / "references", corpus, systems)
    metric = Scores(ScoresOptions(name="comet-there", file=str(published), column="COMET-refA"))
    found = metric.statistics(items, replace(context(str(pair)), layout=layout))
    in_order, checked = 0, 0
    for item, row, scored in zip(items, found.rows, found.scored, strict=True):
        places = lines_of[item.source]
        if len(places) > 1:
            continue  # the same source again: its line is one of several
        there = known.get((item.system, places[0]), "")
        assert bool(scored) == bool(there)
        if scored:
            assert row[0] == float(there)
            checked += 1
            in_order += places[0] == item.line
    assert checked > 5000
    assert in_order < checked / 2  # counting through the articles as they are named would have been wrong
