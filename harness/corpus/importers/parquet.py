"""Parquet, as data sets are published: one segment per row, by the names of the columns."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

from harness.corpus.importers.head import Head
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.objects import cells_of, table_of
from harness.corpus.importers.tables import TAKES, Record, Table, read_tables
from harness.errors import DataError, UsageError
from harness.store.files import open_regular

_INSTALL = "pip install 'translation-harness[parquet]'"
_MOST_ROWS = 5_000_000
_MOST_BYTES = 2 * 2**30
"""Uncompressed: a few bytes may stand for a billion rows."""


def read_parquet(request: Request) -> Imported:
    """Read the rows in their order; structures and short lists are columns of their own, as in JSON."""
    return read_tables(request, [_table(path) for path in request.files])


def _table(path: Path) -> Table:
    try:
        parquet = importlib.import_module("pyarrow.parquet")
        arrow = importlib.import_module("pyarrow")
    except ImportError:
        raise UsageError("reading Parquet needs the package 'pyarrow'", hint=_INSTALL) from None
    lost: Counter[str] = Counter()
    records: list[Record | DataError] = []
    try:
        with open_regular(path) as stream:
            file = parquet.ParquetFile(stream)
            _check_size(path, file.metadata)
            for batch in file.iter_batches(batch_size=4096):
                for row in batch.to_pylist():
                    number = len(records) + 1
                    records.append(Record(f"{path}: row {number}", number, cells_of(row, lost)))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file", hint="check the path; it is relative to the current folder") from None
    except arrow.ArrowException as error:
        message = str(error).splitlines()[0]
        raise DataError(f"{path}: not a Parquet file: {message}", hint="save the table again") from None
    except OSError as error:
        raise DataError(f"{path}: not a Parquet file: {error}", hint="save the table again") from None
    return table_of(path, records, lost)


def _check_size(path: Path, metadata: Any) -> None:
    size = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if metadata.num_rows > _MOST_ROWS or size > _MOST_BYTES:
        raise DataError(
            f"{path}: {metadata.num_rows:,} rows, {size:,} bytes; at most {_MOST_ROWS:,} and {_MOST_BYTES:,} are read",
            hint="take a part of the table",
        )


def _is_parquet(head: Head) -> bool:
    return head.data.startswith(b"PAR1")


PARQUET = Importer(read_parquet, suffixes=("parquet",), recognises=_is_parquet, takes=TAKES - {"header"})
