"""In place of the cache where nothing is kept: imports no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.types import JsonValue


class NoCache:
    """Keeps nothing: for scoring bare files, where there is no workspace to keep it in."""

    keeps = False

    def get_scores(
        self, metric: Mapping[str, str], texts: Sequence[tuple[str, ...]]
    ) -> list[Mapping[str, float] | None]:
        """Nothing is known."""
        del metric
        return [None] * len(texts)

    def put_scores(
        self, metric: Mapping[str, str], scores: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    ) -> None:
        """Nothing is kept."""

    def get_derived(self, requests: Sequence[Mapping[str, JsonValue]]) -> list[bytes | None]:
        """Nothing is known."""
        return [None] * len(requests)

    def put_derived(self, results: Sequence[tuple[Mapping[str, JsonValue], bytes]]) -> None:
        """Nothing is kept."""
