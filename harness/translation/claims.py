"""Who may ask for which keys: the same thing is never being bought twice at one moment.

A claim belongs to what the keys are made of, an engine's identity and the pair, and not to a system's name: two systems
of one identity, in one run or in two workspaces that share a cache, file their answers under the same keys. Whoever
comes second waits, and then finds the answers. Claims are file locks, which the operating system releases when a
process dies, so a killed run blocks nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from harness.errors import StoreError
from harness.store.cache.keys import TAG, digest
from harness.types import EngineIdentity, LangPair

POLL_SECONDS = 0.1

FOLDER = "locks"
"""Beside the cache; its files are empty and may be deleted while nothing runs."""


class Claims:
    """The claims of one run on one cache. Belongs to one event loop."""

    def __init__(self, cache: Path) -> None:
        # One file under two names is one cache.
        self._folder = cache.resolve().parent / FOLDER
        self._here: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def hold(self, identity: EngineIdentity, pair: LangPair, waiting: Callable[[], None]) -> AsyncIterator[None]:
        """Hold the claim on all keys of an identity and a pair.

        Args:
            identity: of the engine.
            pair: the language pair.
            waiting: called once if another run holds it.

        Raises:
            StoreError: the lock's file cannot be made.
        """
        name = claim_name(identity, pair)
        # Systems of this run take turns without polling.
        async with self._here.setdefault(name, asyncio.Lock()):
            lock = self._file(name)
            said = False
            while not _taken(lock):
                if not said:
                    waiting()
                    said = True
                await asyncio.sleep(POLL_SECONDS)
            try:
                yield
            finally:
                lock.release()

    def _file(self, name: str) -> FileLock:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self._folder} cannot be created: {error.strerror or error}") from error
        return FileLock(self._folder / f"{name}.lock")


def claim_name(identity: EngineIdentity, pair: LangPair) -> str:
    """The name of the lock, without its ending."""
    head = [identity.engine, identity.version, dict(identity.options), pair.source, pair.target]
    return digest(head).removeprefix(TAG)


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        raise StoreError(f"{lock.lock_file} cannot be locked: {error.strerror or error}") from error
    return True
