"""A look at the ratings so far: whether it is known which system is best, or more articles go out.

It is the ordinary test of the ratings, at a level planned before anybody rated (:mod:`harness.analysis.sequential`).
Raters see all systems until the end, because scores are given side by side: what looks save is articles. What a look
showed is kept, and not computed again: neither a score that is changed later nor a rater who fails attention checks
later undoes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from harness.analysis import analyse
from harness.analysis.sequential import look_at
from harness.api.rating.handout import Handout, write_handout
from harness.api.rating.taking_back import on_articles, with_ratings
from harness.metrics.scores.foreign.campaign import MANIFEST
from harness.reports.words.looks import look_line, look_result
from harness.reports.words.messages import say
from harness.reports.words.reasons import sentence
from harness.store.runs.looks import End, Look
from harness.store.runs.result import Run
from harness.types import Missing

COLUMN = "human"


@dataclass(slots=True)
class Looking:
    """Looks at one campaign, one after the other."""

    run: Run
    """That is rated."""
    folder: Path
    handout: Handout
    tell: Callable[[str], None]
    """Is told what each look shows."""

    def look(self) -> None:
        """See what the ratings of the articles that are out show, and keep it.

        Raises:
            DataError: a rating fits nothing in the run.
        """
        looks = self.handout.looks
        count, level = looks.counts[len(looks.made)], looks.levels[len(looks.made)]
        rated = with_ratings(self.run, self.folder / MANIFEST, COLUMN, str(self.handout.pair))
        (result,) = (pair for pair in rated if pair.pair == self.handout.pair)
        part = on_articles(result, self.handout.articles, self.run)
        look = Look(count, len(part.corpus.segments), level, (), {})
        part = replace(part, looks=replace(looks, made=(*looks.made, look)))
        (analysed,) = analyse(replace(self.run, pairs=(part,))).pairs
        shown = look_at(analysed, count / looks.counts[-1], looks.margin)
        end: End = "all" if count == looks.counts[-1] else "open"
        if isinstance(shown, Missing) or analysed.decision.metrics != (COLUMN,):
            end, said = "untested", sentence(shown.why) if isinstance(shown, Missing) else say("until.not_people")
        else:
            before = {name for made in looks.made for name in made.out}
            new = {worse: better for worse, better in shown.out.items() if worse not in before}
            left = tuple(name for name in shown.left if name not in before)
            look = replace(look, systems=(*left, *new), out=new)
            if end == "open" and (shown.answered or len(left) == 1):
                end = "known" if len(left) == 1 else "tied"
            said = look_result(left, tuple(new), end)
        self.handout = replace(self.handout, looks=replace(looks, made=(*looks.made, look), end=end))
        write_handout(self.folder, self.handout)
        self.tell(look_line(self.handout.pair, self.handout.looks, said))
