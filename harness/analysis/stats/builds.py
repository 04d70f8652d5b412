"""How much of the level each build may spend that is tested against one baseline, so that all builds keep it together.

The rule is alpha-spending in halves: half of the level is shared evenly by the builds that are planned, half of what
is left by as many that may follow, and so on. The shares add up to the level however many builds come, and by
Bonferroni's inequality all builds together are wrong no more often, whatever they have in common. They have much in
common: the baseline and the articles are the same in all of them. Rules that multiply evidence (test martingales) or
that assume independent tests do not hold for that reason, and rules whose levels fall from the first test on find next
to nothing later; ``python -m tests.bench builds`` has them side by side.

Inside a half the level does not depend on which build comes first: builds that are tested at the same moment, and a
record of builds that was lost, change no level until more than the planned number has been tested.
"""

from __future__ import annotations

ALPHA = 0.05
"""Of all builds together."""

RULE = "halves"
"""The name of the rule in records and reports."""


def build_level(number: int, planned: int, alpha: float = ALPHA) -> float:
    """The one-sided level of a build.

    Args:
        number: which tested build it is, from 1.
        planned: how many builds share the first half of the level, at least 1.
        alpha: of all builds together.
    """
    half = (number - 1) // planned + 1
    return alpha / (planned * 2.0**half)


def false_alarm(builds: int, alpha: float = ALPHA) -> float:
    """The most that ``builds`` tests, each at ``alpha``, are wrong at least once if none depends on another.

    Tests that share a baseline depend on each other in one direction, which makes it less (Slepian 1962).
    """
    return 1.0 - (1.0 - alpha) ** builds
