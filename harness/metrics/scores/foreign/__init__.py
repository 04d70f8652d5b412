"""Files of scores as other tools write them: one file for each format, recognised by content alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.errors import DataError
from harness.metrics.scores.foreign import appraise, blind, campaign, mqm, mt_metrics_eval, pearmut
from harness.metrics.scores.rows import Foreign

Read = Callable[[Path, bytes], Foreign]

CHOOSING: Mapping[str, tuple[Callable[[bytes], bool], Callable[[Path, bytes, str], Foreign]]] = {
    "blind-xlsx": (blind.is_blind, blind.read_blind),
}
"""Formats that have several columns of scores."""

FORMATS: Mapping[str, tuple[Callable[[bytes], bool], Read]] = {
    "mqm": (mqm.is_mqm, mqm.read_mqm),
    "appraise": (appraise.is_appraise, appraise.read_appraise),
    "harness-rating": (campaign.is_campaign, campaign.read_campaign),
    "pearmut": (pearmut.is_pearmut, pearmut.read_pearmut),
    "mt-metrics-eval": (mt_metrics_eval.is_mt_metrics_eval, mt_metrics_eval.read_mt_metrics_eval),
}
"""Format to what recognises the content of its files and what reads them; the first that fits is taken."""


def read_foreign(path: Path, content: bytes, column: str) -> Foreign | None:
    """The scores of a file, where it is of one of these formats.

    Args:
        path: of the file, for messages and for what lies beside it.
        content: of the file.
        column: which scores to read; empty for the only ones there are.

    Raises:
        DataError: it is, and something in it is wrong, with file and line; or it has no such column.
    """
    for fits, choose in CHOOSING.values():
        if fits(content):
            return choose(path, content, column)
    for name, (fits, read) in FORMATS.items():
        if fits(content):
            if column:
                raise DataError(f"{path}: a file of {name} has no column '{column}'", hint="name no column")
            return read(path, content)
    return None
