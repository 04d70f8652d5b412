"""What the user asks of a run, before anything is planned."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.executors.load import LOCAL, ExecutorChoice
from harness.types import LangPair, Money, UnitChoice


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the user asked for; empty means everything."""

    pairs: tuple[LangPair, ...] = ()
    systems: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    skip_articles: tuple[str, ...] = ()
    """Left out for every system."""
    metrics: tuple[str, ...] = ()
    metric_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Options of a metric that take precedence over ``harness.toml``."""
    judge_sample: float | None = None
    """Share of the segments that judges judge; None: as their tables say."""
    limit: int = 0
    """Only the first so many segments of every pair; 0 for all."""
    segments_per_article: int = 0
    """Only the first so many segments of every article; 0 for all."""
    name: str = ""
    """Of the run, to be called by; empty for none. It makes no difference to any number."""
    offline: bool = False
    untrusted: bool = False
    """The workspace is a stranger's: see :mod:`harness.workspace.untrusted`."""
    seed: int | None = None
    """None: the seed of ``harness.toml``."""
    max_cost: Money | None = None
    """What all requests of the run together may cost; None for no limit."""
    repeat: int = 1
    """How many times each segment is asked for; more than once separates an engine's noise from the sample's."""
    batch: bool = False
    """Buy through the batch API of every service that has one, whatever its system file says."""
    wait: bool = False
    """Wait for batch jobs instead of leaving once they are submitted."""
    until_decided: bool = False
    """Articles come in looks until it is known which system is best."""
    look_every: int = 0
    """Articles between two looks; 0 for the usual number."""
    margin: float = 0.0
    """Systems that differ by less, in points of what decides, are as good as each other; 0: none are."""
    executor: ExecutorChoice = LOCAL
    unit: UnitChoice = "undeclared"
    """``undeclared``: what ``harness.toml`` declares."""

    def command(self) -> str:
        """The command line that asks for this again."""
        words = ["harness", "run"]
        for flag, values in (
            ("--pair", map(str, self.pairs)),
            ("--system", self.systems),
            ("--article", self.articles),
            ("--skip-article", self.skip_articles),
            ("--metric", self.metrics),
        ):
            for value in values:
                words += [flag, value]
        if self.judge_sample is not None:
            words += ["--judge-sample", f"{self.judge_sample:g}"]
        if self.limit:
            words += ["--limit", str(self.limit)]
        if self.segments_per_article:
            words += ["--segments-per-article", str(self.segments_per_article)]
        if self.unit != "undeclared":
            words += ["--unit", self.unit]
        if self.repeat > 1:
            words += ["--repeat", str(self.repeat)]
        flags = (("--until-decided", self.until_decided), ("--batch", self.batch), ("--wait", self.wait))
        words += [flag for flag, given in flags if given]
        if self.look_every:
            words += ["--look-every", str(self.look_every)]
        if self.margin:
            words += ["--equal-within", f"{self.margin:g}"]
        if self.seed is not None:
            words += ["--seed", str(self.seed)]
        if "model" in self.metric_options.get("comet", {}):
            words += ["--comet-model", str(self.metric_options["comet"]["model"])]
        return shlex.join([*words, *self.executor.words()])
