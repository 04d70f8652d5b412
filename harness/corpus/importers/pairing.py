"""Files sorted into articles by their names: ``a.de.txt`` and ``a.en.txt``, ``b_german.txt`` and ``b_english.txt``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.corpus.language_names import Side, normal, side_named
from harness.errors import DataError, UsageError
from harness.types import LangPair, Note

_PART = re.compile(r"[^._\-\s()\[\]]+")
_ROLE = re.compile(
    r"(?:src|source|orig|original|ref|reference|tgt|trg|target|translation|hyp)(?:(?P<number>[0-9]+)|(?P<letter>[a-h]))?"
)
_DIGIT = re.compile("[0-9]")
_SUFFIXES = ("txt", "docx", "docm", "html", "htm", "xhtml", "srt", "vtt")
_MOST_PARTS = 3
"""Of the name of one language: ``zh_Hant_TW``."""


@dataclass(frozen=True, slots=True)
class ArticleFileGroup:
    """The files of one article."""

    name: str
    """What their names share; empty where they share nothing."""
    source: Path
    references: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """The source, then the references."""
        return self.source, *self.references


@dataclass(frozen=True, slots=True)
class _Named:
    path: Path
    side: Side
    rest: str
    number: int = 1
    """Of the reference; 1 where the name has none."""


def group_files(files: Sequence[Path], pair: LangPair) -> tuple[tuple[ArticleFileGroup, ...], tuple[Note, ...]]:
    """Sort files into articles.

    If every file says its language, by a part of its name or by its folder, those that differ in nothing else
    belong together, in any order; references go by their numbers (``a.en.txt``, ``a.en.2.txt``). If none does, or
    the first alone as the source, they are one article: the source, then its references. Of two files it is enough
    that one says its language.

    Raises:
        DataError: a file has no partner, or two are the source of one article.
        UsageError: several files, of which only some say their language.
    """
    named = [_read_name(path, pair) for path in files]
    silent = [name.path for name in named if name.side == "neither"]
    only_source = len(silent) == len(files) - 1 and named[0].side == "source"
    if len(files) < 2 or len(silent) == len(files) or only_source:
        return (ArticleFileGroup("", files[0], tuple(files[1:])),), ()
    if silent and len(files) == 2:
        return (_two(named),), ()
    if silent:
        raise UsageError(
            f"{silent[0]}: its name does not say which language of {pair} it is in, but that of {_first(named)} does",
            hint=f"name the files like article.{pair.source_file_tag}.txt and article.{pair.target_file_tag}.txt",
        )
    groups: dict[str, list[_Named]] = {}
    for name in named:
        groups.setdefault(name.rest, []).append(name)
    if len(groups) == 2 == len(files) and {name.side for name in named} == {"source", "target"}:
        return (_two(named),), (Note(str(files[0]), f"paired with {files[1].name}, although their names differ"),)
    return tuple(_group(rest, members, pair) for rest, members in groups.items()), ()


def article_of(path: Path, pair: LangPair) -> str:
    """The name of a file without its suffix, and without the languages of the pair at its end."""
    name = _without_language(path.name, pair)
    if name == path.name:  # its suffix is no language
        name = path.name.removesuffix(path.suffix)
    while (shorter := _without_language(name, pair)) != name:
        name = shorter
    return name


def _without_language(name: str, pair: LangPair) -> str:
    """A name without the language that it ends in; something of it is always left."""
    parts = list(_PART.finditer(name))
    for size in range(min(_MOST_PARTS, len(parts) - 1), 0, -1):
        begin = parts[-size].start()
        if side_named(name[begin:], pair) != "neither":
            return name[:begin].rstrip("._- ([")
    return name


def _read_name(path: Path, pair: LangPair) -> _Named:
    """The side a file is on, and what else its name says, without words such as ``ref``."""
    parts = [match[0] for match in _PART.finditer(path.name)]
    for end in range(len(parts), 0, -1):
        for begin in range(max(0, end - _MOST_PARTS), end):
            side = side_named("-".join(parts[begin:end]), pair)
            if side != "neither":
                return _Named(path, side, *_rest_and_number(parts, begin, end))
    return _Named(path, side_named(path.parent.name, pair), *_rest_and_number(parts, len(parts), len(parts)))


def _rest_and_number(parts: Sequence[str], begin: int, end: int) -> tuple[str, int]:
    """What a name says besides its language (``parts[begin:end]``), and the number of the reference.

    A digit is that number only directly behind the language or a word such as ``ref``: ``chapter-1`` is an article.
    """
    rest: list[str] = []
    number = 1
    is_behind_role = False
    for index, part in enumerate(parts):
        if begin <= index < end:
            is_behind_role = True
        elif role := _ROLE.fullmatch(part.casefold()):
            number = int(role["number"]) if role["number"] else number
            number = "abcdefgh".index(role["letter"]) + 1 if role["letter"] else number
            is_behind_role = True
        elif is_behind_role and _DIGIT.fullmatch(part):
            number = int(part)
            is_behind_role = False
        else:
            rest.append(part)
            is_behind_role = False
    return normal("-".join(rest[:-1] if rest and rest[-1].casefold() in _SUFFIXES else rest)), number


def _two(named: Sequence[_Named]) -> ArticleFileGroup:
    """Two files of which at least one says its language."""
    first, second = named
    swapped = first.side == "target" or (first.side == "neither" and second.side == "source")
    source, reference = (second, first) if swapped else (first, second)
    return ArticleFileGroup("", source.path, (reference.path,))


def _group(rest: str, members: Sequence[_Named], pair: LangPair) -> ArticleFileGroup:
    sources = [member.path for member in members if member.side == "source"]
    by_number = sorted(members, key=lambda member: member.number)
    references = tuple(member.path for member in by_number if member.side == "target")
    if len(sources) > 1:
        raise DataError(
            f"{sources[0]} and {sources[1]} are both the {pair.source} of '{rest}'", hint="import one of them"
        )
    if not sources or not references:
        path, missing = (sources or references)[0], pair.target if sources else pair.source
        raise DataError(
            f"{path}: no file of these is its partner in {missing}",
            hint="partners differ only in the language in their names; import a source alone in a command of its own",
        )
    return ArticleFileGroup(rest, sources[0], references)


def _first(named: Sequence[_Named]) -> Path:
    return next(name.path for name in named if name.side != "neither")
