"""From a name and its options to a metric that can run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from harness.errors import ConfigError, UsageError
from harness.metrics.interface import ColumnMetric, Columns, Metric, Rows, SizedMetric
from harness.metrics.segment import SegmentMean
from harness.types import Traits
from harness.workspace import registry
from harness.workspace.plain_options import PlainOptions
from harness.workspace.toml_lines import at_line


def load_metric(name: str, options: Mapping[str, Any], where: str) -> Metric:
    """Make the metric ``name``.

    ``metric = "comet"`` among the options runs another metric under this name, so that one run can have two COMET
    models or several ``scores``: ``[metric.kiwi]`` with ``metric = "comet"`` and its own ``model``.

    Args:
        name: column heading; without ``metric`` among the options also the registered name.
        options: the table ``[metric.<name>]``.
        where: file and table, for messages.

    Raises:
        UsageError: no such metric; the hint offers the nearest name.
        ConfigError: unknown or wrong options, with file and key; or another metric under the name of one there is.
    """
    given = dict(options)
    kind = given.pop("metric", name)
    factory = registry.load("metrics", str(kind))
    if kind != name and name in registry.names("metrics"):
        raise ConfigError(
            f"{where}: '{name}' is the name of a metric, so '{kind}' cannot be shown under it",
            hint="choose another name for the table",
        )
    if kind != name:
        given.setdefault("name", name)
    return cast("Metric", factory(_read_options(factory.Options, given, where)))


def _read_options(kind: Any, given: dict[str, Any], where: str) -> Any:
    """The options of a metric's class, of either kind."""
    if issubclass(kind, PlainOptions):
        return kind.read(given, where)
    from harness.workspace.config import parse_model

    return parse_model(kind, given, where)


def check_metric_names(metrics: Sequence[str], tables: Mapping[str, Mapping[str, Any]], where: str) -> None:
    """Return if settings name only metrics that there are, so that no table is left aside for a wrong letter.

    Args:
        metrics: the list ``metrics``.
        tables: ``[metric.<name>]``.
        where: the file.

    Raises:
        ConfigError: they do not; with the line, and the nearest name.
    """
    known = [*registry.names("metrics"), *(name for name, options in tables.items() if "metric" in options)]
    for name in metrics:
        if name not in known:
            raise ConfigError(
                f"{where}: key 'metrics': unknown metric '{name}'{at_line(where, ['metrics'])}",
                hint=registry.suggestion(name, known),
            )
    for name in tables:
        if name not in known:
            raise ConfigError(
                f"{where}: unknown metric in [metric.{name}]{at_line(where, ['metric', name])}",
                hint=f'{registry.suggestion(name, known)}; for a metric of your own, add metric = "scores"',
            )


@dataclass(frozen=True, slots=True)
class SizedFormula:
    """The formula of a metric that weighs segments by their length."""

    score: Callable[[Rows], Rows]
    sizes: Callable[[Rows], Rows]

    def __call__(self, totals: Rows) -> Rows:
        """Scores, (...), of sums, (..., k)."""
        return self.score(totals)


@dataclass(frozen=True, slots=True)
class ColumnFormula(SizedFormula):
    """The same of one that has its scores from columns, too."""

    of_columns: Callable[[Sequence[Columns]], Columns]


def check_options(options: Mapping[str, Mapping[str, Any]], metrics: Sequence[str]) -> None:
    """Return if options that were given in Python are of known metrics, and can be kept with a run.

    Raises:
        UsageError: they are not; nothing has been asked or computed.
    """
    known = list(dict.fromkeys([*metrics, *registry.names("metrics")]))
    for name, table in options.items():
        if name not in known:
            raise UsageError(f"metric_options: unknown metric '{name}'", hint=registry.suggestion(name, known))
        if not isinstance(table, Mapping):
            raise UsageError(
                f"metric_options: the options of '{name}' are not a mapping", hint=f'metric_options={{"{name}": {{}}}}'
            )
        for key, value in table.items():
            try:
                json.dumps({key: value}, allow_nan=False).encode("utf-8")
            except (TypeError, ValueError, RecursionError) as error:
                raise UsageError(
                    f"metric_options: '{key}' of '{name}' cannot be stored with the run: {error}",
                    hint="use text, numbers, true or false, and lists and dictionaries of them",
                ) from None


def traits_of(column: str, options: Mapping[str, Any]) -> Traits:
    """What a metric is, as far as its class knows before anything is scored; the defaults where it does not say.

    Args:
        column: its column heading.
        options: its table ``[metric.<column>]``; ``metric`` names its kind where that is not the heading.
    """
    kind = str(options.get("metric", column))
    if kind not in registry.names("metrics"):
        return Traits()
    traits: Traits = getattr(registry.load("metrics", kind), "traits", Traits())
    return traits


def formula_of(column: str, options: Mapping[str, Any]) -> Callable[[Rows], Rows]:
    """The formula of a stored metric: what turns sums of its rows into scores.

    Args:
        column: its column heading.
        options: its options as the run keeps them; ``metric`` names its kind where that is not the heading.
    """
    kind = str(options.get("metric", column))
    if kind == "scores" or kind not in registry.names("metrics"):
        return SegmentMean().score
    metric = load_metric(column, options, f"metric {column} of the run")
    if not isinstance(metric, SizedMetric):
        return metric.score
    if isinstance(metric, ColumnMetric):
        return ColumnFormula(metric.score, metric.sizes, metric.score_columns)
    return SizedFormula(metric.score, metric.sizes)


def formulas(settings: Mapping[str, Any]) -> Callable[[str], Callable[[Rows], Rows]]:
    """The formula of every column of a run, from the ``metric_options`` among its settings."""
    kept = settings.get("metric_options", {})
    options = kept if isinstance(kept, dict) else {}

    def formula(column: str) -> Callable[[Rows], Rows]:
        given = options.get(column, {})
        return formula_of(column, given if isinstance(given, dict) else {})

    return formula
