"""HTML: the paragraphs of a page, in reading order, without what a page says around its text."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from pathlib import Path
from typing import Any

from harness.corpus.importers.head import Head
from harness.corpus.importers.markup import load_etree, read_bytes
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.paragraphs import Document, import_documents, make_document
from harness.errors import DataError

_BLOCKS = frozenset(
    "address article blockquote body caption center dd details dir div dl dt fieldset figcaption figure form h1 h2 h3"  # noqa: SIM905
    " h4 h5 h6 header hgroup hr html legend li main menu ol optgroup option p pre section summary table tbody td tfoot"
    " th thead tr ul".split()
)
_NO_TEXT = frozenset(
    "head title script style noscript template svg math canvas iframe object audio video rt rp".split()  # noqa: SIM905
)
_AROUND = frozenset(["nav", "footer", "aside", "button", "select", "textarea", "label", "legend", "dialog"])
_SPACE = re.compile("[ \t\n\f\r]+")
_BREAK = "\u2028"
_EMPTY_LINE = re.compile(f" ?{_BREAK} ?(?:{_BREAK} ?)+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)[\"']")
_DECLARATION_BYTES = 4096
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What browsers read under these names.
_ALIASES = {
    "utf-16": "utf-8",
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
}


def read_html(request: Request) -> Imported:
    """Read a source page and its translations, paragraph for paragraph."""
    return import_documents(request, read_html_document)


def read_html_document(path: Path) -> Document:
    """The paragraphs of the only ``<article>``, else of the only ``<main>``, else of the page.

    Navigation, footers, controls of forms and hidden parts are left out and counted. Two ``<br>`` in a row end a
    paragraph.

    Raises:
        DataError: the file cannot be read in the encoding it declares (UTF-8 if none), is damaged, or has no text.
        UsageError: lxml is not installed.
    """
    etree = load_etree("HTML")
    text = _decoded(path)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise DataError(f"{path}: not HTML: {' '.join((error.msg or 'it is empty').split())}") from None
    fatal = [entry for entry in parser.error_log if entry.level_name == "FATAL"]
    if root is None or fatal:
        reason = f": {' '.join(fatal[0].message.split())}" if fatal else ""
        raise DataError(f"{path}: not HTML{reason}", hint="save the page again, or its text as UTF-8")
    page = _Page()
    page.read(etree.iterwalk(_text_root(root), events=("start", "end")))
    return make_document(path, page.paragraphs, page.left_out)


def _decoded(path: Path) -> str:
    data = read_bytes(path)
    start = data[:_DECLARATION_BYTES]
    declared = _DECLARED.match(start) or _CHARSET.search(start)
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    if not encoding and declared:
        written = declared[1].decode("ascii").lower()
        encoding = _ALIASES.get(written, written)
    encoding = encoding or "utf-8"
    try:
        text = data.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: not {encoding}: {getattr(error, 'reason', error)}",
            hint='save the page as UTF-8, or declare its encoding: <meta charset="...">',
        ) from None
    if "\x00" in text:
        raise DataError(f"{path}: not HTML: it has NUL characters", hint="save the page again")
    return text


def _text_root(root: Any) -> Any:
    for name in ("article", "main"):
        elements = [element for element in root.iter(name) if not _is_hidden(element)]
        if len(elements) == 1:
            return elements[0]
    return root


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style", "")))


class _Page:
    """The text while the elements come in."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.left_out: Counter[str] = Counter()
        self.pieces: list[str] = []
        self.preformatted = 0

    def read(self, walk: Any) -> None:
        skipped: set[Any] = set()
        top: Any = None
        for event, element in walk:
            top = element if top is None else top
            if event == "start" and self._leaves_out(element):
                skipped.add(element)
                walk.skip_subtree()
            elif event == "start":
                self._open(element)
            else:
                if element in skipped:
                    skipped.discard(element)
                else:
                    self._close(element)
                if element is not top:
                    self._text(element.tail)
        self._end()

    def _leaves_out(self, element: Any) -> bool:
        if element.tag in _NO_TEXT:
            return True
        if element.tag in _AROUND:
            self.left_out[f"<{element.tag}>"] += 1
            return True
        if _is_hidden(element):
            self.left_out["hidden parts"] += 1
            return True
        return False

    def _open(self, element: Any) -> None:
        if element.tag in _BLOCKS:
            self._end()
        if element.tag == "br":
            self.pieces.append(_BREAK)
        self.preformatted += element.tag == "pre"
        self._text(element.text)

    def _close(self, element: Any) -> None:
        if element.tag in _BLOCKS:
            self._end()
        self.preformatted -= element.tag == "pre"

    def _text(self, text: str | None) -> None:
        if text:
            self.pieces.append(text.replace("\n", _BREAK) if self.preformatted else text)

    def _end(self) -> None:
        text = _SPACE.sub(" ", "".join(self.pieces)).replace("\u2029", _BREAK).replace("\x85", _BREAK)
        self.pieces.clear()
        for paragraph in _EMPTY_LINE.split(text):
            self.paragraphs.append(_SPACE.sub(" ", paragraph.replace(_BREAK, " ")).strip(" "))


def _recognises(head: Head) -> bool:
    return head.root == "html" or head.text.lstrip("\ufeff \t\r\n")[:14].lower() == "<!doctype html"


HTML = Importer(read_html, suffixes=("html", "htm", "xhtml"), recognises=_recognises, separate=True)
