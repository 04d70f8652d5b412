"""What is no text, by its first bytes: refused by name, with the line that helps."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.corpus.importers.head import Head
from harness.errors import DataError


@dataclass(frozen=True, slots=True)
class Foreign:
    """A kind of file that is not plain text."""

    name: str
    """With its article: ``a PDF``."""
    advice: str


_SAMPLE = 50
_UNPACK = "unpack it, and import the files in it"
_AS_TEXT = "save its text as UTF-8, one segment per line"
_TIMES = re.compile(r"^\s*\d{1,2}:\d\d(?::\d\d)?[,.]\d+\s+-->\s+\d{1,2}:\d\d", re.MULTILINE)
_ENTRY = re.compile(r'^(?:msgid|msgctxt)\s+"', re.MULTILINE)
_TRANSLATION = re.compile(r'^msgstr(?:\[\d\])?\s+"', re.MULTILINE)
_STRINGS = re.compile(r'^\s*"(?:[^"\\\n]|\\.)*"\s*=\s*"(?:[^"\\\n]|\\.)*"\s*;\s*$', re.MULTILINE)
_OWN_FORMAT = "import it under its own format; `harness list importers` shows which there are"
_AS_XLIFF = "export it as XLIFF from the tool it comes from, or as CSV"
_MARKUP_ROOTS = {
    "tmx": Foreign("TMX", "--format tmx reads it"),
    "xliff": Foreign("XLIFF", "--format xliff reads it"),
    "html": Foreign("HTML", "--format html reads it"),
    "dataset": Foreign("WMT XML", _OWN_FORMAT),
    "ts": Foreign("a Qt translation file", "convert it to XLIFF: lconvert -of xlf -o FILE.xlf FILE.ts"),
    "txml": Foreign("TXML of Wordfast", "export it as TMX or XLIFF from Wordfast"),
    "tradostag": Foreign("TTX of Trados", "open it in Trados, and export it as SDLXLIFF or TMX"),
    "ttx": Foreign("TTX of Trados", "open it in Trados, and export it as SDLXLIFF or TMX"),
    "tbx": Foreign("TBX", "a term base has no articles; export its terms as CSV for a glossary"),
    "martif": Foreign("TBX", "a term base has no articles; export its terms as CSV for a glossary"),
    "resources": Foreign("Android strings", _AS_XLIFF),
    "root": Foreign("XML, perhaps .resx", _AS_XLIFF),
    "plist": Foreign("a property list", _AS_XLIFF),
    "ldml": Foreign("LDML", _AS_XLIFF),
    "svg": Foreign("SVG", _AS_XLIFF),
}
_SGM_ROOTS = frozenset({"srcset", "refset", "tstset", "mteval", "doc"})
_PLAIN_TAGS = frozenset("a b big br code em font i img ins mark p q s small span strong sub sup u".split())  # noqa: SIM905
_POINTER = b"version https://git-lfs.github.com/spec/"
_MAGIC = (
    (_POINTER, Foreign("a pointer of Git LFS", "git lfs pull")),
    (b"%PDF-", Foreign("a PDF", "save its text as UTF-8, or import the document it was made from")),
    (b"\x1f\x8b", Foreign("a gzip archive", "gunzip it first")),
    (b"BZh", Foreign("a bzip2 archive", "bunzip2 it first")),
    (b"\xfd7zXZ\x00", Foreign("an xz archive", "unxz it first")),
    (b"\x28\xb5\x2f\xfd", Foreign("a zstd archive", "unzstd it first")),
    (b"7z\xbc\xaf\x27\x1c", Foreign("a 7z archive", _UNPACK)),
    (b"Rar!\x1a\x07", Foreign("a RAR archive", _UNPACK)),
    (b"PAR1", Foreign("a Parquet table", "--format parquet reads it")),
    (b"ARROW1", Foreign("an Arrow file", "save it as Parquet")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign("a file of old Microsoft Office", "save it as .xlsx or .docx")),
    (b"SQLite format 3\x00", Foreign("a SQLite database", "export the texts as CSV")),
    (b"{\\rtf", Foreign("RTF", "save it as .docx, or as plain text in UTF-8")),
    (b"\x89PNG", Foreign("a picture", _AS_TEXT)),
    (b"\xff\xd8\xff", Foreign("a picture", _AS_TEXT)),
    (b"GIF8", Foreign("a picture", _AS_TEXT)),
    (b"\xde\x12\x04\x95", Foreign("a compiled catalogue of gettext (.mo)", "msgunfmt FILE.mo -o FILE.po")),
    (b"\x95\x04\x12\xde", Foreign("a compiled catalogue of gettext (.mo)", "msgunfmt FILE.mo -o FILE.po")),
    (b"\x7fELF", Foreign("a program", _AS_TEXT)),
    (b"%!PS", Foreign("PostScript", _AS_TEXT)),
)
_OPEN_DOCUMENT = Foreign("an OpenDocument file", "save it as .docx or .xlsx")
_ZIPPED = (
    (b"word/", Foreign("a Word document (.docx)", "--format docx reads it")),
    (b"xl/", Foreign("a workbook (.xlsx)", "--format xlsx reads it")),
    (b"ppt/", Foreign("a presentation (.pptx)", _AS_TEXT)),
    (b"mimetypeapplication/epub", Foreign("an e-book (.epub)", _AS_TEXT)),
    (b"mimetypeapplication/vnd.oasis", _OPEN_DOCUMENT),
    (b"designmap.xml", Foreign("an InDesign document (.idml)", "export its text as XLIFF or .docx")),
    (b"META-INF/manifest.xml", _OPEN_DOCUMENT),
)


def foreign_kind(head: Head) -> Foreign | None:
    """What kind of file this is, if its beginning is no plain text; None where nothing speaks against it."""
    data = head.data
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _ZIPPED if mark in data), Foreign("a ZIP archive", _UNPACK))
    return _markup(head) or _structured(head.text) or _binary(head)


def refuse_foreign(head: Head) -> None:
    """Return if the file can be plain text.

    Raises:
        DataError: it is something else; the message names it, and how it comes in.
    """
    kind = foreign_kind(head)
    if kind is not None:
        raise DataError(f"{head.path}: this is {kind.name}, not plain text", hint=kind.advice)


def refuse_pointer(head: Head) -> None:
    """Return unless the file only stands for another one.

    Raises:
        DataError: it is a pointer of Git LFS, whatever its suffix.
    """
    if head.data.startswith(_POINTER):
        raise DataError(f"{head.path}: this is a pointer of Git LFS, not the file itself", hint="git lfs pull")


def _markup(head: Head) -> Foreign | None:
    if head.text.lstrip("\ufeff \t\r\n").lower().startswith("<?xml") and not head.root:
        return Foreign("XML", _OWN_FORMAT)
    root = head.root
    if not root or root in _PLAIN_TAGS:
        return None
    if root in _SGM_ROOTS:
        return Foreign("SGM", "--format sgm reads it")
    if root in _MARKUP_ROOTS or _closes(head.text, root):
        return _MARKUP_ROOTS.get(root, Foreign(f"markup (<{root}>)", _OWN_FORMAT))
    return None


def _closes(text: str, root: str) -> bool:
    """Whether an element that opens the file spans lines, or is declared: not the tag of a user interface's text."""
    start = text.lstrip("\ufeff \t\r\n").lower()
    return start.startswith(("<?xml", "<!doctype")) or f"</{root}>" not in start.partition("\n")[0]


def is_subtitles(text: str) -> bool:
    """Whether a text begins as WebVTT, or has a line with the times of a cue."""
    return text.lstrip("\ufeff \t\r\n").startswith("WEBVTT") or ("-->" in text and _TIMES.search(text) is not None)


def is_po(text: str) -> bool:
    """Whether a text has an entry of a PO file."""
    return "msgstr" in text and _ENTRY.search(text) is not None and _TRANSLATION.search(text) is not None


def _structured(text: str) -> Foreign | None:
    start = text.lstrip("\ufeff \t\r\n")
    if is_subtitles(text):
        return Foreign("subtitles", "--format srt reads SRT and VTT")
    if is_po(text):
        return Foreign("a PO file", "--format po reads it")
    if re.match(r'\{\s*"|\[\s*[{\["]', start):
        return Foreign("JSON", "one object per line is read by --format jsonl")
    if _is_tabular(start):
        return Foreign("a table, with tabs in every line", "--format tsv reads it")
    if _STRINGS.search(text):
        return Foreign("Apple strings", "export them from Xcode as XLIFF: Product > Export Localizations")
    return None


def _is_tabular(text: str) -> bool:
    """Whether every line that is not empty has as many tabs, and at least one."""
    lines = [line for line in text.split("\n")[:_SAMPLE] if line.strip()]
    whole = lines[:-1] if len(lines) == _SAMPLE else lines
    return len(whole) > 1 and len({line.count("\t") for line in whole}) == 1 and "\t" in whole[0].strip()


def _binary(head: Head) -> Foreign | None:
    data = head.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or (data[1:2] == b"\x00" and data[3:4] == b"\x00"):
        return Foreign("text in UTF-16", "save it as UTF-8: iconv -f UTF-16 -t UTF-8")
    if b"\x00" in data:
        return Foreign("binary data", _AS_TEXT)
    return None
