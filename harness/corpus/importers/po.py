"""PO files of gettext: ``msgid`` is the source, ``msgstr`` the reference; every form of a plural is a segment."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.corpus.importers.foreign import is_po
from harness.corpus.importers.markup import COLLAPSED, INSTALL, read_bytes
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.rows import Row, articles_from_rows, default_name, given_name
from harness.corpus.importers.unit_errors import in_unit
from harness.corpus.importers.varieties import fits, tag_of
from harness.corpus.text import check_text, is_blank
from harness.errors import DataError, UsageError
from harness.types import LangPair, Note

_CHARSET = re.compile(rb'^"Content-Type:[^"]*?charset=([A-Za-z0-9_.:-]+)', re.MULTILINE | re.IGNORECASE)
_PLACEHOLDER = "CHARSET"
"""What a template has instead of an encoding."""
# polib knows comments with a space only; gettext reads them without one, too.
_COMMENT = re.compile(r"^#(?=[^\s.:,|~=])", re.MULTILINE)
_LINE = re.compile(
    r'\s*(?:#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s*)?"(?:[^"\\]|\\.)*"\s*)?', re.DOTALL
)
_KEYWORD_ALONE = re.compile(r"^((?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)[ \t]*)\n(?=[ \t]*\")", re.MULTILINE)
_KEY = re.compile(r"(?=.*[._\d]|[a-z]+[A-Z])[A-Za-z][\w.:-]*")
"""A name in a program, not a text: ``menu.file.open``, ``name100``, ``okButton``."""

_MOSTLY, _FEWEST = 0.8, 3
_CHECK = "msgfmt --check says more"
_SPACE = re.compile("[ \t\r\n\v\f\x85\u2028\u2029]+")
_SCRIPTS = {"latin": "-Latn", "cyrillic": "-Cyrl", "devanagari": "-Deva", "arabic": "-Arab"}
_LANGUAGES = (("Language", "target"), ("X-Source-Language", "source"))

_FUZZY = "fuzzy translations, not taken as references"
_OBSOLETE = "obsolete entries left out"
_EMPTY = "entries without text left out"


def read_po(request: Request) -> Imported:
    """Read PO files, one article from each, in the encoding that their header declares.

    The first form of a plural translates ``msgid``, the others ``msgid_plural``; in a language with one form it
    translates ``msgid_plural``. Fuzzy translations are no reference, obsolete entries are left out; both are counted.

    Raises:
        DataError: not well formed, another encoding than it declares, or not the languages of the pair.
        UsageError: polib is not installed.
    """
    rows: list[Row] = []
    notes: list[Note] = []
    for path in request.files:
        counts: Counter[str] = Counter()
        name = given_name(request.article) or default_name(path, request.pair)
        units = [*_rows(path, name, request.pair, counts)]
        notes += [Note(str(path), f"{what}: {count}") for what, count in counts.items()]
        if not units:
            raise DataError(f"{path}: no entry with text", hint="; ".join(str(note.what) for note in notes))
        _refuse_keys(path, units)
        rows += units
    articles, renamed = articles_from_rows(rows)
    return Imported(articles, (*notes, *renamed))


def _rows(path: Path, name: str, pair: LangPair, counts: Counter[str]) -> Iterator[Row]:
    file = _parsed(path)
    _check_languages(file.metadata, path, pair)
    for entry in file:
        where = f"{path}:{entry.linenum or 1}"
        if entry.obsolete:
            counts[_OBSOLETE] += 1
            continue
        try:
            rows = [_row(where, name, entry, form, counts) for form in _forms(entry)]
        except DataError as error:
            raise in_unit(error, where, entry.msgctxt or "") from None
        counts.update({_FUZZY: 1} if entry.fuzzy and any(reference for _, reference in _forms(entry)) else {})
        for row in rows:
            if row.source:
                yield row
            else:
                counts[_EMPTY] += 1


def _refuse_keys(path: Path, rows: list[Row]) -> None:
    """Refuse files whose ``msgid`` are names in a program and whose ``msgstr`` are texts of one language."""
    keys = [row.source for row in rows if _KEY.fullmatch(row.source)]
    if len(rows) >= _FEWEST and len(keys) >= _MOSTLY * len(rows):
        raise DataError(
            f"{path}: the msgid are names, such as '{keys[0]}', and no texts: the file has one language",
            hint="export source and translation together, as XLIFF or CSV",
        )


def _forms(entry: Any) -> list[tuple[str, str]]:
    """Pairs of source and translation; one for each plural form there is."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    forms = [text for _, text in sorted(entry.msgstr_plural.items(), key=lambda form: int(form[0]))]
    if len(forms) == 1:
        return [(entry.msgid_plural, forms[0])]
    sources = [entry.msgid, *[entry.msgid_plural] * max(1, len(forms) - 1)]
    return list(zip(sources, forms or ["", ""], strict=True))


def _row(where: str, name: str, entry: Any, form: tuple[str, str], counts: Counter[str]) -> Row:
    source, reference = form
    texts = [_one_line(text, where, counts) for text in (source, "" if entry.fuzzy else reference)]
    known = {
        "context": entry.msgctxt or "",
        "note": " | ".join(filter(None, (" ".join(text.split()) for text in (entry.comment, entry.tcomment)))),
        "occurrences": " ".join(f"{file}:{line}" if line else file for file, line in entry.occurrences),
    }
    return Row(where, name, texts[0], tuple(filter(None, texts[1:])), segment={k: v for k, v in known.items() if v})


def _one_line(text: str, where: str, counts: Counter[str]) -> str:
    plain = _SPACE.sub(" ", text).strip(" ")
    plain = "" if is_blank(plain) else plain
    check_text(plain, where)
    counts.update({COLLAPSED: 1} if plain != text else {})
    return plain


def _parsed(path: Path) -> Any:
    try:
        polib = importlib.import_module("polib")
    except ImportError:
        raise UsageError("reading PO needs the package 'polib'", hint=INSTALL) from None
    data = read_bytes(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path}: UTF-16, which gettext does not read", hint="iconv -f UTF-16 -t UTF-8")
    declared = _CHARSET.search(data)
    encoding = declared[1].decode("ascii") if declared and declared[1].decode("ascii") != _PLACEHOLDER else "utf-8"
    try:
        text = data.decode("utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: not {encoding}, which its header declares: {getattr(error, 'reason', error)}",
            hint="correct the charset in the header, or convert the file: msgconv --to-code=UTF-8",
        ) from None
    if not is_po(text):
        raise DataError(f"{path}: not a PO file: it has no msgid and msgstr", hint="check that it is the right file")
    text = _KEYWORD_ALONE.sub(r"\1 ", text.replace("\r\n", "\n"))
    lines = text.split("\n")
    wrong = next((number for number, line in enumerate(lines, start=1) if not _LINE.fullmatch(line)), 0)
    if wrong:  # polib would cut the text of such a line
        raise DataError(f"{path}:{wrong}: no line of a PO file: {lines[wrong - 1][:60]!r}", hint=_CHECK)
    try:
        return polib.pofile(_COMMENT.sub("# ", text) + "\n")
    except (OSError, UnicodeError, ValueError, IndexError, KeyError) as error:
        line = re.search(r"line (\d+)", str(error))
        raise DataError(f"{path}{f':{line[1]}' if line else ''}: not well-formed PO: {error}", hint=_CHECK) from None


def _locale_tag(written: str) -> str:
    """``sr@latin`` is ``sr-Latn``; encodings and other variants of a locale say nothing of the language."""
    locale, _, variant = written.partition("@")
    return locale.partition(".")[0] + _SCRIPTS.get(variant.lower(), "")


def _check_languages(header: dict[str, str], path: Path, pair: LangPair) -> None:
    for field, side in _LANGUAGES:
        written = header.get(field, "").strip()
        wanted = getattr(pair, side)
        if written and not fits(wanted, tag_of(_locale_tag(written), f"{path}: {field}")):
            raise DataError(
                f"{path}: {field} is '{written}', but the {side} of the pair is '{wanted}'",
                hint="give the languages of the file with --pair",
            )


PO = Importer(read_po, suffixes=("po", "pot"), recognises=lambda head: is_po(head.text) and head.suffix != "txt")
