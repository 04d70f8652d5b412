"""Many segments looked at together, to tell which of them a check need not be called on.

Most checks find nothing in most texts, and saying so one text at a time is most of their work. A check with a screen
(:func:`screened_by`, :class:`ScreenedArticles`) is called only where its screen is in doubt; one without is called on
every segment, or on every article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from harness.checks.characters import Numbers, Selected, Texts
from harness.checks.interface import ArticleCheck, Check, CheckContext, Flag, Item
from harness.checks.length_model import LengthModel
from harness.checks.texts import Openings

_Value = TypeVar("_Value", bound=np.generic)


class Batch:
    """Segments to be checked: at least one."""

    def __init__(self, items: Sequence[Item]) -> None:
        """Take the segments; those of one source are best neighbours."""
        self.items = items
        self._firsts: list[Item] = []
        rows = []
        for item in items:
            # Systems are checked side by side, so that items with one source and one set of references are neighbours.
            if not self._firsts or (item.source, item.references) != (
                self._firsts[-1].source,
                self._firsts[-1].references,
            ):
                self._firsts.append(item)
            rows.append(len(self._firsts) - 1)
        self.segment: Numbers = np.array(rows)
        """For each item, which of the distinct segments it translates."""

    def __len__(self) -> int:
        """How many items."""
        return len(self.items)

    @property
    def segments(self) -> Sequence[Item]:
        """The distinct sources and references, as the first item that has them."""
        return self._firsts

    @cached_property
    def texts(self) -> Texts:
        """The translations, one for each item."""
        return Texts([item.text for item in self.items])

    @cached_property
    def sources(self) -> Texts:
        """The sources, one for each of :attr:`segments`."""
        return Texts([item.source for item in self._firsts])

    @cached_property
    def shortest_references(self) -> Numbers:
        """Characters of the shortest reference of each item, 0 where there is none."""
        return self.of_sources(np.array([min(map(len, segment.references), default=0) for segment in self._firsts]))

    @cached_property
    def longest_references(self) -> Numbers:
        """Characters of the longest reference of each item, 0 where there is none."""
        return self.of_sources(np.array([max(map(len, segment.references), default=0) for segment in self._firsts]))

    def deviations(self, model: LengthModel) -> NDArray[np.float64]:
        """:meth:`LengthModel.deviation` of each item, but for the last digits."""
        written = self.texts.lengths - (1 - model.latin) * self.texts.ascii_counts
        return model.deviations(self.of_sources(self.sources.lengths), written)

    def of_sources(self, values: NDArray[_Value]) -> NDArray[_Value]:
        """For each item, what there is for each of :attr:`segments`."""
        return values[self.segment]


Screen = Callable[[Batch, CheckContext], Selected]
"""Says of each item of a batch whether the check may flag it. False is a promise: the check yields nothing there."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A check that need not be called on every segment."""

    check: Check
    screen: Screen

    @property
    def __wrapped__(self) -> Check:
        """For :func:`inspect.unwrap`: whose documentation this is."""
        return self.check

    def __call__(self, item: Item, context: CheckContext) -> Iterable[Flag]:
        """Check one segment, whatever the screen says of it."""
        return self.check(item, context)


@runtime_checkable
class ScreenedArticles(ArticleCheck, Protocol):
    """A check of articles that need not be called on every article."""

    def screen(self, batch: Batch, context: CheckContext) -> Selected:
        """Say of each item of a batch whether an article with it may have a flag.

        False for all items of an article is a promise: the check yields nothing there.
        """


def screened_by(screen: Screen) -> Callable[[Check], Screened]:
    """Give a check a screen; to be used as a decorator."""
    return lambda check: Screened(check, screen)


def having(*, text: int = 0, source: int = 0) -> Screen:
    """The screen of a check that flags nothing unless the text, or the source, has one of these signs."""

    def screen(batch: Batch, _context: CheckContext) -> Selected:
        selected = batch.texts.having(text)
        return selected | batch.of_sources(batch.sources.having(source)) if source else selected

    return screen


def beginning_with(openings: Openings) -> Screen:
    """The screen of a check that flags nothing unless the text begins with one of these words."""

    def screen(batch: Batch, _context: CheckContext) -> Selected:
        texts = batch.texts
        # The second character of a text that has only one is the separator behind it, which no letter is.
        firsts, seconds = texts.codes[texts.starts], texts.codes[np.minimum(texts.starts + 1, len(texts.codes) - 1)]
        starts, places = np.unique(firsts.astype(np.uint64) << np.uint64(32) | seconds, return_inverse=True)
        possible = [not openings.rule_out(chr(start >> 32) + chr(start & 0xFFFFFFFF)) for start in starts.tolist()]
        selected: Selected = np.array(possible)[places.reshape(-1)]
        for row in np.flatnonzero(selected).tolist():
            selected[row] = openings.may_begin(texts.texts[row])
        return selected

    return screen
