"""Word documents: the paragraphs of the body, in reading order, cells of tables and text boxes included.

Only the main part is read. Macros, embedded files, links and pictures are never opened.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.corpus.importers.head import Head
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.office import OfficeFormat
from harness.corpus.importers.paragraphs import Document, import_documents, make_document
from harness.errors import DataError

_FORMAT = OfficeFormat("Word document", "document", ".docx")

_WORDS = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_FORMULAS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath",
    "{http://purl.oclc.org/ooxml/officeDocument/math}oMath",
)
# Older Word's copy of what stands beside it.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SPACES = frozenset({"br", "cr", "tab", "ptab"})
_CHARACTERS = {"noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_LEFT_OUT = {
    "del": "tracked deletions",
    "moveFrom": "tracked deletions",
    "footnoteReference": "footnotes",
    "endnoteReference": "footnotes",
    "sym": "symbols of a special font",
}
_NO_TEXT = frozenset({"pPr", "rPr", "sectPr", "tblPr", "trPr", "tcPr", "instrText", "delText", "delInstrText", "rt"})
_CONTENTS = re.compile(r"\s*(?:TOC|PAGEREF)\b")
"""The fields of which a table of contents is made: its lines are headings that follow again."""
_OFF = frozenset({"0", "false", "off"})
_SPACE = re.compile("[ \t\r\n\x85\u2028\u2029]+")


def read_docx(request: Request) -> Imported:
    """Read a source document and its translations, paragraph for paragraph."""
    return import_documents(request, read_docx_document)


def read_docx_document(path: Path) -> Document:
    """The paragraphs of the body. Tracked insertions are text, deletions are not; fields give their result.

    Raises:
        DataError: no Word document, damaged, protected by a password, too large, or without text.
        UsageError: lxml is not installed.
    """
    body = _Body()
    body.walk(_main_part(path))
    body.finish()
    return make_document(path, body.paragraphs, body.left_out)


def _main_part(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            relations = _FORMAT.part(path, archive, "_rels/.rels")
            targets = [
                element.get("Target", "")
                for element in relations.iter("{*}Relationship")
                if element.get("Type", "").endswith("/officeDocument") and element.get("TargetMode") != "External"
            ]
            if len(targets) != 1:
                raise DataError(f"{path}: not a Word document: it names {len(targets)} main parts, not one")
            root = _FORMAT.part(path, archive, posixpath.normpath(targets[0].lstrip("/")))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}", hint="check the path") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise DataError(
            f"{path}: cannot be unpacked: {error}", hint="save it again as .docx, without a password"
        ) from None
    if root.tag not in {f"{words}document" for words in _WORDS}:
        raise DataError(f"{path}: not a Word document: its main part is <{root.tag.rpartition('}')[2]}>")
    return root


class _Body:
    """The text while the elements come in."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.left_out: Counter[str] = Counter()
        self.unfinished = ""
        """The text of a paragraph whose end is a tracked deletion: it goes on in the next one."""

    def walk(self, element: Any) -> None:
        for child in element:
            name = _name(child)
            if name == "p":
                self._add(child)
            elif name in _LEFT_OUT:
                self.left_out[_LEFT_OUT[name]] += 1
            elif name not in _NO_TEXT and child.tag != _FALLBACK:
                self.walk(child)

    def finish(self) -> None:
        self.paragraphs += [self.unfinished.strip(" ")]
        self.unfinished = ""

    def _add(self, paragraph: Any) -> None:
        if any(_CONTENTS.match(field) for field in _fields(paragraph)):
            self.left_out["lines of a table of contents"] += 1
            return
        boxes: list[Any] = []
        text = _SPACE.sub(" ", self.unfinished + "".join(self._pieces(paragraph, boxes)))
        if _own(paragraph, "pPr", "rPr", "del"):
            self.unfinished = text
        else:
            self.unfinished = ""
            self.paragraphs.append(text.strip(" "))
        for box in boxes:
            self.walk(box)

    def _pieces(self, element: Any, boxes: list[Any]) -> Iterator[str]:
        for child in element:
            name = _name(child)
            if name == "t":
                yield child.text or ""
            elif name in _SPACES:
                yield " "
            elif name in _CHARACTERS:
                yield _CHARACTERS[name]
            elif name in _LEFT_OUT:
                self.left_out[_LEFT_OUT[name]] += 1
            elif child.tag in _FORMULAS:
                self.left_out["formulas"] += 1
            elif name == "txbxContent":
                boxes.append(child)
            elif name == "r" and _is_hidden(child):
                self.left_out["hidden texts"] += 1
            elif name not in _NO_TEXT and child.tag != _FALLBACK:
                yield from self._pieces(child, boxes)


def _name(element: Any) -> str:
    """The name of an element of Word's own; empty for all others."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return next((tag.removeprefix(words) for words in _WORDS if tag.startswith(words)), "")


def _own(element: Any, *names: str) -> list[Any]:
    """The descendants reached by these names of children."""
    elements = [element]
    for name in names:
        elements = [child for parent in elements for child in parent if _name(child) == name]
    return elements


def _fields(paragraph: Any) -> Iterator[str]:
    for element in paragraph.iter("{*}instrText", "{*}fldSimple"):
        yield element.text or "".join(element.get(f"{words}instr", "") for words in _WORDS)


def _is_hidden(run: Any) -> bool:
    settings = _own(run, "rPr", "vanish")
    return any(all(setting.get(f"{words}val", "1") not in _OFF for words in _WORDS) for setting in settings)


def _recognises(head: Head) -> bool:
    return head.data.startswith(b"PK\x03\x04") and b"word/document" in head.data


DOCX = Importer(read_docx, suffixes=("docx", "docm"), recognises=_recognises, separate=True)
