"""``harness import --documents``: two whole documents become one article."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.corpus.importers.aligned import DOCUMENTS
from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import read_files
from harness.corpus.native import read_workspace
from harness.errors import DataError, UsageError
from harness.testing.importer import importer_contract
from harness.types import LangPair
from tests.references.articles import write_lines
from tests.references.test_commands import app, runner

EN_ES = LangPair("en", "es")

ENGLISH = (
    "The bridge of Altenburg",
    "",
    "The bridge over the river Elbe was built in 1897. The architect was called Johann Weber. He died early, in 1896.",
    "Why did it take so long to build?",
    "It continued only when the city borrowed 250,000 marks. Today 12,000 cars cross the bridge every day.",
)
SPANISH = (
    "El puente de Altenburg",
    "El puente se construyó en 1897 sobre el río Elba. El arquitecto se llamaba Johann Weber y murió pronto, en 1896.",
    "¿Por qué duraron tanto las obras?",
    "Faltaba dinero. Solo cuando la ciudad prestó 250.000 marcos continuaron las obras.",
    "Hoy cruzan el puente 12.000 coches al día.",
    "Compartir",
)
SEGMENTS = [
    [("The bridge of Altenburg", "El puente de Altenburg")],
    [
        ("The bridge over the river Elbe was built in 1897.", "El puente se construyó en 1897 sobre el río Elba."),
        (
            "The architect was called Johann Weber. He died early, in 1896.",
            "El arquitecto se llamaba Johann Weber y murió pronto, en 1896.",
        ),
    ],
    [("Why did it take so long to build?", "¿Por qué duraron tanto las obras?")],
    [
        (
            "It continued only when the city borrowed 250,000 marks.",
            "Solo cuando la ciudad prestó 250.000 marcos continuaron las obras.",
        ),
        ("Today 12,000 cars cross the bridge every day.", "Hoy cruzan el puente 12.000 coches al día."),
    ],
]


def written(folder: Path) -> tuple[Path, Path]:
    return write_lines(folder / "bridge.en.txt", *ENGLISH), write_lines(folder / "bridge.es.txt", *SPANISH)


def texts(imported: Imported) -> list[list[tuple[str, str]]]:
    (article,) = imported.articles
    return [[(s.source, s.references.get(1, "")) for s in paragraph] for paragraph in article.paragraphs]


def said(imported: Imported) -> list[str]:
    return [f"{note.where}: {note.what}" for note in imported.notes]


def test_beads_are_segments_and_paragraphs_are_those_of_the_source(tmp_path: Path) -> None:
    imported = read_files(Request(written(tmp_path), EN_ES), "documents")
    assert texts(imported) == SEGMENTS
    assert imported.articles[0].id == "bridge"
    notes = said(imported)
    assert any("sentences without a counterpart: source 0, target 2" in note for note in notes)
    assert any("bridge.es.txt: paragraph 4: " in note and "left out: 'Faltaba dinero.'" in note for note in notes)


def test_what_the_translation_left_out_has_no_reference_and_is_named(tmp_path: Path) -> None:
    english, spanish = written(tmp_path)
    imported = read_files(Request((spanish, english), LangPair("es", "en")), "documents")
    segments = dict(pair for paragraph in texts(imported) for pair in paragraph)
    assert segments["Faltaba dinero."] == segments["Compartir"] == ""
    assert all(reference for source, reference in segments.items() if source not in {"Faltaba dinero.", "Compartir"})
    assert any("no counterpart in bridge.en.txt, no reference: 'Faltaba" in note for note in said(imported))


RECIPE = (
    "Receta de la semana: sopa de calabaza.",
    "Primero se pela la calabaza. Luego se corta en trozos pequeños y se fríe con cebolla.",
    "¿No tiene cebolla? Un puerro también sirve. Se añade caldo y se deja hervir media hora!",
    "Se sirve con pan.",
)


def test_a_text_that_is_no_translation_is_refused(tmp_path: Path) -> None:
    english = write_lines(tmp_path / "a.en.txt", *ENGLISH)
    other = write_lines(tmp_path / "b.es.txt", *RECIPE)
    with pytest.raises(DataError, match="nothing shows that this text is a translation of a") as caught:
        read_files(Request((english, other), EN_ES), "documents")
    assert "--align-with" in caught.value.hint


def test_a_bilingual_article_of_two_texts_names_its_halves(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "b.txt", *RECIPE, "Buen provecho!", "<--", *ENGLISH)
    with pytest.raises(DataError, match="nothing shows that the text above '<--' translates the one below"):
        read_files(Request((path,), EN_ES))


def test_the_bilingual_article_is_aligned_where_its_lines_do_not_match(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "bridge.txt", *SPANISH, "<--", *ENGLISH)
    imported = read_files(Request((path,), EN_ES))
    # Only an empty line ends a paragraph there.
    assert [pair for paragraph in texts(imported) for pair in paragraph] == [
        pair for paragraph in SEGMENTS for pair in paragraph
    ]
    assert [len(paragraph) for paragraph in texts(imported)] == [1, 5]
    assert any("bridge.txt:4: " in note and "in the source" in note for note in said(imported))


def test_a_document_alone_or_with_two_translations_is_refused(tmp_path: Path) -> None:
    english, spanish = written(tmp_path)
    second = write_lines(tmp_path / "bridge.ref2.es.txt", *SPANISH)
    for files in ((english,), (english, spanish, second)):
        with pytest.raises(UsageError, match="needs two files"):
            read_files(Request(files, EN_ES), "documents")


def test_several_articles_are_told_apart_by_their_names(tmp_path: Path) -> None:
    english, spanish = written(tmp_path)
    others = tmp_path / "ship.es.txt", tmp_path / "ship.en.txt"
    for path, text in zip(others, (spanish, english), strict=True):
        path.write_bytes(text.read_bytes())
    imported = read_files(Request((english, *others, spanish), EN_ES), "documents")
    assert sorted(article.id for article in imported.articles) == ["bridge", "ship"]
    assert {len(article.paragraphs) for article in imported.articles} == {4}
    with pytest.raises(UsageError, match="--article names one article"):
        read_files(Request((english, *others, spanish), EN_ES, "x"), "documents")


def test_parallel_files_that_do_not_match_are_told_of_documents(tmp_path: Path) -> None:
    files = write_lines(tmp_path / "a.en.txt", "One.", "Two."), write_lines(tmp_path / "a.es.txt", "Uno. Dos.")
    with pytest.raises(DataError, match="they must match line by line") as caught:
        read_files(Request(files, EN_ES))
    assert "harness import --documents" in caught.value.hint


def test_contract(tmp_path: Path) -> None:
    good = {"a.de.txt": b"Eins.\nZwei.\n", "a.en.txt": b"One. Two.\n"}
    importer_contract(DOCUMENTS, tmp_path, good, malformed=[{"a.de.txt": b"Eins.\n", "a.en.txt": b"\n"}])


def test_a_preview_writes_nothing(tmp_path: Path) -> None:
    arguments = ["import", "--documents", *map(str, written(tmp_path)), "--pair", "en-es", "-C", str(tmp_path)]
    shown = runner.invoke(app, [*arguments, "--preview"])
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "no counterpart in bridge.en.txt, left out: 'Compartir'" in shown.stderr
    assert "6 segments, 6 with a reference" in shown.stderr
    assert not (tmp_path / "references").exists()
    assert runner.invoke(app, arguments).exit_code == 0
    (corpus,) = read_workspace(tmp_path / "references")
    assert len(corpus.segments) == 6
    wrong = runner.invoke(app, [*arguments, "--format", "tmx"])
    assert isinstance(wrong.exception, UsageError)


MEANINGS = {
    "Abc abc.": "harbour warehouse flooded",
    "Def def def def.": "mountain railway reopened after repairs",
    "Ghi ghi ghi.": "ministry published annual figures",
    "Jkl jkl jkl jkl jkl.": "orchard harvest suffered under unusually heavy hailstorms",
    "Mno mno.": "village school closed",
    "Pqr pqr pqr.": "orchestra performed forgotten symphonies",
}
TRANSLATOR = f"""
import sys
meanings = {MEANINGS!r}
for line in sys.stdin:
    open(r"ASKED", "a").write(line)
    print(f"The {{meanings[line.strip()]}}.", flush=True)
"""


def test_any_engine_helps_and_is_asked_through_the_cache(tmp_path: Path) -> None:
    (tmp_path / "systems").mkdir()
    (tmp_path / "references").mkdir()
    (tmp_path / "translate.py").write_text(TRANSLATOR.replace("ASKED", str(tmp_path / "asked.txt")), encoding="utf-8")
    command = f'engine = "command"\n[options]\nargv = ["{sys.executable}", "{tmp_path / "translate.py"}"]\n'
    (tmp_path / "systems" / "helper.toml").write_text(command, encoding="utf-8")
    source = write_lines(tmp_path / "x.de.txt", " ".join(MEANINGS))
    left_out = "Ghi ghi ghi."
    target = write_lines(
        tmp_path / "x.en.txt", *(f"A {meaning}." for text, meaning in MEANINGS.items() if text != left_out)
    )
    arguments = ["import", "--documents", str(source), str(target), "--pair", "de-en", "-C", str(tmp_path)]
    result = runner.invoke(app, [*arguments, "--align-with", "helper"])
    assert result.exit_code == 0, result.exception
    (corpus,) = read_workspace(tmp_path / "references")
    assert {segment.source: segment.references for segment in corpus.segments} == {
        text: () if text == left_out else (f"A {meaning}.",) for text, meaning in MEANINGS.items()
    }
    assert runner.invoke(app, [*arguments, "--align-with", "helper", "--force"]).exit_code == 0
    asked = (tmp_path / "asked.txt").read_text(encoding="utf-8").split("\n")[:-1]
    assert sorted(asked) == sorted(MEANINGS)


def test_recorded_outputs_cannot_help(tmp_path: Path) -> None:
    (tmp_path / "systems").mkdir()
    (tmp_path / "references").mkdir()
    (tmp_path / "systems" / "vendor.toml").write_text('engine = "recorded"\n', encoding="utf-8")
    arguments = ["--documents", *map(str, written(tmp_path)), "--pair", "en-es", "-C", str(tmp_path)]
    result = runner.invoke(app, ["import", *arguments, "--align-with", "vendor"])
    assert isinstance(result.exception, UsageError)
    assert "recorded outputs only" in str(result.exception)


@pytest.mark.parametrize(
    ("english", "spanish", "doubted"),
    [
        (("It was built in 1897.",), ("Se construyó en 1897.",), False),
        (("The architect was Johann Weber.",), ("El arquitecto era Johann Weber.",), False),
        (("The bridge was built late.", "Why?"), ("Los gatos duermen mucho.", "Hoy llueve."), True),
        (("It was built in 1897.",), ("Los gatos duermen mucho.",), True),
    ],
)
def test_short_texts_with_hardly_a_word_in_common_are_doubted(
    english: tuple[str, ...], spanish: tuple[str, ...], doubted: bool, tmp_path: Path
) -> None:
    source = write_lines(tmp_path / "a.en.txt", *english)
    target = write_lines(tmp_path / "a.es.txt", *spanish)
    notes = [str(note.what) for note in read_files(Request((source, target), EN_ES), "documents").notes]
    assert any("too short to tell whether this text is a translation of a.en.txt" in note for note in notes) == doubted
