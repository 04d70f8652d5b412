"""The nouns of the harness: frozen, slotted, without I/O.

Absence is always a type with a reason. A segment without a reference has an empty tuple of references, a
translation that did not arrive is a :class:`Refused` or a :class:`Failed`, a score that cannot be had is a
:class:`Missing`. None of them is ever ``None``, ``""``, ``0`` or ``NaN``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, NewType, get_args

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

NOTHING: Mapping[str, int] = MappingProxyType({})


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


@dataclass(frozen=True, slots=True)
class Article:
    """A document: the unit of the statistics, because segments of one article are not independent."""

    id: ArticleId
    pair: LangPair
    segments: tuple[Segment, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    """Title, domain, origin, licence, date, notes and whatever the user added; the keys reports slice by."""

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

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Every segment of every article, in order; tables of numbers have one row for each."""
        return tuple(segment for article in self.articles for segment in article.segments)


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


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader of the result should know: what was kept, skipped, counted or looks wrong."""

    where: str
    """File and line, system, or metric."""
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """Everything that can change an engine's output, and nothing else: the head of every cache key."""

    engine: str
    version: str
    """Version of the program or model that answers, as the engine itself reports it."""
    options: Mapping[str, JsonValue]
    """Options that can change the output. Time-outs, concurrency, retries and names of keys stay out."""


@dataclass(frozen=True, slots=True)
class Translated:
    """The engine's answer."""

    text: str
    """As the engine gave it. May be empty: an engine that answers with nothing has still answered."""
    cached: bool = False
    """True when the answer came from the store and nothing was sent."""
    notes: Mapping[str, int] = field(default_factory=lambda: NOTHING, hash=False)
    """Counts the engine made on the way, e.g. ``{"unknown_words": 2}``."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine declined this segment for good: content filter, too long. Never cached, never scored."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer was had. Running again asks again."""

    error: str


Outcome = Translated | Refused | Failed


PartKind = Literal[
    "system", "metric", "difference", "range", "score", "p", "count", "units", "needed", "money", "seconds", "percent",
    "list", "message", "number", "at_least", "margin_option", "first", "series", "choices", "tenths", "hundredths",
    "clause", "foreign",
]  # fmt: skip
"""What a part of a sentence is; :data:`harness.reports.words.reasons.WORDED` says how each is written."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something a sentence names, before it is words: a system, a metric, a number with what it is a number of."""

    kind: PartKind
    value: Any
    """A name, a number, or for a list, the first of many and a series their members."""
    of: str = ""
    """The metric of a difference, the noun of a count, the unit of what is needed, ``and`` or ``or`` of a list, what
    stands between the members of a series."""


Fields = Mapping[str, "str | int | float | Part | Reason"]
"""What the sentence of a reason names, by the names that its message has for it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is so, or is not there: data, which only :func:`harness.reports.words.reasons.sentence` says."""

    key: str
    """Of the message, without ``.one`` and ``.other``, which field ``n`` chooses."""
    fields: Fields = field(default_factory=dict, hash=False)
    """Text stands as it is: somebody's own words."""
    kept: str = field(default="", compare=False)
    """The English it was kept with in a run: said where the messages in use do not have the key, or not its fields."""


def told(text: str) -> Reason:
    """A reason in somebody else's words: an error's, an old file's, a plug-in's."""
    return Reason("told", {"text": text})


NO_FIX: Final = Reason("no_fix")
"""Nothing can be done about it, or nothing that is known."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money that is known."""

    amount: float
    currency: str
    """ISO 4217; empty when nothing is billed."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An amount that is not known: never 0."""

    why: Reason | str


@dataclass(frozen=True, slots=True)
class MetricIdentity:
    """What makes two scores comparable."""

    name: str
    """The column heading: ``bleu``, ``chrf``, ``comet``, or the user's own name for ``scores``."""
    signature: str
    """Every setting that can move the number, as observed when it was computed."""
    higher_is_better: bool
    needs_reference: bool

    @property
    def declared(self) -> MetricIdentity:
        """The same without what only counts and digests the scores somebody brought: those differ in every run.

        Two ``scores`` are the same measure when their name, direction and column are; whether the two files were made
        alike only those who made them can say.
        """
        kind, *fields = self.signature.split("|")
        if kind != "scores":
            return self
        kept = [field for field in fields if field.partition(":")[0] not in ("file", "n", "averaged")]
        return MetricIdentity(self.name, "|".join([kind, *kept]), self.higher_is_better, self.needs_reference)


@dataclass(frozen=True, slots=True)
class Score:
    """One number and how many segments stand behind it."""

    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A score that cannot be had."""

    why: Reason | str
    fix: Reason | str = NO_FIX
    """The line that mends it: a command, or what to change and where."""


def texts_of(outcomes: Sequence[Outcome]) -> list[str | None]:
    """The translations; None where there is none."""
    return [outcome.text if isinstance(outcome, Translated) else None for outcome in outcomes]
