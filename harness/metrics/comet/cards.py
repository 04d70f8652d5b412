"""Graphics cards, asked of the driver itself: they are part of keys and proofs, so they are known without torch."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from harness.errors import MetricUnavailable

Device = Literal["cpu", "cuda"]
Precision = Literal["fp32", "tf32", "bf16", "fp16", "int8"]

DRIVERS = ("libcuda.so.1", "nvcuda.dll")
LONGEST_NAME = 256
ON_THE_CPU = '[metric.comet] device = "cpu" in harness.toml'


def cards() -> tuple[str, ...]:
    """Names of the graphics cards the CUDA driver offers; none without a driver."""
    for library in DRIVERS:
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        count = ctypes.c_int(0)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return tuple(_name(driver, number) for number in range(count.value))
    return ()


def _name(driver: ctypes.CDLL, number: int) -> str:
    device = ctypes.c_int(0)
    name = ctypes.create_string_buffer(LONGEST_NAME)
    if driver.cuDeviceGet(ctypes.byref(device), number) or driver.cuDeviceGetName(name, LONGEST_NAME, device):
        return f"card {number}"
    return name.value.decode("utf-8", "replace")


def need_cuda() -> None:
    """Make sure that torch can use a graphics card.

    Raises:
        MetricUnavailable: it cannot.
    """
    import torch

    if not torch.cuda.is_available():
        raise MetricUnavailable(
            "torch cannot use the graphics card of this machine",
            fix=f"{ON_THE_CPU}, or install a torch built for its driver",
        )


@contextmanager
def enough_memory(model: str) -> Iterator[None]:
    """Turn the want of memory on a graphics card into an answer.

    Raises:
        MetricUnavailable: what is done inside does not fit.
    """
    import torch

    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise MetricUnavailable(
            f"the graphics card has too little free memory for {model}",
            fix=f"stop other programs that use it (see nvidia-smi), lower [metric.comet] batch_tokens, or {ON_THE_CPU}",
        ) from error
