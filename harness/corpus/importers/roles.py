"""What is in which column of a table: as ``--columns`` says, otherwise as the headings say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from harness.corpus.importers.rows import META_FIELDS
from harness.corpus.language_names import normal, side_named
from harness.errors import DataError, UsageError
from harness.types import LangPair
from harness.workspace.registry import suggestion

_WORDS: Mapping[str, str] = {
    "source": "source src source-text source-string source-segment source-sentence src-text "
    "quelltext ausgangstext quelle original originaltext ausgangssprache",
    "reference": "reference ref target tgt trg reference-text ref-text target-text tgt-text trg-text target-string "
    "target-segment target-sentence translation human-translation zieltext zielsprache ziel referenz "
    "referenz-übersetzung übersetzung humanübersetzung",
    "article": "article article-id document-id documentid doc-id docid document doc",
    "segment": "segment segment-id segmentid seg-id segid id key string-id identifier",
    "paragraph": "paragraph paragraph-id par-id",
    "skip": "is-bad-source",
    "pair": "lp language-pair langpair lang-pair",
    "source language": "source-lang source-language src-lang",
    "target language": "target-lang target-language tgt-lang trg-lang",
    "system": "system system-id sysid system-name mt-system",
}
"""Headings of each role, the clearest first."""

_OUTPUT = ("mt", "hyp", "hypothesis", "mt-output", "machine-translation", "maschinelle-übersetzung")
_BESIDE = (
    "source src target tgt trg reference references ref text texts sentence sentences segment string strings "
    "translation translations value content original"
)
_AROUND = frozenset(_BESIDE.split())
"""Words that may stand beside the name of a language, as in ``text_en``."""

_SOLE = ("article", "segment", "paragraph", "skip", "pair", "source language", "target language", "system")
_ASKED_FOR = frozenset({"article", "segment", "paragraph", "skip", "pair"})
_MADE_BY_ANYBODY = frozenset({"target", "tgt", "trg", "translation", "target-text", "target-segment", *_OUTPUT})
"""Headings of texts that are outputs where another column names the system of each row."""

_OF_RATINGS = frozenset({"rater", "category", "severity"})
_OF_APPRAISE = frozenset({"TGT", "BAD", "CHK", "REF"})
_DATA = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|True|False|[\[{].*[\]}]")
"""What no heading is: a number with decimals, a truth value, JSON."""

_NUMBERED = re.compile(r"(?:references?|ref|target|tgt|trg)-?(?:(?P<number>[1-9][0-9]*)|(?P<letter>[a-h]))")
_ASKED_REFERENCE = re.compile(r"reference([2-9]|[1-9][0-9]+)?")
_NO_HEADER = "or --no-header, if the first row is data and not headings"
_EXAMPLE = "--columns source=COLUMN,reference=COLUMN"


@dataclass(frozen=True, slots=True)
class Roles:
    """The columns of a table by what they hold."""

    columns: Mapping[str, str]
    """``source``, ``article``, ``segment``, ``paragraph``, ``skip``, ``pair``, keys of articles; no key without one."""
    references: tuple[str, ...]
    """The first reference, the second ..."""
    systems: Mapping[str, str]
    """By name of the system."""
    kept: tuple[str, ...]
    """All other columns, in their order."""


def assign_roles(columns: Sequence[str], asked: Mapping[str, str], pair: LangPair, where: str) -> Roles:
    """Find out what is in which column.

    A role that ``asked`` names is taken from there. If it names a text (source, reference, system), no other texts
    are looked for, except the source. Two columns headed by the two languages of the pair are the texts; otherwise
    the well-known words are.

    Args:
        columns: Headings, none twice.
        asked: Role to heading, or to the number of the column.
        pair: Its languages may be headings.
        where: For messages.

    Raises:
        UsageError: ``asked`` names an unknown role, or a column that is not there.
        DataError: no source, or two columns that may be the same text.
    """
    if not asked:
        _refuse_ratings(columns, where)
    roles = {_role(role): _column(columns, name, where) for role, name in asked.items()}
    left = [column for column in columns if column not in roles.values()]
    texts = [role for role in roles if role == "source" or role.startswith(("reference", "system:"))]
    if not texts:
        roles |= _texts(left, pair, where)
    elif "source" not in roles:
        roles |= {role: column for role, column in _texts(left, pair, where).items() if role == "source"}
    if "source" not in roles:
        raise DataError(
            f"{where}: no column is known as the source text; there are: {_listing(columns)}",
            hint=f"say which it is: {_EXAMPLE}" + (f"; {_NO_HEADER}" if where[-1].isdecimal() else ""),
        )
    left = [column for column in left if column not in roles.values()]
    for role in (*_SOLE, *META_FIELDS):
        if role not in roles:
            for column in _first(left, _WORDS.get(role, role)):
                roles[role] = column
                left.remove(column)
    if not texts:
        _refuse_slips(left, roles, where)
    if "system" in roles and not texts:
        roles = {_output_of_row(role, column): column for role, column in roles.items()}
    references = _references(roles, where)
    systems = {role.removeprefix("system:"): column for role, column in roles.items() if role.startswith("system:")}
    rest = {r: column for r, column in roles.items() if not r.startswith(("system:", "reference"))}
    return Roles(rest, references, systems, tuple(column for column in columns if column not in roles.values()))


def has_text_role(column: str, pair: LangPair) -> bool:
    """Whether a heading alone says that the column holds the source or a reference."""
    return bool(_words_role(column)) or _side(column, pair)[0] != "neither"


def _role(text: str) -> str:
    known = ("source", "reference", "reference2", *(role for role in _SOLE if role in _ASKED_FOR), *META_FIELDS)
    if text in known or _ASKED_REFERENCE.fullmatch(text) or (text.startswith("system:") and text != "system:"):
        return text
    if text == "system":
        raise UsageError("--columns: system has no name", hint="write system:NAME=COLUMN")
    raise UsageError(f"--columns: unknown role '{text}'", hint=suggestion(text, [*known, "system:NAME"]))


def _column(columns: Sequence[str], name: str, where: str) -> str:
    if name in columns:
        return name
    alike = [column for column in columns if normal(column) == normal(name) and normal(name)]
    if len(alike) == 1:
        return alike[0]
    if name.isascii() and name.isdigit() and 1 <= int(name) <= len(columns):
        return columns[int(name) - 1]
    raise UsageError(
        f"{where}: no column '{name}'; there are: {_listing(columns)}", hint="name one of them, or its number"
    )


def _texts(columns: Sequence[str], pair: LangPair, where: str) -> dict[str, str]:
    """Source, references and outputs by the headings; what is not there is absent."""
    by_language = dict(_by_language(columns, pair, where))
    if len(by_language) == 2:
        return by_language | dict(_outputs(columns, by_language))
    roles: dict[str, str] = {}
    for column in columns:
        role = _words_role(column)
        if role and roles.setdefault(role, column) != column:
            raise _ambiguous(role, roles[role], column, where)
    by_language = {side: column for side, column in by_language.items() if side not in roles}
    return roles | by_language | dict(_outputs(columns, roles | by_language))


def _words_role(column: str) -> str:
    key = normal(column)
    match = _NUMBERED.fullmatch(key)
    if match:
        number = int(match["number"]) if match["number"] else "abcdefgh".index(match["letter"]) + 1
        return "reference" if number == 1 else f"reference{number}"
    return next((role for role in ("source", "reference") if key in _WORDS[role].split()), "")


def _by_language(columns: Sequence[str], pair: LangPair, where: str) -> Iterator[tuple[str, str]]:
    sides = {column: _side(column, pair) for column in columns}
    for side, role in (("source", "source"), ("target", "reference")):
        found = [(rank, column) for column, (name, rank) in sides.items() if name == side]
        best = [column for rank, column in found if rank == min(rank for rank, _ in found)]
        if len(best) > 1:
            raise _ambiguous(role, best[0], best[1], where)
        if best:
            yield role, best[0]


def _side(column: str, pair: LangPair) -> tuple[str, int]:
    """The side that a heading names, and how directly: 0 by itself, 1 among other words."""
    if normal(column) == normal(str(pair)):  # also a tag: en-fr is English of France
        return "neither", 0
    side = side_named(column, pair)
    if side != "neither":
        return side, 0
    parts = normal(column).split("-")
    kept = [part for part in parts if part not in _AROUND]
    return (side_named("-".join(kept), pair) if kept != parts else "neither"), 1


def _outputs(columns: Sequence[str], roles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in columns:
        prefix, colon, name = column.partition(":")
        if column in roles.values():
            continue
        if prefix.strip().casefold() == "system" and colon and name.strip():
            yield f"system:{name.strip()}", column
        elif normal(column) in _OUTPUT:
            yield f"system:{column.strip()}", column


def _first(columns: Sequence[str], words: str) -> list[str]:
    for word in words.split():
        for column in columns:
            if normal(column) == word:
                return [column]
    return []


def _output_of_row(role: str, column: str) -> str:
    """The role ``output`` for a text of the system that its row names: never a reference."""
    text = role == "reference" or role.startswith("system:")
    return "output" if text and normal(column) in _MADE_BY_ANYBODY else role


def _references(roles: Mapping[str, str], where: str) -> tuple[str, ...]:
    """The columns of the references by their number, whatever their order in the file."""
    numbers = {int(role.removeprefix("reference") or 1): role for role in roles if role.startswith("reference")}
    for expected, number in enumerate(sorted(numbers), start=1):
        if expected != number:
            missing = "reference" if expected == 1 else f"reference{expected}"
            raise DataError(
                f"{where}: there is a column '{roles[numbers[number]]}', but no column '{missing}'",
                hint=f"rename it to {missing}",
            )
    return tuple(roles[numbers[number]] for number in sorted(numbers))


def _refuse_ratings(columns: Sequence[str], where: str) -> None:
    """Refuse tables of ratings, whose texts have marks of errors, and rows of data in place of headings."""
    if {normal(column) for column in columns} >= _OF_RATINGS:
        raise DataError(
            f"{where}: these are ratings (MQM); errors are marked in their texts",
            hint="read them with --scores, and import the texts from the test set itself",
        )
    data = next((column for column in columns if _DATA.fullmatch(column)), "")
    if data:
        hint = "--no-header reads the first row as data: --columns source=1,reference=2"
        ratings = "; ratings, as of Appraise, are read by --scores" if _OF_APPRAISE & set(columns) else ""
        raise DataError(f"{where}: the first row is data, not headings: '{data}'", hint=hint + ratings)


def _refuse_slips(columns: Sequence[str], roles: Mapping[str, str], where: str) -> None:
    """Refuse a heading that is nearly one of a text that is missing: it would be kept as metadata without notice."""
    for column in columns:
        for role in ("reference", "source"):
            if role not in roles and get_close_matches(normal(column), _WORDS[role].split(), cutoff=0.88):
                hint = f"rename it, or say what it is: --columns {role}={column}"
                raise DataError(f"{where}: unknown column '{column}', nearly '{role}'", hint=hint)


def _ambiguous(role: str, one: str, other: str, where: str) -> DataError:
    return DataError(f"{where}: both '{one}' and '{other}' may be the {role}", hint=f"say which it is: {_EXAMPLE}")


def _listing(columns: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(column[:40] for column in columns[:most])
    return f"{shown}, and {len(columns) - most} more" if len(columns) > most else shown
