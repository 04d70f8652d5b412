"""Calls that block, such as those of SDKs without asyncio, in threads the program need not wait for when it ends.

``asyncio.to_thread`` borrows threads of a pool that is joined at exit: Ctrl-C would last as long as the slowest
request. A thread cannot be killed, but a daemon thread is left behind. How many there are is up to the caller: the
runner has at most ``Limits.concurrency`` calls under way, and a call given up ends at its own time-out.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def in_thread(call: Callable[[], Result]) -> Result:
    """Run ``call`` in a daemon thread; what it returns or raises is returned or raised here.

    Cancelling returns at once. The thread runs on, and what it comes to is dropped.
    """
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(setter: Callable[[Any], None], value: object) -> None:
        if not future.done():
            setter(value)

    def post(setter: Callable[[Any], None], value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, setter, value)

    def work() -> None:
        try:
            result = context.run(call)
        except BaseException as error:  # noqa: BLE001 - raised again where it was called from
            post(future.set_exception, error)
        else:
            post(future.set_result, result)

    threading.Thread(target=work, name="harness-blocking-call", daemon=True).start()
    return await future
