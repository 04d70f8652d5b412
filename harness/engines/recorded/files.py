"""What stands beside recorded outputs, and how outputs are recorded.

``systems/<name>/<pair>/`` holds ``<article>.txt``, line for line with the article's source; optionally
``recorded.toml`` (which engine made them, when) and ``notes.tsv`` (counts the engine made: unknown words).
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field

from harness.errors import DataError, UsageError, so_many
from harness.types import CUT_AGAIN, ArticleId, Corpus, EngineIdentity, LangPair
from harness.workspace.config import StrictModel, load_model

ABOUT = "recorded.toml"
NOTES = "notes.tsv"

LineNotes = Mapping[int, Mapping[str, int]]
"""Line to counts, of one article."""

NO_NOTES: Mapping[ArticleId, LineNotes] = MappingProxyType({})


class RecordedFile(StrictModel):
    """``recorded.toml``."""

    engine: str
    version: str = ""
    date: Annotated[dt.date, Field(strict=False)]
    options: dict[str, Any] = Field(default_factory=dict)
    notes: dict[str, str] = Field(default_factory=dict)
    """Anything a reader of the files should know; the harness only keeps it."""

    def __str__(self) -> str:
        """``recorded 2026-11-23, apertium 3.8.3``: the origin in reports; also whether segments are not its own."""
        recut = CUT_AGAIN if self.options.get("recut") is True else ""
        return f"recorded {self.date.isoformat()}, {self.engine} {self.version}".rstrip() + recut


FILES_KEPT = 4096


def origin(folder: Path) -> str:
    """Where the files in a pair's folder come from: ``recorded``, with date, engine and version where they are known.

    Raises:
        ConfigError: ``recorded.toml`` is wrong.
    """
    path = folder / ABOUT
    return str(load_model(RecordedFile, path)) if path.is_file() else "recorded"


def read_output(path: Path) -> tuple[str, ...]:
    """The lines of one recorded file: strict about line ends, tolerant of odd characters an engine may write.

    Raises:
        DataError: it cannot be read; the message names file and line.
    """
    try:
        state = path.stat()
    except OSError:
        return _read(path, 0, 0)  # says what is wrong
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=FILES_KEPT)
def _read(path: Path, changed: int, size: int) -> tuple[str, ...]:
    """Planning checks a file and translating reads it: once, as long as it stays what it was."""
    from harness.corpus.text import read_lines

    del changed, size
    return read_lines(path, bom="keep", controls="keep").lines


def read_notes(folder: Path) -> dict[ArticleId, dict[int, dict[str, int]]]:
    """Read ``notes.tsv``: ``article``, ``line`` and one column for each count. Lines that are not listed count 0.

    Raises:
        DataError: it is not of that form.
    """
    path = folder / NOTES
    if not path.is_file():
        return {}
    header, *rows = [line.split("\t") for line in read_output(path)]
    notes: dict[ArticleId, dict[int, dict[str, int]]] = {}
    for number, row in enumerate(rows, 2):
        try:
            article, line, *counts = row
            values = dict(zip(header[2:], map(int, counts), strict=True))
            notes.setdefault(ArticleId(article), {})[int(line)] = values
        except ValueError:
            raise DataError(f"{path}:{number}: expected an article, a line and {len(header) - 2} counts") from None
    return notes


def note_names(folder: Path) -> tuple[str, ...]:
    """The counts ``notes.tsv`` has columns for."""
    path = folder / NOTES
    return tuple(read_output(path)[0].split("\t")[2:]) if path.is_file() else ()


def check_recording(folder: Path, corpus: Corpus) -> None:
    """Compare recorded files with the articles they answer, before any of them is scored.

    Args:
        folder: ``systems/<name>/``.
        corpus: The articles. A file that is missing is not an error here: its segments fail one by one.

    Raises:
        DataError: files that are longer or shorter than their source, with both counts.
    """
    problems = []
    for article in corpus.articles:
        path = folder / str(corpus.pair) / f"{article.id}.txt"
        if not path.is_file():
            continue
        expected = article.segments[-1].line
        lines = list(read_output(path))
        while len(lines) > expected and not lines[-1]:
            lines.pop()
        if len(lines) != expected:
            problems.append(f"{path} has {so_many(len(lines), 'line')}, its source has {expected}")
    if problems:
        raise DataError(
            "\n".join(problems), hint="write one line for each line of the source, and keep empty lines empty"
        )


def write_recording(  # noqa: PLR0917 - what, who and when, in this order
    folder: Path,
    pair: LangPair,
    article_lines: Mapping[ArticleId, Sequence[str]],
    identity: EngineIdentity,
    date: str,
    notes: Mapping[ArticleId, LineNotes] = NO_NOTES,
) -> None:
    """Keep an engine's outputs in ``folder`` (``systems/<name>/``), each file whole or not at all.

    Args:
        folder: The system's folder; made when it is not there.
        pair: The language pair.
        article_lines: Every line of each article's source file, translated; empty where the source is.
        identity: What answered.
        date: ISO 8601.
        notes: Counts the engine made, by article and line.

    Raises:
        DataError: a text cannot be kept as one line of a text file; nothing was written.
        UsageError: recorded files of other articles would be left behind that another version has made.
    """
    target = folder / str(pair)
    given = {key: value for key, value in identity.options.items() if value is not None}  # TOML has no null
    about = {"engine": identity.engine, "version": identity.version, "options": given}
    _refuse_mixture(target, {f"{article}.txt" for article in article_lines}, about)
    contents = {f"{article}.txt": "".join(f"{line}\n" for line in lines) for article, lines in article_lines.items()}
    others = {article: lines for article, lines in read_notes(target).items() if article not in article_lines}
    counted = {
        (article, line): counts for article, lines in {**others, **notes}.items() for line, counts in lines.items()
    }
    names = sorted({name for counts in counted.values() for name in counts})
    if names:
        rows = [
            "\t".join(map(str, (article, line, *(counts.get(name, 0) for name in names))))
            for (article, line), counts in sorted(counted.items())
            if any(counts.values())
        ]
        contents[NOTES] = "".join(f"{row}\n" for row in ["\t".join(["article", "line", *names]), *rows])
    contents[ABOUT] = (
        f"engine = {_toml(identity.engine)}\nversion = {_toml(identity.version)}\n"
        f"date = {dt.date.fromisoformat(date).isoformat()}\n\n[options]\n"
        + "".join(f"{_toml(key)} = {_toml(value)}\n" for key, value in given.items())
    )

    target.mkdir(parents=True, exist_ok=True)
    temporary = {name: target / f".{name}.{os.getpid()}.tmp" for name in contents}
    try:
        for name, text in contents.items():
            temporary[name].write_bytes(text.encode("utf-8", "surrogatepass"))
        for article, lines in article_lines.items():
            _check_kept(temporary[f"{article}.txt"], target / f"{article}.txt", lines)
        if not names:
            (target / NOTES).unlink(missing_ok=True)
        for name, path in temporary.items():
            path.replace(target / name)
    finally:
        for path in temporary.values():
            path.unlink(missing_ok=True)


def unkeepable(text: str) -> str:
    """Why a translation cannot be one line of a recorded file; empty where it can."""
    from harness.corpus.text import line_fault

    return line_fault(text, bom="keep", controls="keep")


def _check_kept(written: Path, final: Path, lines: Sequence[str]) -> None:
    try:
        kept = read_output(written)
    except DataError as error:
        raise DataError(
            str(error).replace(str(written), str(final)), hint="this output cannot be stored as text"
        ) from None
    if kept != tuple(lines):
        raise DataError(f"{final}: a translation has a line break, so it cannot be stored as one line")


def _refuse_mixture(target: Path, names: set[str], about: Mapping[str, Any]) -> None:
    left = sorted(path.name for path in target.glob("*.txt") if path.name not in names)
    if not left:
        return
    path = target / ABOUT
    before = (
        load_model(RecordedFile, path).model_dump(include={"engine", "version", "options"}) if path.is_file() else {}
    )
    if before != about:
        raise UsageError(
            f"{target} would mix outputs of two engines or versions: {', '.join(left)} would not be replaced",
            hint="record every article, or delete the folder first",
        )


def _toml(value: object) -> str:
    """A TOML value; JSON's strings, numbers, booleans and arrays are TOML as they stand."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
