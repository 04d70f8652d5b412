"""A metric's worker as a worker of an executor: started when it is asked, and started again once when it dies."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import MetricUnavailable
from harness.metrics.isolated.environment import folder_of, need
from harness.metrics.isolated.process import WorkerFailed, WorkerProcess
from harness.metrics.isolated.recipe import Recipe
from harness.workspace.model_folders import options_here
from harness.workspace.operating_system import python_of

PROTOCOL = 1
"""Of :mod:`harness.metrics.isolated.workers.serve`."""

SERVE = Path(__file__).with_name("workers") / "serve.py"

Texts = tuple[str, ...]
"""What a worker is asked about at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker says of one question."""

    score: float
    details: Mapping[str, Any] = field(default_factory=dict)
    """Everything else, such as ``truncated``."""


Portion = list[tuple[Texts, Answer]]
"""What was scored together, and is committed together."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything in an environment that can change a score."""

    metric: str
    model: str
    """The hub's name, or the folder's: never a path of this machine."""
    digest: str
    """Of the model's files."""
    python: str
    packages: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...]

    def key(self) -> dict[str, str]:
        """For the score cache. The model's name is not in it: the digest says more."""
        return {
            "metric": self.metric,
            "environment": f"protocol {PROTOCOL}, python {self.python}",
            "digest": self.digest,
            **{f"package {name}": version for name, version in self.packages},
            **{f"parameter {name}": value for name, value in self.parameters},
        }

    def signature(self) -> str:
        """For people, and for comparing scores."""
        return "|".join(
            (
                f"{self.metric}:isolated{PROTOCOL}",
                f"model:{self.model}",
                f"digest:{self.digest[:12]}",
                *(f"{name}:{value}" for name, value in self.parameters),
                *(f"{name}:{version.partition('+')[0]}" for name, version in self.packages),
                f"python:{'.'.join(self.python.split('.')[:2])}",
            )
        )


@dataclass(frozen=True, slots=True)
class Task:
    """Questions to score, by the model that was described."""

    batch: tuple[Texts, ...]
    identity: Identity


@dataclass(frozen=True, slots=True)
class ScorerSpec:
    """What makes a scorer: for an executor, which keeps it for the next call."""

    recipe: Recipe
    options: str
    """Of the worker, as JSON."""
    offline: bool
    batch_size: int
    seconds: float
    """How long an answer may take."""

    def __call__(self) -> Scorer:
        """Make it; nothing is started."""
        return Scorer(self)


class Scorer:
    """Runs at most one process at a time."""

    def __init__(self, spec: ScorerSpec) -> None:
        self._spec = spec
        self._running: list[WorkerProcess] = []
        self._identity: list[Identity] = []
        self._batch_size = spec.batch_size
        self._asked = 0
        weakref.finalize(self, _end_all, self._running)

    def __call__(self, task: Task | None) -> Iterator[Identity | Portion]:
        """Score a task; None asks who would.

        Raises:
            MetricUnavailable: the environment or the model is missing, or the worker failed twice.
        """
        if task is None:
            yield self._who()
            return
        identity = self._who()
        if identity != task.identity:
            raise MetricUnavailable(
                f"the model or the environment of {self._spec.recipe.name} is not the same on all machines",
                fix="copy the same files to all of them, and run the same versions",
            )
        restarts = 1
        start = 0
        while start < len(task.batch):
            batch = task.batch[start : start + self._batch_size]
            try:
                portion = list(zip(batch, self._scores(batch), strict=True))
            except WorkerFailed as failure:
                if not failure.smaller or not restarts:
                    raise self._unavailable(failure) from failure
                restarts -= 1
                self._batch_size = max(1, len(batch) // 4)
                continue
            start += len(batch)
            yield portion

    def _who(self) -> Identity:
        if not self._alive():
            try:
                self._start()
            except WorkerFailed as failure:
                raise self._unavailable(failure) from failure
        return self._identity[0]

    def _alive(self) -> bool:
        return bool(self._running) and self._running[0].alive

    def _start(self) -> None:
        """Start a process and shake hands.

        Raises:
            MetricUnavailable: there is no environment for it, or other versions are in it.
        """
        spec, recipe = self._spec, self._spec.recipe
        environment = need(recipe)
        _end_all(self._running)
        folder = folder_of(recipe.name)
        # Isolated: neither the current folder nor PYTHONPATH adds modules.
        argv = [str(python_of(folder)), "-I", "-B", str(SERVE), str(recipe.worker)]
        try:
            self._running.append(WorkerProcess(argv, folder))
        except OSError as error:
            raise WorkerFailed(f"it cannot be started: {error.strerror or error}") from error
        packages = list(recipe.versions)
        said = self._running[0].ask(
            {
                "op": "hello",
                "protocol": PROTOCOL,
                "options": options_here(json.loads(spec.options)),
                "offline": spec.offline,
                "packages": packages,
            },
            spec.seconds,
        )
        identity = _identity(recipe, said)
        for package, version in identity.packages:
            installed = environment.packages.get(package, version)
            if version != installed or version.partition("+")[0] != recipe.versions[package]:
                raise MetricUnavailable(
                    f"the environment of {recipe.name} has {package} {version or '(none)'}, "
                    f"and {recipe.versions[package]} is needed",
                    fix=f"harness metrics add {recipe.name} --again",
                )
        self._identity[:] = [identity]

    def _scores(self, batch: Sequence[Texts]) -> list[Answer]:
        if not self._alive():
            self._start()
        self._asked += 1
        question = {"op": "score", "id": self._asked, "batch": [list(texts) for texts in batch]}
        said = self._running[0].ask(question, self._spec.seconds)
        answers = _answers(said, self._asked)
        if len(answers) != len(batch):
            _end_all(self._running)
            raise WorkerFailed("it answered another question than the one asked")
        return answers

    def _unavailable(self, failure: WorkerFailed) -> MetricUnavailable:
        name = self._spec.recipe.name
        fix = failure.fix or f"harness metrics add {name} --again"
        if failure.late:
            fix = f"raise 'timeout' under [metric.{name}] in harness.toml"
        elif failure.smaller:
            fix = f"lower batch_size under [metric.{name}] in harness.toml, or free memory"
        return MetricUnavailable(f"the worker of {name} failed: {failure.why}", fix=fix)


def _end_all(running: list[WorkerProcess]) -> None:
    while running:
        running.pop().end()


def _answers(said: Mapping[str, Any], number: int) -> list[Answer]:
    """The answers to a question; none where they are those to another."""
    try:
        return [_answer(score) for score in said["scores"]] if said["id"] == number else []
    except (KeyError, TypeError, ValueError):
        return []


def _answer(said: Any) -> Answer:
    if isinstance(said, dict):
        details = {str(name): value for name, value in said.items() if name != "score"}
        return Answer(float(said["score"]), details)
    return Answer(float(said))


def _identity(recipe: Recipe, said: Mapping[str, Any]) -> Identity:
    """What the handshake says.

    Raises:
        WorkerFailed: it is another protocol's, or incomplete.
    """
    try:
        if said["protocol"] != PROTOCOL:
            raise WorkerFailed(f"it speaks protocol {said['protocol']}, and {PROTOCOL} is spoken here")
        return Identity(
            metric=recipe.name,
            model=str(said["model"]),
            digest=str(said["digest"]),
            python=str(said["python"]),
            packages=tuple((name, str(said["packages"][name])) for name in recipe.versions),
            parameters=tuple(sorted((str(name), str(value)) for name, value in said["parameters"].items())),
        )
    except (KeyError, TypeError, AttributeError):
        raise WorkerFailed("it does not say which model and which packages it scores with") from None
