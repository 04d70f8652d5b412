"""Which files make up a folder of reference articles: names only, no text is read."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.types import ArticleId, LangPair
from harness.workspace.languages import parse_pair

ARTICLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
ID_RULE = "an article id is letters, digits, '_' and '-', and starts with a letter or digit"

LONGEST_ID = 100
"""Characters of the ids that import gives: file names have at most 255 bytes."""

SEGMENTS_SUFFIX = ".segments.jsonl"

_TEXT_FILE = re.compile(r"(?P<id>[^.]*)\.(?P<tag>[^.]+)(?:\.(?P<number>[^.]+))?\.txt")
_NUMBER = re.compile(r"[2-9]|[1-9][0-9]+")


@dataclass(frozen=True, slots=True)
class ArticleFiles:
    """The files of one article."""

    id: ArticleId
    source: Path
    references: tuple[Path, ...]
    """The first reference, the second ...; empty when there is none."""
    metadata: tuple[Path, ...]
    """The article's TOML file, if there is one."""
    segments: tuple[Path, ...]
    """The file with what is known of its segments, if there is one."""


def list_pairs(folder: Path) -> dict[LangPair, Path]:
    """Find the pair folders of a references folder, sorted by name.

    Raises:
        DataError: the folder is missing or holds no pair, or something in it is neither pair nor README.md.
    """
    pairs: dict[LangPair, Path] = {}
    for path in _entries(folder, "to create a workspace: harness init; to use another folder: --references DIR"):
        if not path.is_dir():
            raise DataError(
                f"{path}: does not belong here",
                hint=f"put articles in the folder of their pair, such as {folder}/de-en/",
            )
        try:
            pair = parse_pair(path.name)
        except UsageError as error:
            raise DataError(f"{path}: {error}", hint=error.hint) from None
        if str(pair) != path.name:
            raise DataError(f"{path}: the pair is written '{pair}'", hint=f"rename the folder to {pair}")
        pairs[pair] = path
    if not pairs:
        raise DataError(f"{folder}: no pair folder such as de-en", hint="add articles with `harness import`")
    return pairs


def list_articles(folder: Path, pair: LangPair) -> tuple[ArticleFiles, ...]:
    """Sort the files of a pair folder into articles, ordered by id.

    Raises:
        DataError: a file fits no pattern, an article lacks its source file or skips a reference number, two ids
            differ only in case, or there is no article.
    """
    files: dict[str, dict[str, Path]] = {}
    for path in _entries(folder, ""):
        article, role = _role(path, pair)
        files.setdefault(article, {})[role] = path
    if not files:
        raise DataError(f"{folder}: no article", hint="add one with `harness import`, or remove the folder")
    check_case(files, str(folder))
    return tuple(_article(folder, pair, article, files[article]) for article in sorted(files))


def check_case(ids: Iterable[str], where: str) -> None:
    """Refuse ids that would be one file where names are compared without case.

    Raises:
        DataError: headed by ``where``.
    """
    seen: dict[str, str] = {}
    for article in ids:
        other = seen.setdefault(article.casefold(), article)
        if other != article:
            raise DataError(
                f"{where}: articles '{other}' and '{article}' differ only in case",
                hint="rename one of them; on many disks they are the same file",
            )


def file_name(article: str, tag: str, number: int) -> str:
    """The file of the source or of a reference; ``number`` is 1 for the source and the first reference."""
    return f"{article}.{tag}.txt" if number == 1 else f"{article}.{tag}.{number}.txt"


def id_of(name: str, kind: str = "article") -> str:
    """The article id that any name gives: itself, or what :func:`to_article_id` makes of it.

    Where nothing is left of the name (``новости``) or too much, a digest of it makes the id unique: the same name
    always gives the same id.

    Args:
        name: Of an article, or of a system.
        kind: What stands before the digest where nothing is left.
    """
    made = name if ARTICLE_ID.fullmatch(name) else to_article_id(name)
    if made and len(made) <= LONGEST_ID:
        return made
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{made[: LONGEST_ID - len(digest) - 1] or kind}-{digest}"


def to_article_id(text: str) -> str:
    """Make an article id of any name: accents go, every run of other characters becomes ``-``.

    Returns:
        The id, or an empty string when nothing is left.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-_")


def _entries(folder: Path, hint: str) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        raise DataError(f"{folder}: no such folder", hint=hint) from None
    except NotADirectoryError:
        raise DataError(f"{folder}: is a file, not a folder", hint=hint) from None
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror or error}") from error
    return [path for path in entries if path.name != "README.md" and not path.name.startswith(".")]


def _role(path: Path, pair: LangPair) -> tuple[str, str]:
    """Article id and role (``source``, ``metadata``, ``segments``, or the number of the reference) of a file."""
    source, target = pair.source_file_tag, pair.target_file_tag
    pattern = f"<article>.{source}.txt, <article>.{target}.txt, <article>.{target}.2.txt or <article>.toml"
    stray = DataError(f"{path}: does not belong here", hint=f"the files of an article are {pattern}")
    if path.is_dir():
        raise stray
    if path.name.endswith(SEGMENTS_SUFFIX):
        return _checked_id(path.name.removesuffix(SEGMENTS_SUFFIX), path), "segments"
    if path.suffix == ".toml":
        return _checked_id(path.name.removesuffix(".toml"), path), "metadata"
    match = _TEXT_FILE.fullmatch(path.name)
    if not match:
        raise stray
    tag, number = match["tag"], match["number"]
    if tag not in (source, target):
        raise DataError(f"{path}: '{tag}' is neither side of {pair}", hint=f"the files of an article are {pattern}")
    article = _checked_id(match["id"], path)
    if number is None:
        return article, "source" if tag == source else "1"
    if tag == source or not _NUMBER.fullmatch(number):
        raise DataError(
            f"{path}: '{number}' is not the number of a reference",
            hint=f"the first reference has no number, the others are <article>.{target}.2.txt, .3.txt, ...",
        )
    return article, number


def _checked_id(text: str, path: Path) -> str:
    if not ARTICLE_ID.fullmatch(text):
        raise DataError(f"{path}: '{text}' is not an article id", hint=ID_RULE)
    return text


def _article(folder: Path, pair: LangPair, article: str, files: dict[str, Path]) -> ArticleFiles:
    if "source" not in files:
        missing = file_name(article, pair.source_file_tag, 1)
        raise DataError(f"{folder}: article '{article}' has no source file", hint=f"add {folder / missing}")
    numbers = sorted(int(role) for role in files if role.isdigit())
    for expected, number in enumerate(numbers, start=1):
        if expected != number:
            missing = file_name(article, pair.target_file_tag, expected)
            raise DataError(
                f"{files[str(number)]}: reference {number} exists, but reference {expected} is missing",
                hint=f"add {missing}, or rename the file to it",
            )
    return ArticleFiles(
        id=ArticleId(article),
        source=files["source"],
        references=tuple(files[str(number)] for number in numbers),
        metadata=tuple(path for role, path in files.items() if role == "metadata"),
        segments=tuple(path for role, path in files.items() if role == "segments"),
    )
