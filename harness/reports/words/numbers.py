"""Numbers as people read them: the one place where anything is rounded.

=================================  ==========================  ===========
number                             shown with                  example
=================================  ==========================  ===========
score                              its metric's decimals       ``31.2``
of a metric that names none        three significant digits    ``84.1``
spread of a score                  one decimal more            ``0.04``
p-value                            three decimals              ``0.004``
money                              cents; less: two digits     ``0.42 USD``
seconds                            two digits from 0.001 on    ``0.21 s``
=================================  ==========================  ===========

JSON, CSV and data frames carry full precision.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Literal

from harness.analysis.stats.power import MOST_ARTICLES, ArticlesNeeded, rounded_articles
from harness.reports.words.messages import known, plural, say
from harness.types import Decimals, Money, Unit, Unknown

_TITLES = {"bleu": "BLEU", "chrf": "chrF", "chrf++": "chrF++", "ter": "TER", "comet": "COMET", "spbleu": "spBLEU"}


MOST_NAMES = 3
"""In one sentence."""


MOST_FIRST = 5
"""Articles or segments named where there may be thousands of them."""


def kind_title(kind: str) -> str:
    """What people call a kind of flag: ``wrong language``; one of a plug-in is called by its name."""
    return say(f"kinds.{kind}") if known(f"kinds.{kind}") else kind.replace("_", " ")


def metric_title(metric: str) -> str:
    """The usual spelling of a metric's name; names of the user's own stay as they are."""
    return _TITLES.get(metric, metric)


def format_score(decimals: Decimals, value: float) -> str:
    """Round ``value`` to the decimals of its metric; a true minus sign."""
    text = _three_digits(value) if decimals == "significant" else f"{value:.{decimals}f}"
    if not text.startswith("-"):
        return text
    return text[1:] if float(text) == 0 else f"−{text[1:]}"


def _three_digits(value: float) -> str:
    """Three significant digits without an exponent where that stays readable."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:#.3g}".removesuffix(".")


def arrow(higher_is_better: bool) -> str:
    """Which way is better."""
    return "↑" if higher_is_better else "↓"


def extreme(higher_is_better: bool) -> str:
    """What the best value of a column is called."""
    return say("number.highest") if higher_is_better else say("number.lowest")


def counted(number: int, noun: str) -> str:
    """``1 segment``, ``1,200 segments``; the messages have the nouns under ``count``."""
    return plural(f"count.{noun}", number, n=f"{number:,}")


def counted_units(number: int, unit: Unit, *, declared: bool = True) -> str:
    """How many units a comparison rests on; segments with what was declared of them."""
    if unit == "article":
        return counted(number, unit)
    segments = counted(number, unit)
    return say("units.independent", segments=segments) if declared else say("units.undeclared", segments=segments)


def format_spread(decimals: Decimals, value: float) -> str:
    """A standard deviation of scores, one digit finer than the scores: it is usually smaller than their last one."""
    return _three_digits(value) if decimals == "significant" else f"{value:.{decimals + 1}f}"


def format_difference(decimals: Decimals, value: float) -> str:
    """A difference of two scores: their digits, one more where it would read as nothing; a true minus sign."""
    text = format_score(decimals, abs(value))
    if value and float(text) == 0:
        text = format_spread(decimals, abs(value))
    return f"−{text}" if value < 0 and float(text) else text


def counted_as(key: str, number: int) -> str:
    """The form of the message ``key`` for so many, with the number in it as ``n``."""
    return plural(key, number, n=f"{number:,}")


def listed(names: Sequence[str], word: Literal["and", "or"] = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``; of more than three the first two, and how many others."""
    if len(names) > MOST_NAMES:
        return say("names.more", first=names[0], second=names[1], n=f"{len(names) - 2:,}")
    return names[0] if len(names) == 1 else say(f"list.{word}", others=", ".join(names[:-1]), last=names[-1])


def choices_of(texts: Sequence[str]) -> str:
    """``'bank' or 'shore'``: all of them, however many, because any of them will do."""
    quoted = [f"'{text}'" for text in texts]
    return reduce(lambda others, last: say("list.or", others=others, last=last), quoted)


def first_of(names: Sequence[str]) -> str:
    """``a1, a2, a3, a4, a5 and 7 more``: articles or segments, in their order."""
    shown = ", ".join(names[:MOST_FIRST])
    return say("across.more", names=shown, n=f"{len(names) - MOST_FIRST:,}") if len(names) > MOST_FIRST else shown


def rounded_up(value: float) -> str:
    """Two digits, never less than the number: a smaller one would promise too much."""
    if not (math.isfinite(value) and value > 0):
        return f"{value:g}"
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return f"{math.ceil(round(value / step, 6)) * step:.6g}"


def format_range(decimals: Decimals, low: float, high: float) -> str:
    """An interval: ``−0.4 to 1.0``."""
    return say("number.range", low=format_difference(decimals, low), high=format_difference(decimals, high))


def format_units(needed: ArticlesNeeded, unit: Unit) -> str:
    """``about 70 articles``, ``about 30 to 200 articles``, ``more than 1,000 articles``: never more than two digits."""
    least, most = rounded_articles(needed.least), rounded_articles(needed.most)
    if least >= MOST_ARTICLES:
        return say(f"count.{unit}s_beyond", most=f"{MOST_ARTICLES:,}")
    if most >= MOST_ARTICLES:
        return say(f"count.{unit}s_from", least=f"{least:,}", most=f"{MOST_ARTICLES:,}")
    if least == most:
        return say(f"count.{unit}s_about", n=f"{least:,}")
    return say(f"count.{unit}s_between", least=f"{least:,}", most=f"{most:,}")


def format_share(share: float) -> str:
    """A share of one as a percentage: ``7 %``."""
    return f"{100 * share:.0f} %"


def format_p(p: float) -> str:
    """``0.004``, ``< 0.001``."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def format_p_equation(p: float) -> str:
    """What follows ``p`` in a sentence: ``= 0.004``, ``< 0.001``."""
    text = format_p(p)
    return text if text.startswith("<") else f"= {text}"


def format_money(cost: Money | Unknown) -> str:
    """An amount with its currency; ``unknown`` where it is not known, never 0."""
    if isinstance(cost, Unknown):
        return say("number.unknown")
    if cost.amount >= 0.01 or cost.amount == 0:
        amount = f"{cost.amount:,.2f}"
    else:
        amount = f"{cost.amount:.2g}" if cost.amount >= 0.0001 else say("number.under", amount="0.0001")
    return f"{amount} {cost.currency}".rstrip()


def format_seconds(value: float) -> str:
    """Seconds without their unit: ``0.0034``, ``0.21``, ``1.5``, ``125``."""
    if value < 0.001:
        return "0" if value == 0 else say("number.under", amount="0.001")
    return f"{value:#.2g}".removesuffix(".") if value < 10 else f"{value:,.0f}"


def format_rate(per_second: float) -> str:
    """So many a second: ``3.14``, ``81.0``, ``12,400``."""
    return f"{per_second:,.0f}" if per_second >= 100 else _three_digits(per_second)
