"""Tables of every kind, once their cells are text: one segment per row, by the roles of the columns.

A row without any text is a paragraph break. A line break inside a cell becomes a space, a cell of white space alone is
empty, and both are counted in notes. Rows of articles may be interleaved.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.corpus.importers.article_data import with_metadata
from harness.corpus.importers.long_tables import join_systems
from harness.corpus.importers.model import Imported, Place, Request
from harness.corpus.importers.roles import Roles, assign_roles
from harness.corpus.importers.rows import META_FIELDS, Row, articles_from_rows, default_name, given_name
from harness.corpus.importers.table_languages import ROLES, is_pair, row_languages
from harness.corpus.text import LINE_BREAKS, check_text, is_blank
from harness.errors import DataError, UsageError
from harness.types import Note

TAKES = frozenset({"columns", "header", "skip_bad"})
"""Options of every table."""

SPREADSHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})

_BREAKS = re.compile(f"[ \t]*[\n{''.join(LINE_BREAKS)}][\\s{''.join(LINE_BREAKS)}]*")
_TRUE = frozenset({"true", "1", "1.0", "yes", "wahr", "x"})
_FALSE = frozenset({"", "false", "0", "0.0", "no", "falsch"})
_TWICE = "ids that their article has already, kept all the same"
_MISSING = frozenset({"nan", "NaN", "NULL", "null", "\\N", "<NA>"})


@dataclass(frozen=True, slots=True)
class Record:
    """One row below the headings."""

    where: str
    number: int
    """1-based."""
    cells: Mapping[str, str]
    """By column; empty cells may be absent."""


@dataclass(frozen=True, slots=True)
class Table:
    """One file, or one sheet of it."""

    path: Path
    where: str
    """Where its headings are."""
    columns: tuple[str, ...]
    """None twice; without headings, numbers from 1."""
    records: Sequence[Record | DataError]
    """A row that cannot be read is an error, which is raised unless bad rows are left out."""
    notes: tuple[Note, ...] = ()


def read_tables(request: Request, tables: Sequence[Table]) -> Imported:
    """Make articles of tables.

    Raises:
        DataError: no column is the source, or a row breaks a rule.
        UsageError: ``--columns`` names what is not there, ``--article`` meets a column with articles, or two tables
            without such a column have the same name.
    """
    given = given_name(request.article)
    rows: list[Row] = []
    readers: list[_TableReader] = []
    unnamed: dict[str, Path] = {}
    for table in tables:
        reader = _TableReader(table, request)
        readers.append(reader)
        if given and "article" in reader.roles.columns:
            column = reader.roles.columns["article"]
            raise UsageError(f"--article, but the file has a column '{column}'", hint="leave out --article")
        name = given or default_name(table.path, request.pair)
        if not given and "article" not in reader.roles.columns and unnamed.setdefault(name, table.path) != table.path:
            raise UsageError(
                f"{table.path}: no column names the article, so it would be '{name}', like {unnamed[name]}",
                hint="rename one of the files, or name the column: --columns article=COLUMN",
            )
        rows += reader.rows(name)
    heading = str(tables[0].path) + (f" and {len(tables) - 1} more" if len(tables) > 1 else "")
    changed: list[Note] = []
    joined, differing = join_systems(with_metadata(rows, changed, heading), changed, heading)
    articles, renamed = articles_from_rows(joined, interleaved=True)
    if not articles:
        why = "; ".join(str(note.what) for reader in readers for note in reader.left_out())
        raise DataError(f"{heading}: no segment" + (f": {why}" if why else ""), hint="check --pair, and the file")
    read = [note for reader in readers for note in (*reader.table.notes, *reader.notes(differing))]
    return Imported(articles, (*read, *changed, *renamed))


class _TableReader:
    """One table: its roles, and what is counted while its rows are read."""

    def __init__(self, table: Table, request: Request) -> None:
        self.table, self.request = table, request
        roles = assign_roles(table.columns, request.columns, request.pair, table.where)
        self.roles = _without_other_pairs(roles, table)
        self.counts: Counter[str] = Counter()
        self.bad: list[DataError] = []
        self.ids: dict[tuple[str, str, str], str] = {}
        records = [record for record in table.records if isinstance(record, Record)]
        cells = {role: [self._cell(record, role) for record in records] for role in ROLES if role in self.roles.columns}
        self.languages = row_languages(self.roles.columns, cells, request.pair, table.where)

    def rows(self, name: str) -> Iterator[Row]:
        """The rows; ``name`` is the article where no column says it."""
        article = ""
        paragraphs: dict[str, str] = {}
        for record in self.table.records:
            try:
                if isinstance(record, DataError):
                    raise record
                row = self._row(record, name)
            except DataError as error:
                if not self.request.skip_bad:
                    raise
                self.bad.append(error)
                continue
            if row is None:
                continue
            if not row.source:
                if article:  # a break names no article itself, so it belongs to the one before it
                    yield replace(row, article=article)
                continue
            article = row.article
            number = self._cell(record, "paragraph")
            if number != paragraphs.setdefault(article, number):
                yield Row(row.where, article, "", ())
            paragraphs[article] = number
            yield row

    def notes(self, lost: Collection[str]) -> Iterator[Note]:
        """What was read, kept, changed and left out; of the columns, ``lost`` are not kept."""
        roles, path = self.roles, str(self.table.path)
        references = {"reference" if n == 1 else f"reference {n}": c for n, c in enumerate(roles.references, start=1)}
        if "output" in roles.columns:
            text = f"column '{roles.columns['output']}' holds outputs of the systems in '{roles.columns['system']}'"
            yield Note(self.table.where, text)
        shown = {
            "source": roles.columns["source"],
            **references,
            **{f"output of {s}": c for s, c in roles.systems.items()},
        }
        if any(role != column for role, column in shown.items()):
            yield Note(self.table.where, ", ".join(f"{role}: column '{column}'" for role, column in shown.items()))
        if not roles.references:
            yield Note(self.table.where, "no column is a reference; if one is, say which: --columns reference=COLUMN")
        kept = [column for column in roles.kept if self.counts[f"\0{column}"] and column not in lost]
        if kept:
            listing = ", ".join(f"'{column}'" for column in kept[:8]) + (", ..." if len(kept) > 8 else "")
            yield Note(path, f"other columns, kept as data of the segments: {listing}")
        yield from self.left_out()
        if self.bad:
            yield Note(path, f"rows left out by --skip-bad: {len(self.bad)}; the first is {self.bad[0]}")

    def left_out(self) -> Iterator[Note]:
        """What was left out, changed or read differently, with numbers."""
        for what, count in self.counts.items():
            if not what.startswith("\0"):
                yield Note(str(self.table.path), f"{what}: {count}")

    def _row(self, record: Record, name: str) -> Row | None:
        """The row as a segment, or as a break where it has no text; None where it is left out."""
        if self._left_out(record):
            return None
        source = self._text(record, self.roles.columns["source"], "source")
        references = tuple(self._text(record, column, "reference") for column in self.roles.references)
        outputs = {
            system: text
            for system, column in self.roles.systems.items()
            if (text := self._text(record, column, "output"))
        }
        named = self._system(record)
        if named:
            text = self._text(record, self.roles.columns["output"], "output")
            outputs = {named: text} if text else {}
        if not source:
            if any(references) or outputs:
                missing = "a reference" if any(references) else "an output"
                raise DataError(f"{record.where}: {missing} without source text", hint="add the source, or --skip-bad")
            if any(not is_blank(cell) for cell in record.cells.values()):
                self.counts["rows without any text, read as paragraph breaks"] += 1
            return Row(record.where, "", "", ())
        article = self._cell(record, "article") if "article" in self.roles.columns else name
        if not article:
            column = self.roles.columns["article"]
            raise DataError(f"{record.where}: column '{column}': empty", hint="every row names its article")
        return Row(
            where=record.where,
            article=article,
            source=source,
            references=references,
            meta={key: cell for key in META_FIELDS if (cell := self._cell(record, key))},
            place=Place(self.table.path.name, record.number, len(self.table.records)),
            segment=dict(self._segment(record)),
            outputs=outputs,
            system=named,
        )

    def _system(self, record: Record) -> str:
        """Whose output the row has; empty where rows are not those of systems."""
        return self._cell(record, "system") if "output" in self.roles.columns else ""

    def _left_out(self, record: Record) -> bool:
        skip = self._cell(record, "skip").casefold()
        if skip not in _TRUE | _FALSE:
            column = self.roles.columns["skip"]
            raise DataError(
                f"{record.where}: column '{column}': '{skip}' is neither true nor false", hint="write true or false"
            )
        reason = ""
        if "canary" in (self._cell(record, "article").casefold(), self._cell(record, "domain").casefold()):
            reason = "rows of the canary left out"
        elif skip in _TRUE:
            reason = f"rows left out, because '{self.roles.columns['skip']}' is true"
        else:
            reason = self.languages.left_out({role: self._cell(record, role) for role in self.languages.accepted})
        self.counts.update([reason] if reason else [])
        return bool(reason)

    def _cell(self, record: Record, role: str) -> str:
        """A cell that is no text of a segment, on one line; empty where there is none."""
        return _BREAKS.sub(" ", record.cells.get(self.roles.columns.get(role, ""), "")).strip()

    def _text(self, record: Record, column: str, role: str) -> str:
        text = record.cells.get(column, "")
        where = f"{record.where}: column '{column}'"
        if text in SPREADSHEET_ERRORS:
            if role == "source":
                raise DataError(
                    f"{where}: the cell holds the error {text}", hint="write the text into it, or --skip-bad"
                )
            self.counts[f"cells with a spreadsheet's error read as no {role}"] += 1
            return ""
        if text and is_blank(text):
            self.counts["cells of white space alone read as empty"] += 1
            return ""
        if _BREAKS.search(text):
            self.counts["cells with line breaks, each read as a space"] += 1
            text = _BREAKS.sub(" ", text).strip(" ")
        if text in _MISSING:
            self.counts[f"cells with '{text}', kept as text"] += 1
        check_text(text, where)
        return text

    def _segment(self, record: Record) -> Iterator[tuple[str, str]]:
        identifier = self._cell(record, "segment")
        if identifier:
            source, system = record.cells.get(self.roles.columns["source"], ""), self._system(record)
            key = (self._cell(record, "article"), identifier, system)
            joined = bool(system) and self.ids.get(key) == source  # as those of several raters are
            self.counts.update([_TWICE] if key in self.ids and not joined else [])
            self.ids[key] = source
            yield "id", identifier
        for column in self.roles.kept:
            cell = record.cells.get(column, "").strip()
            if cell:
                self.counts[f"\0{column}"] += 1
                yield ("id (column)" if column == "id" else column), cell


def _without_other_pairs(roles: Roles, table: Table) -> Roles:
    """The roles, without that of the pair where the column holds something else."""
    column = roles.columns.get("pair", "")
    if not column:
        return roles
    values = {record.cells.get(column, "").strip() for record in table.records if isinstance(record, Record)} - {""}
    if all(is_pair(value) for value in values):
        return roles
    rest = {role: name for role, name in roles.columns.items() if role != "pair"}
    return replace(roles, columns=rest, kept=(*roles.kept, column))
