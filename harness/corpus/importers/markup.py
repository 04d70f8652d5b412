"""XML read safely: no network, no external files, no entities of the file's own; lines for messages come from lxml."""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.corpus.text import is_blank
from harness.errors import DataError, UsageError
from harness.store.files import open_regular

INSTALL = "pip install 'translation-harness[formats]'"
_SPACE = re.compile("[ \t\r\n\x85\u2028\u2029]+")
_LINE_BREAK = re.compile("[ \t]*[\r\n\x85\u2028\u2029][ \t\r\n\x85\u2028\u2029]*")
_POSITION = re.compile(r", line \d+, column \d+$")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
COLLAPSED = "texts with line breaks or runs of spaces, read as one space"
"""What notes say of texts that :func:`one_line` changed."""
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


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
        raise not_well_formed(error, where) from None
    _refuse_declarations(root, where)
    return root


def iterate_xml(path: Path, root_name: str, kept: Sequence[str], forgotten: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """``("start", element)`` and ``("end", element)`` of the root and of elements with these names, in order.

    At its end, an element of a name in ``forgotten`` is emptied, so that files of any size can be read; what holds it
    is still there. The rules are those of :func:`parse_bytes`.

    Raises:
        DataError: another root, not well formed, declarations, or the file cannot be read.
    """
    etree = load_etree()
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        with open_regular(path, most=math.inf) as file:
            tags = [f"{{*}}{name}" for name in (root_name, *kept, *forgotten)]
            walk = etree.iterparse(file, events=("start", "end"), tag=tags, **options)
            root: Any = None
            for event, element in walk:
                if root is None:
                    root = element
                    _check_root(root, root_name, path)
                yield event, element
                if event == "end" and local_name(element) in forgotten:
                    _forget(element)
            _check_root(walk.root, root_name, path)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}", hint="check the path") from None
    except etree.XMLSyntaxError as error:
        raise not_well_formed(error, str(path)) from None


def _check_root(element: Any, name: str, path: Path) -> None:
    _refuse_declarations(element, str(path))
    root = element.getroottree().getroot()
    if local_name(root) != name:
        raise DataError(f"{path}:{root.sourceline}: the root element is <{local_name(root)}>, not <{name}>")


def _forget(element: Any) -> None:
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse_declarations(root: Any, where: str) -> None:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and (any(True for _ in dtd.iterentities()) or any(True for _ in dtd.iterelements())):
        raise DataError(
            f"{where}: the DOCTYPE declares entities or elements, which are not read",
            hint="write the characters themselves and remove the declarations",
        )


def not_well_formed(error: Any, where: str) -> DataError:
    """What lxml says of a file, on one line."""
    said = _POSITION.sub("", " ".join((error.msg or "it ends too early").split()))
    return DataError(f"{where}:{error.lineno or 1}: not well-formed XML: {said}", hint="export the file again")


def local_name(element: Any) -> str:
    """The tag without its namespace; empty for comments and processing instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def one_line(text: str, element: Any) -> tuple[str, bool]:
    """The text of a segment on one line, and whether white space was changed for it.

    Runs of white space become one space; where ``xml:space="preserve"`` holds only those with a line break. None
    stays at the ends, and nothing of a text that cannot be seen.
    """
    plain = _SPACE.sub(" ", text).strip(" ")
    if plain != text and _preserves_space(element):
        plain = _LINE_BREAK.sub(" ", text).strip(" \t")
    if is_blank(plain):
        plain = ""
    return plain, plain != text


def _preserves_space(element: Any) -> bool:
    while element is not None:
        spaces = element.get(_XML_SPACE)
        if spaces is not None:
            return bool(spaces == "preserve")
        element = element.getparent()
    return False
