"""A rating campaign: a folder with what people are shown, who sees what, and the key to it.

``campaign.json`` says which run the campaign is of, how its articles were chosen and who rates; for the page of the
harness it also holds every text that is shown and which system it is by. Ratings lie beside it: ``answers.jsonl`` of
the page, ``RATER.xlsx``, or Pearmut's ``data/annotations``. :mod:`harness.metrics.scores.foreign.campaign` reads them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from harness.analysis.choice import rank_articles
from harness.analysis.eligible import is_complete
from harness.analysis.floors import floors_of
from harness.analysis.stats.power import FEWEST_UNITS
from harness.analysis.subset import subset_pair
from harness.api.exporting import chosen_pair, chosen_systems
from harness.api.rating.checks import place_checks
from harness.api.rating.handout import Handout, LookSteps, plan_handout, write_handout
from harness.api.rating.items import page_items
from harness.api.rating.sharing import Budget, count_articles, share_in_looks, share_out
from harness.corpus.drawing import drawn_order
from harness.errors import DataError, UsageError
from harness.metrics.load import formulas
from harness.metrics.scores.foreign.campaign import FORMAT, MANIFEST, RATER, load_manifest
from harness.reports.exporters.interface import DamagedCopy, Handoff
from harness.reports.exporters.load import load_exporter
from harness.store.files import open_regular, write_atomically
from harness.store.runs.result import PairResult, Run
from harness.types import ArticleId, JsonValue, Missing, Note, Reason, SegmentId, SystemName

Tool = Literal["page", "xlsx", "pearmut"]

UNORDERED = Missing(Reason("decision.nothing"))


@dataclass(frozen=True, slots=True)
class Campaign:
    """What was written."""

    folder: Path
    tool: Tool
    raters: tuple[str, ...]
    articles: int
    """That are rated."""
    of: int
    """That the run has."""
    segments: Mapping[str, int]
    """By person."""
    systems: int
    chosen: bool
    """Whether by disagreement."""
    checks: Mapping[str, int]
    """By person, the segments with an attention check."""
    enough: bool
    """Whether so many articles can have a verdict."""
    incomplete: tuple[SystemName, ...]
    """Systems that are not shown because they lack translations."""
    looks: tuple[int, ...]
    """Articles at each look; none where all are handed out at once."""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one person sees."""

    part: PairResult
    order: tuple[ArticleId, ...]
    checks: Mapping[SegmentId, DamagedCopy]
    seed: int


def write_campaign(
    run: Run,
    budget: Budget,
    folder: Path,
    *,
    tool: Tool = "page",
    pair: str = "",
    systems: Sequence[str] = (),
    at_random: bool = False,
    looks: LookSteps | None = None,
    seed: int | None = None,
) -> Campaign:
    """Choose articles of a run and write what people are shown of them.

    Copies of the source (``copy`` and other floors) are not shown: nobody learns anything from rating them. Nor are
    systems that lack translations: no verdict speaks of them.

    Args:
        run: a stored run; the campaign names it.
        budget: who rates how much.
        folder: a new one.
        tool: what people rate with.
        pair: such as ``de-en``; needed where the run has several.
        systems: names; empty for all.
        at_random: draw the articles, instead of choosing those on which systems and metrics disagree.
        looks: hand them out in looks, in an order that is drawn; None: all at once. The page alone can do that.
        seed: of everything random; None takes that of the run.

    Raises:
        UsageError: a name is wrong, there are fewer than two systems, the articles do not fit into the budget, or the
            folder is there.
    """
    for rater in budget.raters:
        if not RATER.fullmatch(rater):
            raise UsageError(f"--rater {rater!r}: not a name", hint="letters, digits, spaces and . @ + - _, at most 40")
    if len({rater.casefold() for rater in budget.raters}) < len(budget.raters):
        raise UsageError("two raters have the same name", hint="give each a name of their own")
    if looks is not None and tool != "page":
        raise UsageError(f"only the page hands out articles in looks, and {tool} does not", hint="use --with page")
    if folder.exists():
        raise UsageError(f"{folder}: already there", hint="name another folder with -o, or go on with --continue")
    drawn = run.seed if seed is None else seed
    whole = chosen_systems(chosen_pair(run, pair), systems)
    floors = floors_of(whole)
    able = [item for item in whole.systems if item.name not in floors]
    result = replace(whole, systems=tuple(filter(is_complete, able)))
    if len(result.systems) < 2:
        raise UsageError(f"{len(result.systems)} system to rate, and a comparison takes two", hint="choose another run")
    handout, parts = _hand_out(result, budget, drawn, at_random=at_random, looks=looks)
    count = len(set().union(*parts.values()))
    if not all(parts.values()):
        raise UsageError(
            f"{len(budget.raters)} raters, but only {count} articles to divide", hint="raise --shared or --articles"
        )
    formula = formulas(run.settings)
    shares: dict[str, Share] = {}
    for index, (rater, names) in enumerate(parts.items()):
        keep = np.array([segment.id.article in names for segment in result.corpus.segments], dtype=np.bool_)
        part = subset_pair(result, keep, formula)
        checks = place_checks(part, random.Random(f"{drawn} {index}"))  # noqa: S311 - an order, no secret
        shares[rater] = Share(part, names, checks, drawn + index)
    chosen = not at_random and looks is None and count < len(result.corpus.articles)
    manifest: dict[str, JsonValue] = {
        "format": FORMAT,
        "tool": tool,
        "run": run.id,
        "pair": str(result.pair),
        "seed": drawn,
        "chosen": chosen,
        "articles": count,
        "of": len(result.corpus.articles),
        "raters": list(budget.raters),
    }
    files: dict[str, bytes] = {}
    notes: tuple[Note, ...] = ()
    if tool in _FILES:
        files, notes = _FILES[tool](run, shares)
    else:
        manifest["items"] = {
            rater: list(page_items(share.part, share.order, share.checks, share.seed))
            for rater, share in shares.items()
        }
    folder.mkdir(parents=True)
    for name, data in files.items():
        write_atomically(folder / name, data)
    if handout is not None:
        write_handout(folder, handout)
    # Last: a folder without it is no campaign.
    write_atomically(folder / MANIFEST, f"{json.dumps(manifest, ensure_ascii=False, indent=1)}\n".encode())
    segments = {rater: len(share.part.corpus.segments) for rater, share in shares.items()}
    return Campaign(
        folder,
        tool,
        budget.raters,
        count,
        len(result.corpus.articles),
        segments,
        len(result.systems),
        chosen,
        {rater: len(share.checks) for rater, share in shares.items()},
        result.unit == "segment" or count >= FEWEST_UNITS,
        tuple(item.name for item in able if not is_complete(item)),
        handout.looks.counts if handout is not None else (),
        notes,
    )


def _hand_out(
    result: PairResult, budget: Budget, seed: int, *, at_random: bool, looks: LookSteps | None
) -> tuple[Handout | None, dict[str, tuple[ArticleId, ...]]]:
    """Which articles people rate, and who which; with the looks, where they come in looks."""
    ranked = drawn_order(result.corpus, seed) if looks else rank_articles(result, seed, at_random=at_random)
    sizes = {article.id: len(article.segments) for article in result.corpus.articles}
    if looks is None:
        count = count_articles(budget, [sizes[article] for article in ranked])
        return None, share_out(budget, [article for article in sizes if article in ranked[:count]], seed)
    count = len(ranked) if budget.unlimited else count_articles(budget, [sizes[article] for article in ranked])
    handout = plan_handout(result, ranked[:count], looks)
    return handout, share_in_looks(budget, handout.order, handout.looks.counts, seed)


Files = tuple[dict[str, bytes], tuple[Note, ...]]


def _handoff(run: Run, share: Share) -> Handoff:
    return Handoff(run.id, run.created, share.part, UNORDERED, "chosen articles", share.seed, checks=share.checks)


def _workbooks(run: Run, shares: Mapping[str, Share]) -> Files:
    """A blind workbook and its key for each person."""
    files: dict[str, bytes] = {}
    notes: list[Note] = []
    for rater, share in shares.items():
        exported = load_exporter("blind-xlsx").export(_handoff(run, share))
        files |= {f"{rater}{suffix or '.xlsx'}": data for suffix, data in exported.files.items()}
        notes += exported.notes
    return files, tuple(dict.fromkeys(notes))


def _pearmut(run: Run, shares: Mapping[str, Share]) -> Files:
    """One campaign in which everybody has documents of their own."""
    tasks: list[JsonValue] = []
    notes: list[Note] = []
    whole: dict[str, JsonValue] = {}
    for share in shares.values():
        exported = load_exporter("pearmut").export(_handoff(run, share))
        whole = json.loads(exported.files[""])
        tasks.append(whole["data"])
        notes += exported.notes
    info: dict[str, JsonValue] = {
        "assignment": "task-based",
        "protocol": "ESA",
        "users": list(shares),
        "shuffle": False,
    }
    whole |= {"info": info, "data": tasks}
    return {PEARMUT: f"{json.dumps(whole, ensure_ascii=False, indent=1)}\n".encode()}, tuple(dict.fromkeys(notes))


PEARMUT = "pearmut.json"

_FILES: Mapping[Tool, Callable[[Run, Mapping[str, Share]], Files]] = {"xlsx": _workbooks, "pearmut": _pearmut}
"""What lies beside the description; the page takes all from that."""


def tool_of(folder: Path) -> str:
    """What people rate a campaign with.

    Raises:
        DataError: the folder holds no campaign.
    """
    return str(_manifest(folder / MANIFEST)["tool"])


def described(ratings: Path) -> tuple[Path, str, str]:
    """The file of ratings, the run and the pair that they are of; both empty where nothing says it.

    Args:
        ratings: the folder of a campaign, or a file.

    Raises:
        DataError: it cannot be read, or the folder holds no campaign.
    """
    path = ratings / MANIFEST if ratings.is_dir() else ratings
    if path.name != MANIFEST:
        return path, "", ""
    manifest = _manifest(path)
    return path, str(manifest["run"]), str(manifest["pair"])


def _manifest(path: Path) -> Mapping[str, Any]:
    try:
        with open_regular(path) as file:
            return load_manifest(path, file.read())
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}", hint="name the folder of a campaign") from error
