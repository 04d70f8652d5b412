"""Batch APIs that lie about what they bill, under ``--max-cost``: the limit holds in every run."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from typing import Any

import pytest

from harness.testing import batch_of
from harness.workspace.languages import parse_pair
from tests.cli.conftest import harness
from tests.engines import remote
from tests.engines.batch_scene import FACTOR, INPUT, OUTPUT, SOURCES, Scene, scene
from tests.loopback import Response, Seen
from tests.vendors.base import shout

__all__ = ["harness", "scene"]

USAGE = {"openai": "usage", "anthropic": "usage", "gemini": "usageMetadata"}
COUNTS = {
    "openai": ("prompt_tokens", "completion_tokens"),
    "anthropic": ("input_tokens", "output_tokens"),
    "gemini": ("promptTokenCount", "candidatesTokenCount"),
}
NUMBERS: tuple[object, ...] = (
    None, [], {}, "lots", "12", True, -1, -(10**9), 0, 1, 0.5, 1e3, math.nan, math.inf, -math.inf, 2**63, 10**400,
)  # fmt: skip


def least_bound(scene: Scene, options: str) -> tuple[int, int]:
    """Tokens that the smallest request may take at most, and takes here: nothing that is reserved is left over."""
    usage = remote.make(scene.vendor, scene.url, options).worst_usage(batch_of(SOURCES[-1:], parse_pair("de-en")))
    return usage["input_tokens"], usage["output_tokens"]


def lies(rng: random.Random, engine: str, honest: dict[str, int]) -> object:
    """What a service may put in the place of its usage."""
    if rng.random() < 0.2:
        return rng.choice((None, [], "a lot", {}, -1, math.nan))
    return {name: rng.choice((*NUMBERS, number)) for name, number in honest.items()}


def lying(scene: Scene, rng: random.Random, tokens: tuple[int, int]) -> None:
    engine, told = scene.vendor.engine, scene.vendor.success
    honest = dict(zip(COUNTS[engine], tokens, strict=True))

    def success(seen: Seen, translate: Any = shout) -> Response:
        body = json.loads(told(seen, translate).body)
        body[USAGE[engine]] = honest if rng.random() < 0.3 else lies(rng, engine, honest)
        if rng.random() < 0.1:
            del body[USAGE[engine]]
        return Response(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    scene.server.vendor = replace(scene.vendor, success=success)


def requests(scene: Scene) -> int:
    return sum(len(job.items) for job in scene.server.jobs) + len(scene.server.live)


def hold(scene: Scene, seed: int) -> None:
    rng = random.Random(seed)
    options = "batch_api = true\nbatch = 3" + ("\nreasoning_tokens = 0" if scene.vendor.engine == "openai" else "")
    scene.write(options.replace("\nbatch = 3", ""))
    tokens = least_bound(scene, options)
    lying(scene, rng, tokens)
    real = (tokens[0] * INPUT + tokens[1] * OUTPUT) * FACTOR / 1e6
    cap = real * rng.uniform(0.5, 4.0)
    bought = 0
    for _ in range(3):
        open_before = sum(len(job.items) for job in scene.server.jobs if not job.ended)
        before = requests(scene)
        done = scene.run("--max-cost", f"{cap:.6f}")
        assert done.code in {0, 3}, done.err
        assert (requests(scene) - before + open_before) * real <= cap, (seed, cap, done.err)
        bought += requests(scene) - before
        scene.server.end()
    assert bought or cap < 1.5 * real
    scene.server.ends = True
    done = scene.run("--wait")
    assert done.code == 0, done.err
    assert scene.texts == [shout(source) for source in SOURCES]
    assert all(cost is None or (math.isfinite(cost) and cost >= 0) for _, cost in scene.requests())
    assert scene.server.bought == dict.fromkeys(SOURCES, 1)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 12))])
def test_the_limit_holds_whatever_a_batch_reports(scene: Scene, seed: int) -> None:
    hold(scene, seed)
