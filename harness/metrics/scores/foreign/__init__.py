"""Files of scores as other tools write them: one file for each format, recognised by content alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.metrics.scores.foreign import mt_metrics_eval, pearmut
from harness.metrics.scores.rows import Foreign

Read = Callable[[Path, bytes], Foreign]

FORMATS: Mapping[str, tuple[Callable[[bytes], bool], Read]] = {
    "pearmut": (pearmut.is_pearmut, pearmut.read_pearmut),
    "mt-metrics-eval": (mt_metrics_eval.is_mt_metrics_eval, mt_metrics_eval.read_mt_metrics_eval),
}
"""Format to what recognises the content of its files and what reads them; the first that fits is taken."""


def read_foreign(path: Path, content: bytes) -> Foreign | None:
    """The scores of a file, where it is of one of these formats.

    Raises:
        DataError: it is, and something in it is wrong; with file and line.
    """
    for fits, read in FORMATS.values():
        if fits(content):
            return read(path, content)
    return None
