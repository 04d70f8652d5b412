"""``blind-xlsx``: a workbook for linguists, who rate systems whose names they do not see; read back with its key.

A row for each segment with id, article, source, a reference where there is any, then a column for each system's text
and one for its score (0 to 100, checked by the sheet), the best of the row (a list to choose from) and a comment. Which
system stands under ``A`` is drawn by the seed for every row anew. The key to it is a file of its own, ``….key.json``:
keep it from the raters, and beside the workbook when its scores are read. An attention check, where there is one,
stands under a letter of its own, among the others.

A missing output is an empty, grey cell without a place for a score; a missing reference is an empty cell. Text is text:
nothing becomes a formula or a link, even if somebody edits the cell. A cell holds 32,767 characters; what is longer is
cut, says so, and is counted in a note.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
from datetime import UTC, datetime
from typing import Any

from harness.errors import UsageError
from harness.reports.exporters.interface import DamagedCopy, Exported, Handoff
from harness.reports.exporters.texts import Cleaner, xml_text
from harness.reports.formats.csv import FORMULA_STARTS
from harness.reports.formats.optional import need
from harness.store.runs.result import SystemResult
from harness.types import Note, SegmentId

FORMAT = "blind-xlsx"

SHEET, ABOUT = "Rating", "About"

MOST_SYSTEMS = 26
"""Letters that stand for them."""

MOST_UNITS = 32_767
"""UTF-16 units in a cell (Excel's specifications and limits)."""

CUT = " [cut: too long for a cell]"

BEST, COMMENT, EQUAL = "best", "comment", "equal"

HOW_TO = (
    "Rate every translation from 0 (no meaning is left) to 100 (perfect in meaning and style) in the column beside it.",
    "66 is good with small faults, 33 keeps the gist but has serious faults. Leave a cell empty if you cannot say.",
    f"Choose the best of the row under '{BEST}', or '{EQUAL}'. Write remarks under '{COMMENT}'.",
    "The letters stand for another system in every row. Sort and filter as you like; the first column must stay.",
)


class BlindExporter:
    """A workbook for linguists, who rate systems whose names they do not see, and the key to it."""

    extension = "xlsx"

    def export(self, handoff: Handoff) -> Exported:
        """Both files.

        Raises:
            UsageError: XlsxWriter is not installed, or there are too many systems.
        """
        systems = handoff.result.systems
        if not 1 <= len(systems) <= MOST_SYSTEMS:
            raise UsageError(
                f"{len(systems)} systems; {FORMAT} has letters for {MOST_SYSTEMS}", hint="choose some with --system"
            )
        letters = [chr(ord("A") + index) for index in range(len(systems) + bool(handoff.checks))]
        draw = random.Random(handoff.seed)  # noqa: S311 - an order, no secret
        orders = [_drawn(handoff, segment.id, draw) for segment in handoff.result.corpus.segments]
        rows: dict[str, dict[str, str]] = {}
        checks: dict[str, dict[str, str]] = {}
        for segment, order in zip(handoff.result.corpus.segments, orders, strict=True):
            of = {
                item.name: letter
                for letter, item in zip(letters, order, strict=False)
                if isinstance(item, SystemResult)
            }
            rows[str(segment.id)] = {letter: name for name, letter in of.items()}
            for letter, item in zip(letters, order, strict=False):
                if isinstance(item, DamagedCopy):
                    checks[str(segment.id)] = {"letter": letter, "of": of[item.of]}
        key = {"run": handoff.run, "pair": str(handoff.result.pair), "seed": handoff.seed, "rows": rows}
        key |= {"checks": checks} if checks else {}
        key_data = f"{json.dumps({'format': FORMAT, **key}, ensure_ascii=False, indent=1)}\n".encode()
        clean = Cleaner(_fitting)
        data, lost = _workbook(handoff, letters, orders, hashlib.sha256(key_data).hexdigest(), clean)
        notes = (Note(FORMAT, f"missing outputs, left as empty cells: {lost}"),) if lost else ()
        changed = clean.notes(FORMAT, "cut to what a cell holds, or U+FFFD for what it cannot hold")
        return Exported({"": data, ".key.json": key_data}, (*notes, *changed))


Shown = list[SystemResult | DamagedCopy]
"""What stands in a row, letter by letter."""


def _drawn(handoff: Handoff, segment: SegmentId, draw: random.Random) -> Shown:
    check = handoff.checks.get(segment)
    shown: Shown = [*handoff.result.systems, *([check] if check else [])]
    return draw.sample(shown, len(shown))


def _fitting(text: str) -> str:
    clean = xml_text(text)
    if _units(clean) <= MOST_UNITS:
        return clean
    kept = clean.encode("utf-16-le")[: 2 * (MOST_UNITS - len(CUT))].decode("utf-16-le", "ignore")
    return f"{kept}{CUT}"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _workbook(handoff: Handoff, letters: list[str], orders: list[Shown], key: str, clean: Cleaner) -> tuple[bytes, int]:
    writer = need("xlsxwriter", FORMAT, "XlsxWriter", "xlsx")
    buffer = io.BytesIO()
    book = writer.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"Blind rating {handoff.result.pair}", "created": _created(handoff.created)})
    texts = _Texts(book, clean)
    segments = handoff.result.corpus.segments
    referenced = any(segment.references for segment in segments)
    columns = ["id", "article", "source", *(["reference"] if referenced else [])]
    first = len(columns)
    columns += [name for letter in letters for name in (letter, f"score {letter}")]
    sheet = book.add_worksheet(SHEET)
    for column, name in enumerate((*columns, BEST, COMMENT)):
        sheet.write_string(0, column, name, texts.head)
        sheet.set_column(column, column, 44 if column in (2, 3) or (column >= first and len(name) == 1) else 12)
    lost = 0
    titles = {article.id: article.meta.get("title", article.id) for article in handoff.result.corpus.articles}
    for row, (segment, order) in enumerate(zip(segments, orders, strict=True)):
        cells = [str(segment.id), titles[segment.id.article], segment.source]
        cells += ["\n".join(segment.references)] if referenced else []
        for column, text in enumerate(cells):
            texts.write(sheet, row + 1, column, text)
        for index in range(len(letters)):
            item = order[index] if index < len(order) else None
            output = handoff.text(item, row) if isinstance(item, SystemResult) else item.text if item else None
            lost += output is None and item is not None
            cell = row + 1, first + 2 * index
            if output is None:
                sheet.write_blank(*cell, None, texts.grey)
                sheet.write_blank(cell[0], cell[1] + 1, None, texts.grey)
            else:
                texts.write(sheet, *cell, output)
    last = len(segments)
    for index in range(len(letters)):
        column = first + 2 * index + 1
        sheet.data_validation(1, column, last, column, {
            "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100,
            "error_title": "Score", "error_message": "A number from 0 to 100, or nothing.",
        })  # fmt: skip
    sheet.data_validation(1, len(columns), last, len(columns), {"validate": "list", "source": [*letters, EQUAL]})
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, last, len(columns) + 1)
    about = book.add_worksheet(ABOUT)
    about.set_column(0, 0, 12)
    about.set_column(1, 1, 100)
    for row, (name, value) in enumerate((*(("", line) for line in HOW_TO), ("run", handoff.run), ("key", key))):
        about.write_string(row, 0, name, texts.head)
        about.write_string(row, 1, value, texts.text)
    book.close()
    return buffer.getvalue(), lost


class _Texts:
    """Writes texts as what they are."""

    def __init__(self, book: Any, clean: Cleaner) -> None:
        self._clean = clean
        wrapped = {"text_wrap": True, "valign": "top"}
        self.head = book.add_format({"bold": True, "bg_color": "#ecebe8", "bottom": 1, **wrapped})
        self.grey = book.add_format({"bg_color": "#d9d9d9"})
        self.text = book.add_format(wrapped)
        self._quoted = book.add_format({"quote_prefix": True, **wrapped})

    def write(self, sheet: Any, row: int, column: int, text: str) -> None:
        if not text:
            sheet.write_blank(row, column, None, self.text)
            return
        quoted = text.lstrip(" ").startswith(FORMULA_STARTS)
        sheet.write_string(row, column, self._clean(text), self._quoted if quoted else self.text)


def _created(text: str) -> datetime:
    """When the run was made, so that the same hand-off gives the same bytes."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        return datetime(2000, 1, 1)  # noqa: DTZ001 - the file format knows no time zones
