"""The contract suite for an exporter: what :class:`harness.reports.exporters.interface.Exporter` promises.

::

    def test_contract():
        exporter_contract(MyExporter)
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

from harness.reports.exporters.interface import Exported, Exporter, Handoff
from harness.reports.exporters.load import check_names
from harness.store.runs.result import Run
from harness.testing.contract import ContractError, check_xml, require
from harness.testing.report import FEWEST_ARTICLES, sample_run, snapshot
from harness.types import Missing, Reason, SystemName

NAMELESS = Missing(Reason("decision.nothing"))


def sample_handoff(run: Run, *, best: str = "careful", seed: int = 1) -> Handoff:
    """The only pair of a run with all its segments and systems; ``best`` is empty where none is."""
    return Handoff(
        run=run.id,
        created=run.created,
        result=run.pairs[0],
        best=SystemName(best) if best else NAMELESS,
        choice="all",
        seed=seed,
    )


def exporter_contract(make: Callable[[], Exporter], run: Run | None = None) -> None:
    """Check that a format is a pure function that lets no text out of its place.

    Args:
        make: makes the format; usually the class.
        run: another run of one pair to export besides those of :func:`harness.testing.sample_run`.

    Raises:
        ContractError: names what is broken.
    """
    exporter = make()
    extension = getattr(exporter, "extension", None)
    require(isinstance(extension, str), "'extension' is not declared as str")
    require(bool(re.fullmatch(r"[a-z0-9]*", exporter.extension)), f"no extension of a file: {exporter.extension!r}")
    whole = sample_run()
    alone = replace(whole.pairs[0], systems=whole.pairs[0].systems[2:])
    for handoff in (
        sample_handoff(whole),
        sample_handoff(whole, best=""),
        sample_handoff(sample_run(FEWEST_ARTICLES - 4)),
        sample_handoff(replace(whole, pairs=(alone,)), best=""),
        *([sample_handoff(run, best="")] if run else []),
    ):
        _check(make, handoff)
    first, other = (make().export(sample_handoff(sample_run(best=best))) for best in ("careful", "hasty"))
    require(first.files != other.files, "two runs with different outputs give the same files")


def _check(make: Callable[[], Exporter], handoff: Handoff) -> None:
    run = replace(sample_run(0), pairs=(handoff.result,))
    before = snapshot(run)
    try:
        exported, again = make().export(handoff), make().export(replace(handoff))
    except Exception as error:
        raise ContractError(f"it raised {type(error).__name__}: {error}") from error
    require(exported.files == again.files, "the same hand-off gives other bytes the second time")
    require(exported.notes == again.notes, "the same hand-off gives other notes the second time")
    require(snapshot(run) == before, "exporting changes the run")
    _check_files(exported, make().extension)


def _check_files(exported: Exported, extension: str) -> None:
    require(bool(exported.files), "no file was written")
    try:
        check_names(exported, extension)
    except ValueError as error:
        raise ContractError(str(error)) from error
    for name, data in exported.files.items():
        require(isinstance(data, bytes), f"'{name}' is {type(data).__name__}, not bytes")
        suffix = (name or f".{extension}").rpartition(".")[2].lower()
        checks = {"json": _check_json, "jsonl": _check_lines, "xlsx": _check_workbook, "tsv": _check_table}
        if suffix in ("xml", "xlf", "xliff", "tmx"):
            check_xml(data)
        elif suffix in checks:
            checks[suffix](data)


def _check_json(data: bytes) -> None:
    try:
        json.loads(data.decode("utf-8"), parse_constant=_no_json)
    except ValueError as error:
        raise ContractError(f"not JSON in UTF-8: {error}") from error


def _no_json(name: str) -> None:
    raise ContractError(f"{name} is not JSON")


def _check_lines(data: bytes) -> None:
    for line in data.splitlines():
        _check_json(line)


def _check_table(data: bytes) -> None:
    rows = [row.split("\t") for row in data.decode("utf-8").removesuffix("\n").split("\n")]
    require(len({len(row) for row in rows}) == 1, "a text of the run ended a field or a row of the table")


def _check_workbook(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        require(bool(sheets), "no sheet in the workbook")
        for name in sheets:
            content = book.read(name)
            require(b"<f>" not in content and b"<f " not in content, f"{name}: a text of the run became a formula")
            require(b"<hyperlink " not in content, f"{name}: a text of the run became a link")
