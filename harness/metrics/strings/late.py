"""BLEU and chrF of sacrebleu, made when the library has to count: to import it takes longer than to count without it.

What every score needs of it otherwise is here: the signature, and the score of one sum, both to the letter and to the
bit. The tests hold them to the library's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from importlib.metadata import distribution
from typing import Any

from harness.workspace.distributions import version_of

SMOOTHED = {"exp": "exp", "none": "none", "floor": "floor[0.10]", "add-k": "add-k[1.00]"}
"""Smoothing to what signatures call it, with its default value."""

LOG_ZERO = -9999999999.0
"""sacrebleu's stand-in for log 0 (``sacrebleu.utils.my_log``)."""


class Late:
    """A metric of sacrebleu with known settings; anything else makes it."""

    def __init__(self, make: Callable[[], Any], settings: Mapping[str, Any], signature: Mapping[str, str]) -> None:
        """``settings`` are its attributes; ``signature`` is what it writes between references and version."""
        self._make = make
        self._signature = signature
        self.__dict__.update(settings)

    @cached_property
    def made(self) -> Any:
        """The metric itself."""
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.made, name)

    def signature(self, references: str) -> str:
        """The signature, for so many references; ``var`` where segments differ in it."""
        parts = {"nrefs": references, **self._signature, "version": _version()}
        return "|".join(f"{name}:{value}" for name, value in parts.items())


@cache
def _version() -> str:
    return version_of(distribution("sacrebleu"))


def late_bleu(tokenizer: str, smooth: str, *, lowercase: bool, make: Callable[[], Any]) -> Late:
    """BLEU with a tokenizer that takes nothing else to be here, and signs with its name."""
    signature = {"case": _case(lowercase), "eff": "no", "tok": tokenizer, "smooth": SMOOTHED[smooth]}
    return Late(make, {"lowercase": lowercase}, signature)


def late_chrf(settings: Mapping[str, Any], make: Callable[[], Any]) -> Late:
    """ChrF with the arguments of ``sacrebleu.CHRF``, all of them but the smoothing with an epsilon."""
    signature = {
        "case": _case(settings["lowercase"]),
        "eff": "yes",
        "nc": str(settings["char_order"]),
        "nw": str(settings["word_order"]),
        "space": "yes" if settings["whitespace"] else "no",
    }
    return Late(make, {**settings, "eps_smoothing": False}, signature)


def _case(lowercase: bool) -> str:
    return "lc" if lowercase else "mixed"


def bleu_of_sum(totals: Sequence[float], order: int, smooth: str) -> float:
    """The BLEU of one sum, ``[both lengths, matches, totals]``: the bits of ``BLEU.compute_bleu``.

    Smoothing methods of Chen and Cherry (2014); see :func:`harness.metrics.strings.bleu.bleu_of_sums`.
    """
    length, reference = totals[:2]
    matches, possible = totals[2 : 2 + order], totals[2 + order :]
    if not any(matches):
        return 0.0
    penalty = 1.0
    if length < reference:
        penalty = math.exp(1 - reference / length) if length > 0 else 0.0
    logs = [LOG_ZERO] * order
    halved = 1.0
    for place, (matched, all_there) in enumerate(zip(matches, possible, strict=True)):
        added = 1 if smooth == "add-k" and place else 0
        if all_there + added == 0:
            break
        if matched + added:
            precision = 100.0 * (matched + added) / (all_there + added)
        elif smooth == "exp":
            halved *= 2
            precision = 100.0 / (halved * all_there)
        else:
            precision = 100.0 * 0.1 / all_there if smooth == "floor" else 0.0
        logs[place] = math.log(precision) if precision else LOG_ZERO
    return penalty * math.exp(sum(logs) / order)


def chrf_of_sum(totals: Sequence[float], beta: int) -> float:
    """The chrF of one sum, n-grams in hypothesis, reference and both for each order: the bits of ``CHRF``."""
    precision = recall = 0.0
    orders = 0
    for hypothesis, reference, both in zip(totals[::3], totals[1::3], totals[2::3], strict=True):
        if hypothesis > 0 and reference > 0:
            precision += both / hypothesis
            recall += both / reference
            orders += 1
    if not precision + recall:
        return 0.0
    precision, recall = precision / orders, recall / orders
    weight = beta**2
    return 100 * ((1 + weight) * precision * recall / ((weight * precision) + recall))
