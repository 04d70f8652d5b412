"""The contract suite for an importer: what :class:`harness.corpus.importers.model.Reader` promises.

::

    def test_contract(tmp_path):
        importer_contract(read_mine, tmp_path, {"news.mine": b"..."}, malformed=[{"news.mine": b"..."}])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.corpus.importers.model import Imported, Reader, Request
from harness.corpus.write import write_articles
from harness.errors import DataError
from harness.testing.contract import ContractError, require
from harness.types import LangPair

GARBAGE = (b"", b"\xff\xfe\x00\xd8garbage\x00", b"\x00" * 64)
"""No file of any format."""


def importer_contract(
    read: Reader,
    folder: Path,
    good: Mapping[str, bytes],
    *,
    malformed: Sequence[Mapping[str, bytes]],
    pair: LangPair = LangPair("de", "en"),  # noqa: B008 - it is frozen
) -> None:
    """Check that good files are read whole, and that every other is refused by name and never guessed at.

    Args:
        read: the importer.
        folder: an empty folder to write the files to.
        good: names and contents of files that are imported together, in this order.
        malformed: files that break a rule of the format, as ``good``; at least one set.
        pair: the language pair of all.

    Raises:
        ContractError: names what is broken.
    """
    require(bool(malformed), "give at least one malformed file: an importer that takes anything must fail")
    files = _written(folder / "good", good)
    first, second = read(Request(files, pair)), read(Request(files, pair))
    require(first == second, "the same files are read differently the second time")
    _check_untouched(folder / "good", good)
    _check_articles(first, files)
    try:
        write_articles(folder / "references", pair, first.articles)
    except DataError as error:
        raise ContractError(f"what was read cannot be a reference article: {error}") from error
    for number, contents in enumerate(malformed):
        _check_refused(read, _written(folder / f"malformed-{number}", contents), pair)
    for number, garbage in enumerate(GARBAGE):
        wrong = dict.fromkeys(good, garbage)
        _check_refused(read, _written(folder / f"garbage-{number}", wrong), pair)
    _check_refused(read, tuple(folder / "nowhere" / name for name in good), pair)


def _written(folder: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    folder.mkdir(parents=True)
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in contents)


def _check_untouched(folder: Path, contents: Mapping[str, bytes]) -> None:
    now = {path.name: path.read_bytes() for path in folder.iterdir()}
    require(now == dict(contents), "reading changes the files, or leaves some beside them")


def _check_articles(imported: Imported, files: Sequence[Path]) -> None:
    require(bool(imported.articles), "no article was read, and nothing was raised")
    for article in imported.articles:
        require(bool(article.paragraphs) and all(article.paragraphs), f"'{article.id}' has an empty paragraph, or none")
        for segment in (segment for paragraph in article.paragraphs for segment in paragraph):
            require(bool(segment.source), f"{segment.where}: a segment without source")
            require(all(segment.references.values()), f"{segment.where}: an empty reference; leave its number out")
            require(all(number >= 1 for number in segment.references), f"{segment.where}: references count from 1")
            named = any(path.name in segment.where for path in files)
            require(named, f"'where' names no file that was read: {segment.where!r}")


def _check_refused(read: Reader, files: tuple[Path, ...], pair: LangPair) -> None:
    shown = ", ".join(str(path) for path in files)
    try:
        imported = read(Request(files, pair))
    except DataError as error:
        named = any(path.name in str(error) for path in files)
        require(named, f"the refusal of {shown} does not name the file: {error}")
    except Exception as error:
        raise ContractError(f"{shown}: it raised {type(error).__name__}, not DataError: {error}") from error
    else:
        raise ContractError(f"{shown}: malformed, and read as {len(imported.articles)} article(s)")
