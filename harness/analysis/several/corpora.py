"""Where the texts of two runs differ, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.store.cache.keys import corpus_digest
from harness.types import Corpus, Part, Reason, Unit


@dataclass(frozen=True, slots=True)
class CorpusDifference:
    """The articles, or the segments where these are the unit, by which two corpora of one pair differ."""

    added: Sequence[str] = ()
    """Only the later one has them."""
    removed: Sequence[str] = ()
    """Only the earlier one has them."""
    changed: Sequence[str] = ()
    """Articles of one name with other sources or references."""
    unit: Unit = "article"

    def __bool__(self) -> bool:
        """Whether anything is in only one of them; two orders of the same articles are not told apart here."""
        return bool(self.added or self.removed or self.changed)

    @property
    def reason(self) -> Reason:
        """Why numbers over the two do not compare."""
        changes: Reason | Part = self.changes if self else Reason("across.order")
        return Reason("across.corpus", {"changes": changes})

    @property
    def changes(self) -> Part:
        """Each kind of change with what it befell."""
        kinds = (("added", self.added), ("removed", self.removed), ("changed", self.changed))
        return Part("series", tuple(_change(self.unit, kind, names) for kind, names in kinds if names))


def _change(unit: Unit, kind: str, names: Sequence[str]) -> Reason:
    return Reason(f"across.differ.{unit}.{kind}", {"articles": Part("first", tuple(names))})


def corpus_difference(later: Corpus, earlier: Corpus) -> CorpusDifference | None:
    """How the articles of two corpora differ; None where they are the same in the same order."""
    if corpus_digest(later) == corpus_digest(earlier):
        return None
    new, old = ({article.id: article for article in corpus.articles} for corpus in (later, earlier))
    return CorpusDifference(
        added=[name for name in new if name not in old],
        removed=[name for name in old if name not in new],
        changed=[name for name in old if name in new and not old[name].same_texts(new[name])],
    )
