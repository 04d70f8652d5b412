"""Which segments of a pair go out for rating or editing: all, a slice, those that tell systems apart, or a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from harness.errors import DataError, UsageError
from harness.metrics.interface import Mask, Rows
from harness.store.files import open_regular
from harness.store.runs.frame import segment_values
from harness.store.runs.result import PairResult, article_rows
from harness.types import ArticleId
from harness.workspace.registry import suggestion

Which = Literal["all", "slice", "list", "disagreement", "sample"]

ARTICLE = "article"
"""The key of a slice that names one article, beside the keys of the articles' metadata."""

USUAL_NUMBER = 100

_COUNTED = ("disagreement", "sample")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for."""

    which: Which = "all"
    key: str = ""
    """Of a slice: a key of the articles' metadata, or ``article``."""
    value: str = ""
    """Of a slice, or the name of the file of a list."""
    ids: Mapping[str, str] = field(default_factory=dict)
    """Of a list: ``article:number`` to where it stands."""
    n: int = USUAL_NUMBER
    """Segments of ``disagreement`` and ``sample``."""
    seed: int = 0
    """Of ``sample``."""

    def __str__(self) -> str:
        """As it is given on the command line."""
        match self.which:
            case "slice":
                return f"slice {self.key}={self.value}"
            case "list":
                return f"list {self.value}"
            case "disagreement":
                return f"disagreement, n {self.n}"
            case "sample":
                return f"sample, n {self.n}, seed {self.seed}"
        return "all"


def parse_choice(which: str, n: int | None, seed: int) -> Choice:
    """Take ``all``, ``slice KEY=VALUE``, ``list FILE``, ``disagreement`` or ``sample`` apart.

    Raises:
        UsageError: it is none of them, a slice names no key and value, ``n`` is not positive, or it is given where
            it says nothing.
        DataError: the file of a list cannot be read, or is empty.
    """
    word, _, rest = which.strip().partition(" ")
    known = get_args(Which)
    if word not in known:
        raise UsageError(f"unknown choice of segments '{word}'", hint=suggestion(word, list(known)))
    if n is not None and word not in _COUNTED:
        raise UsageError(f"--n says nothing about '{word}'", hint=f"it is for --which {' and '.join(_COUNTED)}")
    if word == "list":
        return _listed(rest.strip())
    if word != "slice":
        if rest.strip():
            raise UsageError(f"'{word}' takes nothing after it, found '{rest.strip()}'", hint=f"--which {word}")
        if n is not None and n < 1:
            raise UsageError(f"{n} segments cannot be chosen", hint="give --n a positive number")
        return Choice(word, n=USUAL_NUMBER if n is None else n, seed=seed)  # type: ignore[arg-type] # one of its values, as was checked
    key, separator, value = rest.strip().partition("=")
    if not key or not separator:
        raise UsageError(
            f"the slice '{rest.strip()}' is not KEY=VALUE", hint='for example: --which "slice domain=news"'
        )
    return Choice("slice", key=key.strip(), value=value.strip())


def choose(result: PairResult, choice: Choice) -> Mask:
    """(n,) which segments of a pair are chosen.

    ``disagreement`` takes the ``choice.n`` segments with the highest :func:`spread`, the earlier of equal ones, and
    none without scores. ``sample`` draws without replacement from all segments, by its seed.

    Raises:
        UsageError: nothing fits, or no segment is scored where scores choose.
    """
    count = len(result.corpus.segments)
    keep = np.zeros(count, dtype=np.bool_)
    match choice.which:
        case "all":
            keep[:] = True
        case "slice":
            keep[:] = _in_slice(result, choice.key, choice.value)
        case "list":
            keep[:] = _in_list(result, choice)
        case "sample":
            keep[np.random.default_rng(choice.seed).permutation(count)[: choice.n]] = True
        case "disagreement":
            spreads = spread(result)
            order = np.argsort(-np.nan_to_num(spreads, nan=-1.0), kind="stable")
            keep[[row for row in order[: choice.n].tolist() if not np.isnan(spreads[row])]] = True
            if not keep.any():
                raise UsageError(
                    "no segment has two scores that could disagree",
                    hint="score two systems, or one system by two metrics; or choose by --which sample",
                )
    return keep


def spread(result: PairResult) -> Rows:
    """(n,) how far systems and metrics disagree on each segment; NaN where there are no two scores to compare.

    Let ``z[m, s, i]`` be the score of system ``s`` by metric ``m`` in segment ``i``, turned so that higher is better,
    less the mean of all scores of ``m`` and divided by their standard deviation. The spread of segment ``i`` is

        sd over s (mean over m of z[m, s, i])  +  mean over s (sd over m of z[m, s, i])

    with standard deviations of the population and means over what is scored: how far systems lie apart, and how little
    metrics agree on them. A metric that gives every segment the same score says nothing and is left out.
    """
    z = _standardised(result)
    if z is None:
        return np.full(len(result.corpus.segments), np.nan)
    return _spread(z)


def article_spread(result: PairResult) -> Rows:
    """(articles,) as :func:`spread`, where ``z[m, s, i]`` is the mean over the segments of article ``i``."""
    z = _standardised(result)
    parts = article_rows(result.corpus).values()
    if z is None:
        return np.full(len(parts), np.nan)
    return _spread(np.stack([_mean(z[:, :, rows], 2) for rows in parts], axis=2))


def rank_articles(result: PairResult, seed: int, *, at_random: bool) -> tuple[ArticleId, ...]:
    """All articles, those first that people should see first.

    By :func:`article_spread`, so that few of them tell the systems apart (``docs/rating.md`` has how few), or at
    random. Articles without scores come last; equal ones are drawn by the seed.

    Raises:
        UsageError: no article is scored where scores choose.
    """
    articles = [article.id for article in result.corpus.articles]
    order = np.random.default_rng(seed).permutation(len(articles))
    if not at_random:
        spreads = article_spread(result)
        if np.isnan(spreads).all():
            raise UsageError(
                "no article has two scores that could disagree",
                hint="score two systems, or one system by two metrics; or choose at random",
            )
        order = order[np.argsort(-np.nan_to_num(spreads[order], nan=-1.0), kind="stable")]
    return tuple(articles[row] for row in order.tolist())


def _standardised(result: PairResult) -> Rows | None:
    """(metrics, systems, segments) ``z`` of :func:`spread`; None where no metric tells any two scores apart."""
    identities = result.identities
    layers = []
    for metric in result.metrics:
        if metric not in identities:
            continue
        scores = np.stack([segment_values(system, metric) for system in result.systems])
        mean, sd = _mean(scores, None), _sd(scores, None)
        if sd > 0:
            layers.append((1.0 if identities[metric].higher_is_better else -1.0) * (scores - mean) / sd)
    return np.stack(layers) if layers else None


def _spread(z: Rows) -> Rows:
    scored = (~np.isnan(z)).sum(axis=(0, 1))
    between_systems, between_metrics = _sd(_mean(z, 0), 0), _mean(_sd(z, 0), 0)
    return np.where(scored > 1, np.nan_to_num(between_systems) + np.nan_to_num(between_metrics), np.nan)


def _mean(values: Rows, axis: int | None) -> Rows:
    """Mean over what is scored; NaN where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=axis) / known.sum(axis=axis))


def _sd(values: Rows, axis: int | None) -> Rows:
    """Standard deviation of the population over what is scored; NaN where nothing is."""
    mean = _mean(values, axis)
    return np.sqrt(_mean((values - (mean if axis is None else np.expand_dims(mean, axis))) ** 2, axis))


def _listed(name: str) -> Choice:
    """The ids of a file; of a line with tabs the first field counts, so that tables of segments will do."""
    if not name:
        raise UsageError("the list names no file", hint='for example: --which "list segments.txt"')
    try:
        with open_regular(Path(name)) as file:
            text = file.read().decode("utf-8-sig", "replace")
    except OSError as error:
        raise DataError(f"{name}: {error.strerror or error}") from error
    lines = (line.partition("\t")[0].strip() for line in text.split("\n"))
    ids = {given: f"{name}:{number}" for number, given in enumerate(lines, start=1) if given}
    if not ids:
        raise DataError(f"{name}: no segment", hint="write article:number, one in each line")
    return Choice("list", value=name, ids=ids)


def _in_list(result: PairResult, choice: Choice) -> Mask:
    rows = {str(segment.id): row for row, segment in enumerate(result.corpus.segments)}
    for given, where in choice.ids.items():
        if given not in rows:
            raise UsageError(
                f"{where}: {result.pair} has no segment '{given}'", hint="write article:number, one in each line"
            )
    return np.array([name in choice.ids for name in rows], dtype=np.bool_)


def _in_slice(result: PairResult, key: str, value: str) -> Mask:
    articles = [
        article.id if key == ARTICLE else article.meta.get(key)
        for article in result.corpus.articles
        for _ in article.segments
    ]
    mask = np.array([given == value for given in articles], dtype=np.bool_)
    if mask.any():
        return mask
    keys = sorted({ARTICLE, *(name for article in result.corpus.articles for name in article.meta)})
    if key not in keys:
        raise UsageError(f"no article has the key '{key}'", hint=suggestion(key, keys))
    values = sorted({given for given in articles if given is not None})
    raise UsageError(f"no article has {key} = '{value}'", hint=suggestion(value, values))
