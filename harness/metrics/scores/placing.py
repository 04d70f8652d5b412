"""Which segment each score from a file is of. What fits nothing is refused, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.errors import DataError, UsageError, so_many
from harness.metrics.scores.ratings import Ratings
from harness.metrics.scores.rows import Spot
from harness.types import ArticleId, Layout, OriginalLines, SegmentId, Unclear
from harness.workspace.languages import parse_pair
from harness.workspace.registry import suggestion

TWO_WAYS = (
    "use the columns article and segment instead of line, or import the articles again to record their "
    "lines: harness import SOURCE REFERENCE --docids DOCIDS --pair {pair} --force"
)


@dataclass(frozen=True, slots=True)
class Placing:
    """How to find the segments of a pair."""

    layout: Layout
    pair: str = ""
    """The pair that rows without a column ``pair`` are of; empty: the only one there is."""
    lines_of: str = ""
    """The imported file whose lines are meant; empty: the only one there is."""

    def placed(
        self, ratings: Ratings, systems: Sequence[str], named: Sequence[str]
    ) -> dict[tuple[str, SegmentId], Spot]:
        """What has a score, by system and segment; other systems and other pairs are left out.

        Args:
            ratings: what was read.
            systems: that are scored.
            named: that have files of their own.

        Raises:
            DataError: see :meth:`harness.metrics.scores.metric.Scores.statistics`.
        """
        self._check_systems(ratings, systems, named)
        known = self.layout.systems.union(systems)
        spots: dict[tuple[str, SegmentId], Spot] = {}
        first: dict[tuple[str, SegmentId], str] = {}
        if self.pair and self.pair != str(self.layout.pair):
            return {}
        self._check_lengths(ratings, known)
        for spot, where in ratings.places.items():
            if spot.system not in known or not self._is_here(spot, where):
                continue
            score = ratings.scores.get(spot)
            segment = self._by_segment(spot, where) if spot.article else self._by_line(spot, where, score is None)
            if segment is None:
                continue
            what = f"system '{spot.system}', {_name(spot)}"
            if spot in ratings.doubles:
                one, other = ratings.doubles[spot]
                raise _twice(other, what, one)
            key = spot.system, segment
            if first.setdefault(key, where) != where:
                raise _twice(where, what, first[key])
            if score is not None:
                spots[key] = spot
        return spots

    def _check_systems(self, ratings: Ratings, systems: Sequence[str], named: Sequence[str]) -> None:
        rated, known = ratings.systems, self.layout.systems.union(systems)
        strangers = [name for name in named if name not in known]
        if strangers:
            raise DataError(
                f"scores for '{strangers[0]}', which is not among the systems ({', '.join(systems)})",
                hint=suggestion(strangers[0], sorted(known)),
            )
        if rated and not known.intersection(rated):
            raise DataError(
                f"none of the systems ({', '.join(systems)}) is rated; rated systems: {', '.join(sorted(rated))}",
                hint=suggestion(min(rated), sorted(known)),
            )
        # A name that differs in case or spaces alone is the same system, misspelt: it would silently have no score.
        plain = {_plain(name): name for name in systems if name not in rated}
        for spot, where in ratings.places.items():
            if spot.system not in known and _plain(spot.system) in plain:
                meant = plain[_plain(spot.system)]
                raise DataError(
                    f"{where}: field 'system': unknown system '{spot.system}'", hint=f"did you mean '{meant}'?"
                )

    def _is_here(self, spot: Spot, where: str) -> bool:
        """Whether a row is of this pair.

        Raises:
            DataError: it names no pair there is, or nothing says of which pair it is.
        """
        layout = self.layout
        if spot.pair:
            try:
                pair = parse_pair(spot.pair)
            except UsageError as error:
                raise DataError(f"{where}: field 'pair': {error}", hint=error.hint) from None
            if pair not in layout.pairs:
                hint = suggestion(spot.pair, sorted(map(str, layout.pairs)))
                raise DataError(f"{where}: field 'pair': unknown pair '{spot.pair}'", hint=hint)
            return pair == layout.pair
        if self.pair or len(layout.pairs) == 1:
            return True
        pairs = ", ".join(sorted(map(str, layout.pairs)))
        hint = f"add a column 'pair', or pair = \"{layout.pair}\" to the table of the metric in harness.toml"
        if not spot.article:
            raise DataError(f"{where}: field 'line': the pair is not given; it could be {pairs}", hint=hint)
        known = self._article(spot.article) is not None
        if known and spot.article in layout.elsewhere:
            raise DataError(f"{where}: field 'article': '{spot.article}' is in more than one pair: {pairs}", hint=hint)
        return known or spot.article not in layout.elsewhere

    def _article(self, name: str) -> ArticleId | None:
        return ArticleId(name) if name in self.layout.articles else self.layout.names.get(name)

    def _by_segment(self, spot: Spot, where: str) -> SegmentId:
        layout = self.layout
        article = self._article(spot.article)
        if article is None:
            hint = suggestion(spot.article, [*layout.articles, *layout.names])
            raise DataError(f"{where}: field 'article': {layout.pair} has no article '{spot.article}'", hint=hint)
        if not spot.number:
            return SegmentId(article, self._by_source(spot, article, where))
        if spot.number > layout.articles[article]:
            raise DataError(
                f"{where}: field 'segment': article '{article}' has no segment {spot.number}; the last is "
                f"{layout.articles[article]}",
                hint="segments count from 1 in every article; empty lines between paragraphs do not count",
            )
        return SegmentId(article, spot.number)

    def _by_source(self, spot: Spot, article: ArticleId, where: str) -> int:
        """The number of the segment with a source text; spaces at the ends of texts do not count.

        Where an article has a text several times, the texts around it say which is meant.
        """
        sources = [text.strip() for text in self.layout.sources.get(article, ())]
        wanted = [text.strip() for text in spot.sources]
        runs = [at for at in range(len(sources) - len(wanted) + 1) if sources[at : at + len(wanted)] == wanted]
        if len(runs) == 1:
            return runs[0] + spot.index + 1
        text = wanted[spot.index]
        if sources.count(text) != 1:
            problem = f"has {sources.count(text)} segments" if text in sources else "has no segment"
            raise DataError(f"{where}: article '{article}' {problem} with the source '{text[:60]}'")
        return sources.index(text) + 1

    def _by_line(self, spot: Spot, where: str, blank: bool) -> SegmentId | None:
        """The segment of a line; None for a line without score and segment, such as a paragraph break."""
        field = f"{where}: field 'line'"
        file, lines = self._lines(field)
        segment = lines.segments.get(spot.number)
        if segment is not None:
            if segment.article in lines.changed:
                raise DataError(
                    f"{field}: line {spot.number} of {file} is in the article '{segment.article}', whose source was "
                    "changed after its import",
                    hint=TWO_WAYS.format(pair=self.layout.pair),
                )
            return segment
        if blank:
            return None
        if spot.number > lines.count:
            raise DataError(f"{field}: system '{spot.system}' has no line {spot.number}; the last is {lines.count}")
        raise DataError(
            f"{field}: line {spot.number} of {file} is a paragraph break, or belongs to an article that was removed",
            hint="remove the row, or leave its score empty",
        )

    def _lines(self, field: str) -> tuple[str, OriginalLines]:
        originals = self.layout.originals
        if not originals:
            raise DataError(
                f"{field}: {self.layout.pair} has no record of the lines its segments were imported from",
                hint=TWO_WAYS.format(pair=self.layout.pair),
            )
        name = self.lines_of or next(iter(originals))
        if name not in originals:
            raise DataError(f"{field}: no article was imported from '{name}'", hint=suggestion(name, sorted(originals)))
        if not self.lines_of and len(originals) > 1:
            raise DataError(
                f"{field}: the articles were imported from {len(originals)} files: {', '.join(sorted(originals))}",
                hint=f'set lines_of = "{name}" in the table of the metric, or use the columns article and segment',
            )
        lines = originals[name]
        if isinstance(lines, Unclear):
            raise DataError(f"{field}: {lines.why}", hint=lines.fix)
        return name, lines

    def _check_lengths(self, ratings: Ratings, known: frozenset[str]) -> None:
        for system, (path, length) in ratings.lengths.items():
            if system not in known:
                continue
            _, lines = self._lines(f"{path}:1: field 'line'")
            if length < lines.count:
                raise DataError(
                    f"{path}: {so_many(length, 'line')} for system '{system}', but {so_many(lines.count, 'segment')}"
                )


def unknown_systems(ratings: Ratings, layout: Layout) -> Iterator[str]:
    """Systems that are rated and that nobody knows."""
    return (name for name in ratings.systems if name not in layout.systems)


def _name(spot: Spot) -> str:
    segment = spot.number or f"'{spot.sources[spot.index][:60]}'"
    return f"article '{spot.article}', segment {segment}" if spot.article else f"line {spot.number}"


def _twice(where: str, subject: str, other: str) -> DataError:
    return DataError(
        f"{where}: {subject} was already rated at {other}",
        hint="no other column differs: remove one of the rows, or, if two people rated it, add a column such as "
        "'annotator' that tells them apart; their mean is used",
    )


def _plain(name: str) -> str:
    return "".join(name.casefold().split())
