"""SRT and VTT: the subtitles of the source, then those of its translations; every cue is a segment."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.corpus.documents.segment import join_sentences
from harness.corpus.importers.foreign import is_subtitles
from harness.corpus.importers.markup import read_bytes
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.rows import Row, articles_from_rows, default_name, given_name
from harness.corpus.importers.unit_errors import in_unit
from harness.corpus.text import check_text, is_blank
from harness.errors import DataError
from harness.types import Note

LEAST_SHARE: Final = 0.5
"""Of the cues of the source that must have a partner; with fewer, the files are hardly of one film."""

_MOST_AT_ONCE = 50

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAGS = re.compile(r"</?(?:[a-zA-Z][^<>]*|\d[\d:.]*)>|\{\\[^{}]*\}|\{/?[a-z]:[^{}]*\}")
_SPACE = re.compile("[ \t\f\v\x85\u2028\u2029]+")
_VTT_BLOCKS = ("NOTE", "STYLE", "REGION")
_TAGS_OUT = "formatting tags left out"
_EMPTY = "cues without text left out"


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle."""

    line: int
    start: int
    """In milliseconds."""
    end: int
    text: str
    """On one line; never empty."""

    def overlap(self, other: Cue) -> int:
        """Milliseconds in which both are shown; negative: the pause between them."""
        return min(self.end, other.end) - max(self.start, other.start)

    def mostly_in(self, other: Cue) -> bool:
        """Whether the other one is shown for more than half of the time of this one."""
        return 2 * self.overlap(other) > self.end - self.start


def read_subtitles(request: Request) -> Imported:
    """Read subtitles; one article.

    As many cues, each shown at the same time as its namesake, are paired by number. Otherwise each cue of the source
    is paired with the cue whose time fits it best, if that is true the other way round, too. Cues of a translation
    that lie mostly inside one cue of the source are joined. Cues of the source that one cue translates together have
    no reference, nor have those without a partner; all of this is counted.

    Raises:
        DataError: a file is not UTF-8 or UTF-16, a time cannot be read, or most cues have no partner.
    """
    notes: list[Note] = []
    source, *references = (_read(path, notes) for path in request.files)
    partners = [
        _pairs(source, cues, (request.files[0], path), request.pair.target, notes)
        for cues, path in _with_paths(references, request)
    ]
    name = given_name(request.article) or default_name(request.files[0], request.pair)
    rows = [
        Row(
            f"{request.files[0]}:{cue.line}",
            name,
            cue.text,
            tuple(texts.get(index, "") for texts in partners),
            segment={"id": str(index + 1), "time": f"{_clock(cue.start)} --> {_clock(cue.end)}"},
        )
        for index, cue in enumerate(source)
    ]
    articles, renamed = articles_from_rows(rows)
    return Imported(articles, (*notes, *renamed))


def _with_paths(references: Sequence[list[Cue]], request: Request) -> Iterator[tuple[list[Cue], Path]]:
    return zip(references, request.files[1:], strict=True)


def _pairs(
    source: list[Cue], target: list[Cue], paths: tuple[Path, Path], language: str, notes: list[Note]
) -> dict[int, str]:
    """The translation of each cue of the source, by its index."""
    if len(source) == len(target) and all(a.overlap(b) > 0 for a, b in zip(source, target, strict=True)):
        return {index: cue.text for index, cue in enumerate(target)}
    first, second = paths
    to_target, to_source = _best(source, target)
    if (mutual := sum(to_source.get(partner) == index for index, partner in to_target.items())) < LEAST_SHARE * len(
        source
    ):
        raise DataError(
            f"{first} has {len(source)} cues, {second} has {len(target)}, and only {mutual} are shown at the same time",
            hint="check that both are of one film and one version of it",
        )
    merged = Counter(partner for index, partner in to_target.items() if source[index].mostly_in(target[partner]))
    parts: dict[int, list[int]] = {}
    for partner, index in to_source.items():
        if merged[partner] < 2 and (to_target[index] == partner or target[partner].mostly_in(source[index])):
            parts.setdefault(index, []).append(partner)
    used = sum(map(len, parts.values()))
    counts = {
        (first, f"cues without a partner in {second.name}, so without a reference"): len(source) - len(parts),
        (second, f"cues that translate several of {first.name}, left out"): sum(n > 1 for n in merged.values()),
        (second, f"cues joined, because they translate one of {first.name}"): used
        - len(parts)
        + sum(len(partners) > 1 for partners in parts.values()),
        (second, f"cues without a partner in {first.name}, left out"): len(target)
        - used
        - sum(n > 1 for n in merged.values()),
    }
    notes += [Note(str(path), f"{what}: {count}") for (path, what), count in counts.items() if count]
    return {
        index: join_sentences([target[partner].text for partner in sorted(partners)], language)
        for index, partners in parts.items()
    }


def _best(source: list[Cue], target: list[Cue]) -> tuple[dict[int, int], dict[int, int]]:
    """For each cue the one of the other file whose time fits it best: first by source cue, then by target cue.

    The fit is the time in which both are shown by the time in which any of them is, so that a cue that stays on the
    screen for the whole film is no partner of every other. None for cues with which no other is shown.
    """
    best: tuple[dict[int, tuple[float, int]], dict[int, tuple[float, int]]] = ({}, {})
    for index, partner in _shown_together(source, target):
        one, other = source[index], target[partner]
        fit = one.overlap(other) / (max(one.end, other.end) - min(one.start, other.start))
        best[0][index] = max(best[0].get(index, (0.0, 0)), (fit, -partner))
        best[1][partner] = max(best[1].get(partner, (0.0, 0)), (fit, -index))
    to_target, to_source = ({key: -number for key, (_, number) in sorted(fits.items())} for fits in best)
    return to_target, to_source


def _shown_together(source: list[Cue], target: list[Cue]) -> Iterator[tuple[int, int]]:
    """The indices of two cues that are shown at the same time, for all but absurd files.

    Of cues of one file that are shown at once, the :data:`_MOST_AT_ONCE` that began last are seen, so that the time
    this takes grows with the number of cues and no faster.
    """
    cues = (source, target)
    starts = sorted((cue.start, side, index) for side in (0, 1) for index, cue in enumerate(cues[side]))
    shown: tuple[list[int], list[int]] = ([], [])
    for start, side, index in starts:
        for number in (0, 1):
            shown[number][:] = [cue for cue in shown[number] if cues[number][cue].end > start]
        for partner in shown[1 - side]:
            yield (partner, index) if side else (index, partner)
        shown[side].append(index)
        del shown[side][:-_MOST_AT_ONCE]


def _read(path: Path, notes: list[Note]) -> list[Cue]:
    counts: Counter[str] = Counter()
    text = _decoded(path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_vtt = lines[0].startswith("WEBVTT")
    cues = [*_cues(lines, path, counts, is_vtt=is_vtt)]
    if not cues:
        raise DataError(f"{path}: no cue with text", hint="a cue is a line '00:00:01,000 --> 00:00:02,500', then text")
    notes += [Note(str(path), f"{what}: {count}") for what, count in counts.items()]
    return cues


def _cues(lines: list[str], path: Path, counts: Counter[str], *, is_vtt: bool) -> Iterator[Cue]:
    times = [
        index
        for index, line in enumerate(lines)
        if "-->" in line and (_TIMES.fullmatch(line) or not (is_vtt and _in_comment(lines, index)))
    ]
    for number, index in enumerate(times):
        where = f"{path}:{index + 1}"
        match = _TIMES.fullmatch(lines[index])
        cue = lines[index - 1] if index else ""
        if match is None:
            error = DataError(f"{where}: not a time", hint="write 00:00:01,000 --> 00:00:02,500")
            raise in_unit(error, where, cue)
        following = times[number + 1] if number + 1 < len(times) else len(lines)
        text = _text(_body(lines, index + 1, following, is_vtt=is_vtt), counts, is_vtt=is_vtt)
        try:
            check_text(text, where)
        except DataError as error:
            raise in_unit(error, where, cue) from None
        if text:
            start, end = (_milliseconds(match.groups()[at : at + 4]) for at in (0, 4))
            yield Cue(index + 1, start, max(end, start + 1), text)
        else:
            counts[_EMPTY] += 1


def _in_comment(lines: list[str], index: int) -> bool:
    """Whether the block of a line is a comment or a style."""
    while index > 0 and lines[index - 1].strip():
        index -= 1
    return lines[index].startswith(_VTT_BLOCKS)


def _body(lines: list[str], start: int, end: int, *, is_vtt: bool) -> list[str]:
    """The lines of a cue: up to an empty line that a number, a name or nothing follows before the next cue."""
    body = lines[start:end]
    while body and not body[-1].strip():
        body.pop()
    if end < len(lines) and body and (body[-1].strip().isdigit() or is_vtt):
        named = len(body) > 1 and not body[-2].strip()
        if body[-1].strip().isdigit() or named:
            body.pop()
    blank = next((index for index, line in enumerate(body) if not line.strip()), len(body))
    return body[:blank] if is_vtt else body


def _text(lines: list[str], counts: Counter[str], *, is_vtt: bool) -> str:
    text, tags = _TAGS.subn("", " ".join(lines))
    text = text.replace("\\N", " ").replace("\\n", " ")
    text = html.unescape(text) if is_vtt else text
    counts.update({_TAGS_OUT: tags} if tags else {})
    plain = _SPACE.sub(" ", text).strip(" ")
    return "" if is_blank(plain) else plain


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = parts
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _decoded(path: Path) -> str:
    data = read_bytes(path)
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise DataError(
            f"{path}: byte {error.start + 1}: not {name}", hint="convert it: iconv -f WINDOWS-1252 -t UTF-8"
        ) from None
    if "\x00" in text:
        raise DataError(f"{path}: not subtitles: it has NUL characters", hint="save the file again")
    return text


SRT = Importer(read_subtitles, suffixes=("srt", "vtt"), recognises=lambda head: is_subtitles(head.text), separate=True)
