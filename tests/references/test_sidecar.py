"""What an imported file says of its segments is kept beside the article, and by runs."""

from pathlib import Path

import pytest

from harness.api.importing import import_files
from harness.corpus.importers.model import Imported, ImportedArticle, ImportedSegment, Importer, Place, Request
from harness.corpus.native import read_workspace
from harness.corpus.sidecar import read_sidecar, sidecar_line
from harness.corpus.write import write_articles
from harness.errors import DataError, UsageError
from harness.types import LangPair, Note
from harness.workspace import registry

PAIR = LangPair("de", "en")


def imported(*, outputs: bool = True) -> Imported:
    """Two segments with ids, a paragraph each, and one system's outputs."""
    paragraphs = tuple(
        (
            ImportedSegment(
                source,
                {1: source.upper()},
                f"m.tmx:{n}",
                None,
                {"id": f"tu-{n}", "note": "a\nb"},
                {"Big MT 2": f"{source}!"} if outputs else {},
            ),
        )
        for n, source in enumerate(("ja", "nein"), start=1)
    )
    return Imported((ImportedArticle("news", {}, paragraphs, "m.tmx"),))


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "names", lambda group: ["mine"])
    monkeypatch.setattr(registry, "load", lambda group, name: Importer(lambda request: imported()))
    monkeypatch.setattr(registry, "is_ours", lambda group, name: True)
    return tmp_path


def test_ids_and_outputs_come_in_with_the_texts(workspace: Path) -> None:
    request = Request((workspace / "m.tmx",), PAIR)
    result = import_files(workspace, request, "mine")
    assert (result.segments, result.with_reference) == (2, 2)
    (corpus,) = read_workspace(workspace / "references")
    assert [dict(segment.meta) for segment in corpus.segments] == [
        {"id": "tu-1", "note": "a\nb"},
        {"id": "tu-2", "note": "a\nb"},
    ]
    assert (workspace / "systems/Big-MT-2.toml").read_text() == 'engine = "recorded"\nlabel = "Big MT 2"\n'
    assert (workspace / "systems/Big-MT-2/de-en/news.txt").read_text() == "ja!\n\nnein!\n"
    with pytest.raises(UsageError, match="already has"):
        import_files(workspace, request, "mine")
    import_files(workspace, request, "mine", force=True)


def test_outputs_never_replace_a_live_engine(workspace: Path) -> None:
    (workspace / "systems").mkdir()
    (workspace / "systems/Big-MT-2.toml").write_text('engine = "copy"\n')
    with pytest.raises(UsageError, match="the engine is 'copy'"):
        import_files(workspace, Request((workspace / "m.tmx",), PAIR), "mine")
    assert not (workspace / "references").exists()


def test_an_edited_segment_loses_what_was_known(tmp_path: Path) -> None:
    path = tmp_path / "news.segments.jsonl"
    path.write_text(
        "".join(map(sidecar_line, (1, 2, 3), ("ja", "nein", "doch"), ({"id": "1"}, {}, {"id": "3"}))), encoding="utf-8"
    )
    assert read_sidecar(path, ["ja", "nein", "doch"]) == ({"id": "1"}, {}, {"id": "3"})
    assert read_sidecar(path, ["Ja", "nein", "doch"]) == ({}, {}, {"id": "3"})
    assert read_sidecar(path, ["ja", "nein"]) == ({"id": "1"}, {})


@pytest.mark.parametrize("line", ["x", "[]", '{"segment": 1}', '{"segment": 1, "source": "a", "meta": {"id": 3}}'])
def test_a_sidecar_that_is_none_is_refused(line: str, tmp_path: Path) -> None:
    path = tmp_path / "news.segments.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"news\.segments\.jsonl:1: expected"):
        read_sidecar(path, ["ja"])


def article(**meta: str) -> ImportedArticle:
    return ImportedArticle("news", {}, ((ImportedSegment("ja", {}, "m.csv:2", None, meta),),), "m.csv:1")


def test_any_metadata_that_is_imported_can_be_read_again(tmp_path: Path) -> None:
    meta = {"id": "a\u2028b\x85c\x00", "note": "\N{OK HAND SIGN}" * 2_000_000, "ключ": "é"}
    written = write_articles(tmp_path, PAIR, [article(**meta)])
    (corpus,) = read_workspace(tmp_path)
    assert corpus.segments[0].meta == meta | {"note": "\N{OK HAND SIGN}" * 10_000}
    assert written.notes == (Note("m.csv:1", "metadata of segments cut to 10,000 characters: 1"),)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"id": "a\ud800"}, r"m.csv:2: id: surrogate \(U\+D800\)"),
        ({"a\udfff": "x"}, r"m.csv:2: a\ufffd: surrogate \(U\+DFFF\)"),
        ({f"n{n}": "é" * 10_000 for n in range(20)}, "m.csv:2: the metadata of the segment has 1,2"),
    ],
)
def test_metadata_that_no_file_can_hold_is_refused(meta: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        write_articles(tmp_path, PAIR, [article(**meta)])
    assert not any(tmp_path.iterdir())


def test_a_file_whose_name_is_no_unicode_is_refused(tmp_path: Path) -> None:
    segment = ImportedSegment("ja", {}, "m:1", Place("m\udcff.txt", 1, 1))
    with pytest.raises(DataError, match=r"m: surrogate \(U\+DCFF\)"):
        write_articles(tmp_path, PAIR, [ImportedArticle("a", {}, ((segment,),), "m")])
    assert not any(tmp_path.iterdir())
