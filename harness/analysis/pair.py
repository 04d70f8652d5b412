"""Everything a report may claim of one pair, each part computed once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from harness.analysis.breakdown import NOTHING_ASKED, Asked, Breakdown, breakdown_of
from harness.analysis.comparison import Evidence, MetricEvidence
from harness.analysis.contents import Contents, contents_of
from harness.analysis.decision.decide import ReferenceDoubts, decide, reference_doubts
from harness.analysis.decision.lead import Lead, lead_of
from harness.analysis.decision.recommendation import Decision, DecisionPolicy
from harness.analysis.disagreements import Disagreement, disagreements_of
from harness.analysis.eligible import is_complete
from harness.analysis.evidence import weigh
from harness.analysis.floors import identical_systems, same_outputs
from harness.analysis.routing import Routing, find_routing
from harness.analysis.shared import Shared, shared_of
from harness.analysis.signs import Sign
from harness.analysis.slices import Slice, Slicing, cut, kinds_of, members_of
from harness.analysis.standing import Standing, rank_systems, worst_articles, worst_articles_of, worst_segments_of
from harness.analysis.stats.compare import FormulaOf
from harness.analysis.subset import Exclusion, exclusions
from harness.analysis.trust import signs_of
from harness.analysis.units import units_of
from harness.metrics.interface import Mask
from harness.store.runs.result import PairResult
from harness.types import Missing, Reason, SystemName, UnitChoice

if TYPE_CHECKING:
    from harness.analysis.effort import Age, Spread
    from harness.analysis.health import Health, Marks
    from harness.analysis.human import HumanAgreement
    from harness.analysis.looks import Look
    from harness.analysis.phrases import Explanation
    from harness.analysis.profile import Bands, Curve
    from harness.analysis.terms import MissedTerms

MOST_SEGMENT_TESTED = 6
"""With more systems the segment-level tests are left out: they take most of the time, and no verdict rests on them."""


@dataclass(frozen=True, eq=False)
class PairAnalysis:
    """One pair, what its scores show, and what follows by a policy. No part changes once it is computed."""

    result: PairResult
    policy: DecisionPolicy
    """What decides, and what limits there are."""
    seed: int
    """Of everything random."""
    formula_of: FormulaOf
    every_test: bool = False
    """Whether the segment-level tests are made of however many systems there are."""
    asked: Asked = NOTHING_ASKED

    @cached_property
    def evidence(self) -> Evidence:
        """What the scores of everything that may be compared show."""
        tests, detectable = self.segment_tests, self.asked.detectable
        return weigh(self.result, self.formula_of, seed=self.seed, segment_tests=tests, detectable=detectable)

    @cached_property
    def segment_tests(self) -> bool:
        """Whether the segment-level tests were made."""
        return self.every_test or sum(map(is_complete, self.result.systems)) <= MOST_SEGMENT_TESTED

    @cached_property
    def lead(self) -> Lead | Missing:
        """What decides, or why nothing does."""
        return lead_of(self.evidence, self.policy)

    @cached_property
    def standing(self) -> Standing:
        """In which order systems are listed, and by which metric."""
        return rank_systems(self.result, self.lead if isinstance(self.lead, Missing) else self.lead.metric)

    @property
    def primary(self) -> str | None:
        """The metric that tables are ordered by; None where none can be compared."""
        return self.standing.primary

    @cached_property
    def references(self) -> ReferenceDoubts:
        """What the references themselves cast doubt on."""
        return reference_doubts(self.result, self.seed)

    @cached_property
    def decision(self) -> Decision:
        """Which system to take by the policy, with the facts of each, or why none; in the systems' own names."""
        routing = self.routing
        if isinstance(routing, Missing):
            return self.one_for_all
        return replace(self.one_for_all, what_would_change_it=(routing.reason, *self.one_for_all.what_would_change_it))

    @cached_property
    def one_for_all(self) -> Decision:
        """The same without :attr:`routing`, which costs more than all the rest: for what asks of one system only."""
        return decide(self.evidence, self.result, self.policy, references=self.references)

    @cached_property
    def routing(self) -> Routing | Missing:
        """Which system to take for which part of the corpus, or why one for all is as good; by the slices asked for."""
        if isinstance(self.lead, Missing):
            return self.lead
        formula, kinds = self.formula_of(self.lead.metric), self.asked.slices
        return find_routing(self.result, self.lead, self.one_for_all, formula, seed=self.seed, kinds=kinds)

    @cached_property
    def contents(self) -> Contents:
        """Hashes of the texts."""
        return contents_of(self.result)

    @cached_property
    def excluded(self) -> tuple[Exclusion, ...]:
        """Systems that no verdict on all segments speaks of."""
        return exclusions(self.result)

    @cached_property
    def shared(self) -> tuple[Shared, ...]:
        """Systems that have most segments, on those that all of them have; none where no system lost a segment."""
        return shared_of(self)

    @cached_property
    def identical(self) -> tuple[tuple[SystemName, ...], ...]:
        """Groups of systems with the same text in every segment, floors aside."""
        return identical_systems(self.result)

    @cached_property
    def worst_articles(self) -> Sequence[int]:
        """Articles by their mean over the ranked systems, worst first; those without a score are left out."""
        return worst_articles(self.result, self.standing)

    @cached_property
    def worst_articles_by(self) -> Mapping[SystemName, Sequence[tuple[int, float]]]:
        """The same by each system alone, with its scores."""
        return {system.name: worst_articles_of(system, self.standing) for system in self.result.systems}

    @cached_property
    def worst_segments_by(self) -> Mapping[SystemName, Sequence[tuple[int, float]]]:
        """Rows of segments by each system alone, worst first, with its scores."""
        return {system.name: worst_segments_of(system, self.standing) for system in self.result.systems}

    @cached_property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """Pairs of systems that a learned metric and another, learned or of strings, separate in opposite ways."""
        return disagreements_of(self.evidence, self.standing.comparable)

    @cached_property
    def primary_slices(self) -> Mapping[str, tuple[Slice, ...]]:
        """The ranked systems under the primary metric, by each kind that cuts the corpus in two or more.

        None where nothing is weighed by it.
        """
        metric, systems = self.primary, tuple(self.standing.ranked)
        if metric is None or self.metric(metric) is None or not systems:
            return {}
        shown = replace(self, result=replace(self.result, metrics=(metric,), systems=systems))
        cuts = {kind: shown.slices(kind) for kind in kinds_of(self.result.corpus)}
        return {kind: parts for kind, parts in cuts.items() if not isinstance(parts, Missing) and len(parts) > 1}

    @cached_property
    def slice_members(self) -> Mapping[str, Sequence[tuple[Reason, Mask]]]:
        """The slices of each kind that cuts the corpus in two or more, with (n,) the segments of each."""
        cuts = {kind: members_of(self.result.corpus, kind) for kind in kinds_of(self.result.corpus)}
        return {kind: parts for kind, parts in cuts.items() if not isinstance(parts, Missing) and len(parts) > 1}

    @cached_property
    def ages(self) -> Mapping[SystemName, Age]:
        """Systems whose cost and speed were not, or not wholly, measured in this run, and when they were."""
        from harness.analysis.effort import age_of

        return {system.name: age for system in self.result.systems if (age := age_of(system))}

    @cached_property
    def spreads(self) -> tuple[Spread, ...]:
        """How far scores lie apart when everything is asked for again, in the order of the standing."""
        from harness.analysis.effort import spreads_of

        return spreads_of(self.standing.systems, self.result.metrics)

    @cached_property
    def marks(self) -> Mapping[SystemName, Marks]:
        """What there is to say about the outputs of each system."""
        from harness.analysis.health import marks_of

        return {system.name: marks_of(system) for system in self.result.systems}

    @cached_property
    def health(self) -> Health:
        """What went wrong and was noticed, counted by system in the order of the standing."""
        from harness.analysis.health import health_of

        return health_of(self.standing.systems, self.marks)

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """The system at the top against the next ones, segment by segment, under the primary metric."""
        from harness.analysis.profile import curves_of

        metric, systems = self.primary, self.standing.ranked
        if metric is None or len(systems) < 2:
            return ()
        return curves_of(systems, metric, higher_is_better=self.standing.identities[metric].higher_is_better)

    @cached_property
    def bands(self) -> Bands | Missing:
        """How many good and bad segments each ranked system has under the primary metric."""
        from harness.analysis.profile import bands_of

        metric, systems = self.primary, self.standing.ranked
        if metric is None:
            return Missing(Reason("decision.nothing"))
        return bands_of(systems, metric, higher_is_better=self.standing.identities[metric].higher_is_better)

    @cached_property
    def explanation(self) -> Explanation:
        """Phrases that one of the two best systems gets and the other does not, and the lengths of all."""
        from harness.analysis.phrases import explain

        return explain(self.result, self.standing.contenders(self.evidence.floors))

    @cached_property
    def missed_terms(self) -> MissedTerms:
        """Terms of the glossary that any system missed; counts by system, in the order of the standing."""
        from harness.analysis.terms import missed_terms

        return missed_terms(self.result, self.standing.systems)

    @cached_property
    def breakdown(self) -> Breakdown:
        """What is asked for beside the usual."""
        return breakdown_of(self, self.asked)

    def slices(self, kind: str) -> Slicing:
        """The scores of parts of the corpus: by a key of the articles, by length or by position."""
        return cut(self.result, self.formula_of, kind, seed=self.seed)

    def human(self, column: str) -> HumanAgreement:
        """How well every other metric agrees with a column of human ratings.

        Raises:
            UsageError: no system has a score in it.
        """
        from harness.analysis.human import agreement

        return agreement(self.result, self.formula_of, column, seed=self.seed)

    @cached_property
    def humans(self) -> Mapping[str, HumanAgreement]:
        """How well the other metrics agree with people: one entry for each column of ratings that is compared."""
        known = self.evidence.metrics
        columns = [name for name, found in known.items() if found.metric.traits.kind == "people"]
        return {column: self.human(column) for column in columns if len(known) > 1}

    @cached_property
    def trust(self) -> tuple[Sign, ...]:
        """What speaks for and against trusting the numbers, the gravest first."""
        return signs_of(self)

    @property
    def in_question(self) -> SystemName | None:
        """The recommended system, else the one with the highest score; None where nothing is compared."""
        from harness.analysis.looks import system_in_question

        return system_in_question(self)

    def next_best(self, system: SystemName) -> SystemName | None:
        """The best of the others that does not say the same in every segment; None where there is none."""
        from harness.analysis.looks import next_best

        return next_best(self, system)

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """Lists of segments that could change somebody's mind about the system in question."""
        from harness.analysis.looks import looks_of

        return looks_of(self)

    @property
    def unit(self) -> UnitChoice:
        """What is independent; ``undeclared`` where that is the segment and nobody said so."""
        unit, _ = units_of(self.result.corpus, self.result.unit)
        return unit if unit == "article" or self.result.unit == "segment" else "undeclared"

    def same(self, a: SystemName, b: SystemName) -> bool:
        """Whether two systems gave the same text for every segment."""
        return same_outputs(*(system for name in (a, b) for system in self.result.systems if system.name == name))

    def metric(self, name: str | None) -> MetricEvidence | None:
        """The evidence of one metric; None where there is none."""
        return self.evidence.metrics.get(name) if name else None

    def letters(self, name: str) -> Mapping[str, str]:
        """Tie-group letters by system under a metric; none where there is no verdict."""
        return evidence.letters if (evidence := self.metric(name)) else {}
