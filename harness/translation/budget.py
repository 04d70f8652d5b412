"""A hard limit on money: what a request may cost at most is reserved before it is sent."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field

from harness.errors import HarnessError, UsageError
from harness.types import Money


class BudgetSpent(HarnessError):  # noqa: N818 - a state, not a fault
    """The next request could go over the limit."""

    exit_code = 3


def check_cap(amount: float) -> None:
    """Return if an amount can be a limit.

    Raises:
        UsageError: it is negative, infinite or not a number.
    """
    if not (math.isfinite(amount) and amount >= 0):
        raise UsageError(
            f"--max-cost {amount:g}: not an amount of money",
            hint="give 0 or more, or leave --max-cost out for no limit",
        )


@dataclass(slots=True)
class Purse:
    """``--max-cost`` over several calls of the runner, which has a :class:`Budget` for each."""

    cap: Money | None
    """None: no limit."""
    spent: float = 0.0
    """What was billed or may have been, in earlier calls."""


@dataclass(slots=True)
class Budget:
    """``--max-cost``, shared by all systems of a run. Belongs to one event loop.

    Invariant: ``spent + reserved <= cap`` at every moment, where ``spent`` holds what was billed or may have been, as
    long as no service bills more than was set aside; see :mod:`harness.translation.billing`.
    """

    cap: Money
    spent: float = 0.0
    reserved: float = 0.0
    under_way: int = 0
    """Reservations that are not settled. Sums of amounts leave a residue when all is given back; a count does not."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Refuse a limit that limits nothing."""
        check_cap(self.cap.amount)

    async def reserve(self, worst: float) -> None:
        """Set ``worst`` aside; waits for requests under way when only their unused reservations stand in the way.

        Raises:
            BudgetSpent: it does not fit, and nothing is under way that could make room.
        """
        if not (math.isfinite(worst) and worst >= 0):
            raise BudgetSpent(
                f"the next request may cost {worst}, which is not an amount of money",
                hint="check [price] in the system file",
            )
        while self.spent + self.reserved + worst > self.cap.amount:
            if not self.under_way:
                raise BudgetSpent(
                    f"--max-cost {self.cap.amount:g} {self.cap.currency} is reached: {self.spent:.6f} spent, "
                    f"the next request may cost {worst:.6f}",
                    hint="to continue, raise --max-cost and run the same command again",
                )
            self._changed.clear()
            await self._changed.wait()
        self.reserved += worst
        self.under_way += 1

    def settle(self, worst: float, actual: float) -> None:
        """Give a reservation back and book what was billed."""
        self.under_way -= 1
        self.reserved = max(0.0, self.reserved - worst) if self.under_way else 0.0
        self.spent += actual
        self._changed.set()

    def owe(self, worst: float) -> None:
        """Book what an earlier run may have spent, whether it fits or not: nothing new may be bought with it."""
        self.spent += worst

    def give_back(self, amount: float) -> None:
        """Take back what was booked and turned out not to be billed."""
        self.spent = max(0.0, self.spent - amount)
        self._changed.set()
