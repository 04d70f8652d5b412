"""XML read safely: no network, no external files, no entities of the file's own; lines for messages come from lxml."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

from harness.errors import DataError, UsageError
from harness.store.files import open_regular

INSTALL = "pip install 'translation-harness[formats]'"
_SPACE = re.compile(r"[ \t\r\n]+")


def load_etree(kind: str = "XML") -> Any:
    """The module ``lxml.etree``.

    Raises:
        UsageError: lxml is not installed; the message names what cannot be read.
    """
    try:
        return importlib.import_module("lxml.etree")
    except ImportError:
        raise UsageError(f"reading {kind} needs the package 'lxml'", hint=INSTALL) from None


def read_bytes(path: Path) -> bytes:
    """All of a file.

    Raises:
        DataError: it is missing, a folder, too large or cannot be read.
    """
    try:
        with open_regular(path) as file:
            return file.read()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}", hint="check the path") from None


def parse_xml(path: Path) -> Any:
    """The root element of an XML file; see :func:`parse_bytes`."""
    return parse_bytes(read_bytes(path), str(path))


def parse_bytes(data: bytes, where: str) -> Any:
    """The root element of XML.

    A DOCTYPE that only names a DTD is allowed, since TMX files carry one; the DTD is never read. Elements nested
    more than 256 deep, and texts of more than 10 MB, are refused by the parser.

    Raises:
        DataError: not well formed, or it declares entities or elements of its own.
        UsageError: lxml is not installed.
    """
    etree = load_etree()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise DataError(f"{where}:{line}: not well-formed XML: {error.msg}", hint="export the file again") from None
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and (any(True for _ in dtd.iterentities()) or any(True for _ in dtd.iterelements())):
        raise DataError(
            f"{where}: the DOCTYPE declares entities or elements, which are not read",
            hint="write the characters themselves and remove the declarations",
        )
    return root


def local_name(element: Any) -> str:
    """The tag without its namespace; empty for comments and processing instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def one_line(text: str, element: Any, where: str) -> tuple[str, bool]:
    """The text of a segment on one line, and whether white space was collapsed for it.

    Raises:
        DataError: a line break where ``xml:space="preserve"`` holds.
    """
    spaces = element.xpath("string(ancestor-or-self::*[@xml:space][1]/@xml:space)")
    if spaces == "preserve":
        if "\n" in text or "\r" in text:
            raise DataError(f'{where}: line break in a segment with xml:space="preserve"', hint="split the segment")
        return text, False
    plain = _SPACE.sub(" ", text).strip(" ")
    return plain, plain != text
