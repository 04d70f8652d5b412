"""How often people agree with a metric's difference (Kocmi, Zouhar, Federmann, Post 2024).

The authors fitted ``accuracy(d) = a / (1 + exp(-b d))`` in percent to 6,530 pairs of systems judged by people
(ToShip23); d is the improvement of corpus scores in metric points, COMET times 100. The parameters are theirs. At d = 0
the fit reads less than 50 %: a difference of nothing is a coin toss, so the value is clamped there.

The curve is about the true difference, and a test set shows it only roughly. The figure is therefore the mean over what
the true difference may be, normal around the observed one; where that has the other sign, people agree as often as
they disagree with the metric there. Against human judgements this halves the curve's own optimism.

The curves hold for corpora of single sentences and for exactly these metrics and models; for anything else there is no
figure, and none is given.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

COIN_TOSS = 50.0

CURVES = {
    "BLEU": (88.33333333333225, 0.9663926931178954, 1.0),
    "spBLEU-101": (84.58445492823891, 1.262507595109315, 1.0),
    "spBLEU-200": (90.99999999998793, 0.8079046528617078, 1.0),
    "chrF2": (92.999999999972, 1.1142732157139852, 1.0),
    "Unbabel/wmt20-comet-da": (97.33333333332897, 0.7266990738678005, 100.0),
    "Unbabel/wmt21-comet-qe-mqm": (93.7997435048193, 43.38413992717536, 100.0),
    "Unbabel/wmt22-comet-da": (96.22374133884283, 2.8359194570556636, 100.0),
    "Unbabel/wmt22-cometkiwi-da": (98.88141616584615, 2.719280643871758, 100.0),
    "Unbabel/wmt23-cometkiwi-da-xl": (96.39080593943235, 1.8888877927713834, 100.0),
    "Unbabel/wmt23-cometkiwi-da-xxl": (96.23167242471065, 1.2826577343149304, 100.0),
    "Unbabel/XCOMET-XL": (96.56738237041118, 1.4535595865214588, 100.0),
    "Unbabel/XCOMET-XXL": (98.93432477039522, 1.1629533711748128, 100.0),
    "google/metricx-23-large-v2p0": (93.60777624544488, 26.277850179370947, 1.0),
    "google/metricx-23-qe-large-v2p0": (97.99999999782683, 15.541455989240491, 1.0),
    "BLEURT-20": (98.33333333332963, 1.3727206190931929, 100.0),
    "BLEURT-default": (94.66666666666666, 0.4947232832741672, 100.0),
    "BERTScore": (94.99999999999999, 2.6823162097239917, 100.0),
}
"""Curve to (a, b, points per unit of the score)."""

BLEU_TOKENIZERS = {"13a": "BLEU", "zh": "BLEU", "ja-mecab": "BLEU", "ko-mecab": "BLEU"} | {
    "flores101": "spBLEU-101",
    "spm": "spBLEU-101",
    "flores200": "spBLEU-200",
}
"""sacrebleu's tokenizer to the curve of BLEU with it."""

POINTS = 64
"""Of the mean over what the true difference may be: equally likely ones, so that none needs a weight."""


def curve_of(signature: str) -> str:
    """The curve that applies to a metric's signature; "" when none was published for it."""
    fields = dict(part.split(":", 1) for part in signature.split("|") if ":" in part)
    if fields.get("model") in CURVES:
        return fields["model"]
    if fields.get("smooth") == "exp" and fields.get("case") == "mixed":
        return BLEU_TOKENIZERS.get(fields.get("tok", ""), "")
    if fields.get("nc") == "6" and fields.get("nw") == "0":
        return "chrF2"
    return ""


def human_agreement(curve: str, delta: float, standard_error: float = 0.0) -> float:
    """Percent of human judgements expected to agree that the better-scored system is better.

    Args:
        curve: a key of :data:`CURVES`.
        delta: observed improvement of the corpus score, in the score's own unit; its sign does not matter.
        standard_error: of the difference, in the same unit; 0 where the true difference is known.
    """
    a, b, points = CURVES[curve]
    total = 0.0
    for deviation in _deviations():
        true = (abs(delta) + deviation * standard_error) * points
        agree = max(COIN_TOSS, a / (1 + math.exp(-b * min(abs(true), 700 / b))))
        total += agree if true >= 0 else 100.0 - agree
    return max(COIN_TOSS, total / POINTS)


@cache
def _deviations() -> tuple[float, ...]:
    normal = NormalDist()
    return tuple(normal.inv_cdf((index + 0.5) / POINTS) for index in range(POINTS))
