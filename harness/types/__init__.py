"""The nouns of the harness: frozen, slotted, without I/O.

Absence is always a type with a reason. A segment without a reference has an empty tuple of references, a
translation that did not arrive is a :class:`Refused` or a :class:`Failed`, a score that cannot be had is a
:class:`Missing`. None of them is ever ``None``, ``""``, ``0`` or ``NaN``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal, NewType, get_args

from harness.types.memorisation import Changed, Ending, Memorisation, Recited
from harness.types.metrics import Kind, MetricIdentity, Traits
from harness.types.outcomes import NOTHING, Failed, NotBought, Outcome, Refused, Response, Translated, texts_of
from harness.types.overlap import Overlap, Overlaps
from harness.types.reason import NO_FIX, SIGNIFICANT, Decimals, Fields, Missing, Part, PartKind, Reason, Unknown, told

__all__ = [
    "CRITERIA",
    "NOTHING",
    "NO_FIX",
    "SIGNIFICANT",
    "Article",
    "ArticleId",
    "Changed",
    "Corpus",
    "Criterion",
    "Decimals",
    "Ending",
    "EngineIdentity",
    "Failed",
    "Fields",
    "JsonValue",
    "Kind",
    "LangPair",
    "Layout",
    "Memorisation",
    "MetricIdentity",
    "Missing",
    "Money",
    "NotBought",
    "Note",
    "OriginalLines",
    "Outcome",
    "Overlap",
    "Overlaps",
    "Part",
    "PartKind",
    "Reason",
    "Recited",
    "Refused",
    "Response",
    "Score",
    "Segment",
    "SegmentId",
    "SystemName",
    "Traits",
    "Translated",
    "Unclear",
    "Unit",
    "UnitChoice",
    "Unknown",
    "texts_of",
    "told",
]

ArticleId = NewType("ArticleId", str)
"""The name of an article: the stem of its files, unique within a pair."""

SystemName = NewType("SystemName", str)
"""The name of a system: the stem of ``systems/<name>.toml``, or what ``--hypothesis NAME=FILE`` says."""

Unit = Literal["article", "segment"]
"""What the statistics take as independent."""

UnitChoice = Literal["article", "segment", "undeclared"]
"""What a run declares as independent. ``undeclared``: articles, or the segments of bare files without document ids."""

Criterion = Literal["quality", "flags", "cost", "latency"]
"""What systems are chosen by."""

CRITERIA: Final[tuple[Criterion, ...]] = get_args(Criterion)

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True, slots=True, order=True)
class LangPair:
    """Source and target as BCP-47 tags, e.g. ``LangPair("en", "pt-BR")``; see :mod:`harness.workspace.languages`."""

    source: str
    target: str

    def __str__(self) -> str:
        """The form used in paths and on the command line: ``en-pt_BR``."""
        return f"{self.source_file_tag}-{self.target_file_tag}"

    @property
    def source_file_tag(self) -> str:
        """The source tag as it stands in file names: ``zh_Hant``."""
        return self.source.replace("-", "_")

    @property
    def target_file_tag(self) -> str:
        """The target tag as it stands in file names: ``pt_BR``."""
        return self.target.replace("-", "_")


@dataclass(frozen=True, slots=True, order=True)
class SegmentId:
    """Names one segment within a pair."""

    article: ArticleId
    number: int
    """1-based position among the segments of the article; paragraph breaks do not count."""

    def __str__(self) -> str:
        return f"{self.article}:{self.number}"


@dataclass(frozen=True, slots=True)
class Segment:
    """One unit of translation: usually a sentence or a heading."""

    id: SegmentId
    line: int
    """1-based line in the source file, for messages to people."""
    paragraph: int
    """1-based paragraph of the article."""
    source: str
    """Never empty in an article; may be empty in bare files, where every line is a segment."""
    references: tuple[str, ...]
    """The human translations there are; empty when the segment has none. No member is empty."""
    meta: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    """What the file it was imported from says of it: ``id`` and whatever else was kept. Decides nothing."""


@dataclass(frozen=True, slots=True)
class Article:
    """A document: the unit of the statistics, because segments of one article are not independent."""

    id: ArticleId
    pair: LangPair
    segments: tuple[Segment, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    """Title, domain, origin, licence, date, notes and whatever the user added; the keys reports slice by."""

    def __repr__(self) -> str:
        """One line, however long it is."""
        return f"<Article {self.id} {self.pair}: {len(self.segments)} segments>"

    def same_texts(self, other: Article) -> bool:
        """Whether both have the same sources and references in the same order; metadata may differ."""
        return [(item.source, item.references) for item in self.segments] == [
            (item.source, item.references) for item in other.segments
        ]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All articles of one pair, in the order in which everything downstream lists them."""

    pair: LangPair
    articles: tuple[Article, ...]
    _segments: list[tuple[Segment, ...]] = field(default_factory=list, init=False, repr=False, compare=False)
    """What :attr:`segments` gave the first time: reports ask a hundred times."""

    def __repr__(self) -> str:
        """One line, whatever it holds."""
        return f"<Corpus {self.pair}: {len(self.articles)} articles, {len(self.segments)} segments>"

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Every segment of every article, in order; tables of numbers have one row for each."""
        if not self._segments:
            self._segments.append(tuple(chain.from_iterable(article.segments for article in self.articles)))
        return self._segments[0]


@dataclass(frozen=True, slots=True)
class OriginalLines:
    """The lines of a file from which articles were imported."""

    count: int
    """Of the whole file, lines without a segment included."""
    segments: Mapping[int, SegmentId]
    """1-based line to the segment that stood there."""
    changed: frozenset[ArticleId]
    """Articles whose source is no longer what was imported: their lines say nothing any more."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why nothing says on which lines of a file segments stood."""

    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Which segments a pair has, so that scores from elsewhere find theirs, and what fits nothing is found out."""

    pair: LangPair
    pairs: frozenset[LangPair]
    """All there are."""
    segments: tuple[SegmentId, ...]
    """Those that are scored, in the order of the rows."""
    articles: Mapping[ArticleId, int]
    """Every article of the pair, those that are not scored too, and its number of segments."""
    names: Mapping[str, ArticleId]
    """What articles were called before import made ids of their names."""
    elsewhere: frozenset[str]
    """Articles of the other pairs."""
    originals: Mapping[str, OriginalLines | Unclear]
    """By name of the imported file; empty where no lines were kept."""
    systems: frozenset[str]
    """All there are, those that are not scored too."""
    sources: Mapping[ArticleId, tuple[str, ...]] = field(default_factory=dict)
    """Source texts of the articles, for rows that name a segment by its text."""


CUT_AGAIN = ", cut along the references"
"""What the origin of outputs ends in whose segments were cut again: scores of single ones depend on the cuts."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader of the result should know: what was kept, skipped, counted or looks wrong."""

    where: str
    """File and line, system, metric, or pair."""
    what: Reason | str
    """As data, or in somebody's own words; :func:`harness.reports.words.reasons.noted` says it."""


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """Everything that can change an engine's output, and nothing else: the head of every cache key."""

    engine: str
    version: str
    """Version of the program or model that answers, as the engine itself reports it."""
    options: Mapping[str, JsonValue]
    """Options that can change the output. Time-outs, concurrency, retries and names of keys stay out."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money that is known."""

    amount: float
    currency: str
    """ISO 4217; empty when nothing is billed."""


@dataclass(frozen=True, slots=True)
class Score:
    """One number and how many segments stand behind it."""

    value: float
    n: int
