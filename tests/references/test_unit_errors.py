"""Errors of formats with ids name file, line and unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.importers.model import Request
from harness.corpus.importers.reading import read_files
from harness.corpus.importers.unit_errors import in_unit
from harness.errors import DataError
from harness.types import LangPair

TMX = """<tmx version="1.4"><header srclang="de"/><body>
<tu tuid="news 7"><tuv xml:lang="de"><seg>Eins</seg></tuv><tuv xml:lang="en"><seg>a&#x200E;</seg><seg/></tuv></tu>
</body></tmx>"""
XLIFF = """<xliff version="1.2"><file original="f" source-language="de" target-language="en"><body>
<trans-unit id="btn.ok"><source>a\x81</source><target>x</target></trans-unit></body></file></xliff>"""
PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgctxt "menu"
msgid "Datei\x07"
msgstr "File"
"""
SRT = "12\n00:00:01,000 --> 00:02\nEins\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("m.tmx", TMX, "m.tmx:2, unit 'news 7': "),
        ("x.xlf", XLIFF, "x.xlf:2, unit 'btn.ok': character 2"),
        ("p.po", PO, "p.po:4, unit 'menu': "),
        ("s.srt", SRT, "s.srt:2, unit '12': "),
    ],
)
def test_the_unit_is_named_behind_file_and_line(name: str, text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_files(Request((path,), LangPair("de", "en")), "auto")
    assert said in str(refused.value), refused.value


def test_long_ids_are_cut_and_other_places_stay() -> None:
    error = DataError("f.tmx:2: wrong", hint="mend it")
    named = in_unit(error, "f.tmx:2", f"a\n{'b' * 90}", "leave it out")
    assert str(named) == f"f.tmx:2, unit 'a {'b' * 57}…': wrong"
    assert named.hint == "mend it; leave it out"
    assert str(in_unit(error, "f.tmx:2", "")) == str(error)
    assert str(in_unit(DataError("docids:1: wrong"), "f.tmx:2", "x")) == "docids:1: wrong"
