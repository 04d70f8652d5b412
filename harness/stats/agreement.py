"""How often people agree with a metric's difference (Kocmi, Zouhar, Federmann, Post 2024).

The authors fitted ``accuracy(d) = a / (1 + exp(-b d))`` in percent to 6,530 pairs of systems judged by people
(ToShip23); d is the difference of corpus scores in metric points, COMET times 100. The parameters are theirs. At d = 0
the fit reads less than 50 %: a difference of nothing is a coin toss, so the value is clamped there.

The curves hold for corpora of single sentences and for exactly these metrics and models; for anything else there is no
figure, and none is given.
"""

from __future__ import annotations

import math

COIN_TOSS = 50.0

CURVES = {
    "BLEU": (88.33333333333225, 0.9663926931178954, 1.0),
    "chrF2": (92.999999999972, 1.1142732157139852, 1.0),
    "Unbabel/wmt22-comet-da": (96.22374133884283, 2.8359194570556636, 100.0),
    "Unbabel/wmt22-cometkiwi-da": (98.88141616584615, 2.719280643871758, 100.0),
    "Unbabel/wmt23-cometkiwi-da-xl": (96.39080593943235, 1.8888877927713834, 100.0),
    "Unbabel/wmt23-cometkiwi-da-xxl": (96.23167242471065, 1.2826577343149304, 100.0),
    "Unbabel/XCOMET-XL": (96.56738237041118, 1.4535595865214588, 100.0),
    "Unbabel/XCOMET-XXL": (98.93432477039522, 1.1629533711748128, 100.0),
    "Unbabel/wmt20-comet-da": (97.33333333332897, 0.7266990738678005, 100.0),
}
"""Curve to (a, b, points per unit of the score)."""


def curve_of(signature: str) -> str:
    """The curve that applies to a metric's signature; "" when none was published for it."""
    fields = dict(part.split(":", 1) for part in signature.split("|") if ":" in part)
    if fields.get("model") in CURVES:
        return fields["model"]
    if "smooth" in fields and fields.get("tok") in {"13a", "zh", "ja-mecab", "ko-mecab"} and fields["smooth"] == "exp":
        return "BLEU" if fields.get("case") == "mixed" else ""
    if fields.get("nc") == "6" and fields.get("nw") == "0":
        return "chrF2"
    return ""


def human_agreement(curve: str, delta: float) -> float:
    """Percent of human judgements expected to agree that the better-scored system is better.

    Args:
        curve: a key of :data:`CURVES`.
        delta: difference of two corpus scores, in the score's own unit; its sign does not matter.
    """
    a, b, points = CURVES[curve]
    return max(COIN_TOSS, a / (1 + math.exp(-b * abs(delta) * points)))
