"""Before the first request of a run: every engine that will be asked imports, loads and opens what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.engines.interface import RemoteEngine
from harness.engines.keys import learn_keys
from harness.engines.wire.network import environment_fault
from harness.errors import EngineError, EngineUnavailable, Fatal, Unsupported
from harness.translation.host import EngineHost
from harness.translation.replies import bug, cut, told
from harness.types import LangPair
from harness.workspace.progress import Progress


@dataclass(frozen=True, slots=True)
class Preparation:
    """One engine and one pair."""

    host: EngineHost
    pair: LangPair
    task: str
    """Its name in the progress display."""
    needed: Callable[[], bool]
    """Whether anything must be sent: answers in the cache need neither SDK nor key."""


def make_ready(host: EngineHost) -> None:
    """Have a service look for its SDK and key, and its keys cut out of every message."""
    if host.failure or not isinstance(host.engine, RemoteEngine):
        return
    learn_keys(host.engine.key_variables)
    try:
        host.engine.ready()
    except EngineUnavailable as error:
        host.failure = told(error)


async def prepare(wanted: Iterable[Preparation], progress: Progress) -> None:
    """Have every engine ready before the first request of any is timed; what goes wrong is kept in its host.

    One after another: imports take the interpreter from each other anyway, and packages whose modules import one
    another in a circle cannot be imported from two threads.
    """
    for item in wanted:
        host = item.host
        if not host.must_prepare(item.pair) or not item.needed():
            continue
        make_ready(host)
        if host.failure:
            continue
        try:
            await host.prepare(item.pair)
        except (Fatal, EngineUnavailable, Unsupported) as error:
            host.failure = told(error)
        except (EngineError, TimeoutError) as error:  # passing faults: the first batch will tell
            progress.say(cut(f"{item.task}: could not be prepared: {str(error) or 'it took too long'}"))
        except Exception as error:  # noqa: BLE001 - a bug in one engine stops that engine alone
            fault = environment_fault(error)
            host.failure = told(fault) if fault else bug(host.engine, error)
