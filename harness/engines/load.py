"""``systems/*.toml`` to systems that can be asked. The contract for people is ``systems/README.md``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.engines.interface import Engine, EngineContext, EngineFactory, Limits, RemoteEngine
from harness.engines.keys import check_addresses, learn_keys
from harness.engines.recorded.engine import RecordedEngine, RecordedOptions
from harness.engines.recorded.files import origin
from harness.errors import ConfigError, EngineUnavailable, Unsupported, UsageError
from harness.store.files import refuse_links_out
from harness.types import LangPair, SystemName
from harness.workspace.config import load_model, parse_model
from harness.workspace.file_models import LimitsFile, PriceFile, SystemFile
from harness.workspace.languages import parse_pair
from harness.workspace.registry import load, names, suggestion
from harness.workspace.toml_lines import at_line

HARMLESS = frozenset({"recorded", "copy"})
"""Engines that only read what lies in the workspace."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who answers for one pair."""

    engine: Engine
    limits: Limits
    origin: str
    """``live``, or e.g. ``recorded 2026-11-23, apertium 3.8.3``."""
    reason: str
    """Why recorded outputs stand in for the engine; empty when they do not."""


@dataclass(frozen=True, slots=True)
class System:
    """An engine with its options, under the name it is compared by."""

    name: SystemName
    label: str
    """For people; the name where the file gives none."""
    engine_name: str
    engine: Engine
    pairs: tuple[LangPair, ...]
    """Pairs it is asked for; empty means all that the engine serves."""
    fallback: bool
    """Whether outputs recorded in ``folder`` stand in where the engine cannot run."""
    limits: Limits
    account: str
    """Whose limits count, where the file says so; empty: found by address and key."""
    price: PriceFile | None
    """None: unknown."""
    folder: Path
    """``systems/<name>/``; need not exist."""
    tuned_on: tuple[str, ...] = ()
    """Metrics, or families of them, that it was tuned on."""

    def resolve(self, pair: LangPair) -> Resolved:
        """Decide who answers for a pair.

        Raises:
            Unsupported: the system is not meant for the pair, or the engine does not serve it.
            EngineUnavailable: the engine cannot run here and nothing recorded stands in.
            ConfigError: ``recorded.toml`` is wrong.
        """
        if self.pairs and pair not in self.pairs:
            raise Unsupported(f"{self.name} only translates {', '.join(map(str, self.pairs))}")
        try:
            self.engine.supports(pair)
        except (EngineUnavailable, Unsupported) as error:
            # Unsupported, too: language data that is not installed here looks the same as data that does not exist.
            return self.stand_in(pair, error)
        where = origin(self.folder / str(pair)) if isinstance(self.engine, RecordedEngine) else "live"
        return Resolved(self.engine, self.limits, where, "")

    def stand_in(self, pair: LangPair, error: EngineUnavailable | Unsupported) -> Resolved:
        """Recorded outputs instead of an engine that cannot answer; raises ``error`` where there are none to use."""
        recorded = self.folder / str(pair)
        if not self.fallback or not recorded.is_dir():
            raise error
        engine = RecordedEngine(RecordedOptions(), EngineContext(self.name, self.folder))
        return Resolved(engine, engine.limits, origin(recorded), str(error))


def load_system(path: Path, *, programs: bool = True, trusted: bool = True) -> System:
    """Read one system file and make its engine, which starts nothing and imports only that engine.

    Args:
        path: the file.
        programs: whether programs that it names may be started later, by whoever asks the engine anything.
        trusted: False: a stranger wrote it. Whatever engine it names, only outputs recorded in its folder are used.

    Raises:
        ConfigError: the file is wrong; the message names file and key.
    """
    name = path.stem
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"{path}: '{name}' is not a valid system name",
            hint="use letters without accents, digits, '-' and '_', and start with a letter or digit",
        )
    file = load_model(SystemFile, path)
    if file.engine not in names("engines"):
        raise ConfigError(
            f"{path}: key 'engine': unknown engine '{file.engine}'{at_line(str(path), ['engine'])}",
            hint=suggestion(file.engine, names("engines")),
        )
    check_addresses(file.options, str(path))
    foreign = not trusted and file.engine not in HARMLESS
    factory: EngineFactory = load("engines", "recorded" if foreign else file.engine)
    options = parse_model(factory.Options, {} if foreign else file.options, f"{path} [options]")
    folder = path.parent / name
    engine = factory(options, EngineContext(SystemName(name), folder, file.api_key_env, programs))
    learn_keys((file.api_key_env, *(engine.key_variables if isinstance(engine, RemoteEngine) else ())))
    engine.limits = merged_limits(engine, file.limits)  # engines set the time-outs of their sockets by it
    return System(
        name=SystemName(name),
        label=" ".join(file.label.split()) or name,
        engine_name=file.engine,
        engine=engine,
        pairs=tuple(_pair(text, path) for text in file.pairs),
        fallback=file.fallback == "recorded",
        limits=engine.limits,
        account=file.account,
        price=file.price,
        tuned_on=file.tuned_on,
        folder=folder,
    )


def load_systems(
    folder: Path, only: Sequence[str] = (), *, programs: bool = True, trusted: bool = True
) -> tuple[System, ...]:
    """Read the systems of a workspace, ordered by name; with ``only``, just those, and no other file is opened.

    ``programs`` and ``trusted`` as for :func:`load_system`.

    Raises:
        DataError: a link in the folder leads out of the workspace.
        UsageError: no such folder, no system in it, or a name in ``only`` that is not there.
        ConfigError: a file is wrong, or two names differ in case only.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", hint="change to a workspace, or create one: harness init")
    refuse_links_out(folder.parent, [folder.name])
    files = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if not files:
        raise UsageError(f"no system in {folder}", hint=f'create {folder / "copy.toml"} with the line: engine = "copy"')
    folded: dict[str, Path] = {}
    for name, path in files.items():
        other = folded.setdefault(name.casefold(), path)
        if other != path:
            raise ConfigError(f"{other} and {path}: names of systems must differ in more than case")
    for name in only:
        if name not in files:
            raise UsageError(f"unknown system '{name}'", hint=suggestion(name, list(files)))
    return tuple(
        load_system(path, programs=programs, trusted=trusted)
        for name, path in files.items()
        if not only or name in only
    )


def _pair(text: str, path: Path) -> LangPair:
    try:
        return parse_pair(text)
    except UsageError as error:
        raise ConfigError(f"{path}: key 'pairs': {error}", hint=error.hint) from error


def merged_limits(engine: Engine, file: LimitsFile) -> Limits:
    """The engine's limits with those of the file; a service's own maximum can be lowered, not raised."""
    given = file.model_dump(exclude_none=True)
    if isinstance(engine, RemoteEngine) and engine.limits.max_segments == 1 and "max_segments" in given:
        given["max_segments"] = 1  # one text is one request, and requests are what is counted
    if isinstance(engine, RemoteEngine) and engine.vendor:
        for name in given.keys() & {"max_segments", "max_characters", "max_bytes", "max_tokens"}:
            given[name] = min(given[name], getattr(engine.limits, name))
    if engine.limits.max_segments == 1 and not engine.limits.context:
        given["max_segments"] = 1  # one text a request is how such an engine works
    if getattr(engine, "one_text", False):
        given["max_segments"] = 1
    return replace(engine.limits, **given)
