"""Which flags may decide between systems: severe kinds, in languages where they are hardly ever wrong.

A number written in words, or a date in another form, is no reason to take another engine. What is: nothing at all,
the source itself, another language, a refusal, the same words over and over, a text that breaks off. And only where
people's own translations are flagged so in at most :data:`MOST` of 1,000 segments, which ``docs/checks.md`` measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.checks.interface import Flag
from harness.types import Part, Reason, Unknown

SEVERE = ("empty", "copied_source", "wrong_language", "refusal", "repetition", "truncated")

MOST = 1.0
"""False alarms in 1,000 segments, up to which a kind may decide."""

FALSE_ALARMS: Mapping[str, tuple[float, float, float, float, float, float]] = {
    "af": (0, 0, 0, 0, 0, 0),
    "ar": (0, 0, 0, 0, 0, 0),
    "bg": (0, 0, 0, 0, 0, 0),
    "bn": (0, 0, 0, 0, 0, 1),
    "ca": (0, 0, 0, 0, 0, 0.5),
    "cs": (0, 0, 0, 0, 0.3, 0.7),
    "da": (0, 0, 0, 0, 0, 0),
    "de": (0, 0, 0, 0, 0.1, 0.7),
    "el": (0, 0, 0, 0, 0, 0),
    "en": (0, 0, 0, 0, 0.1, 0.5),
    "es": (0.3, 0.3, 0, 0, 0, 0),
    "et": (0, 0, 0, 0, 0, 0.5),
    "eu": (0, 0, 0, 0, 0, 0.5),
    "fa": (0, 0, 0, 0, 0, 0),
    "fi": (0, 0, 0, 0, 0, 0),
    "fil": (0, 0, 0, 0, 0, 0),
    "fr": (0, 0, 0, 0, 0.5, 1.5),
    "gl": (0, 0, 0, 0, 0, 1.5),
    "he": (0, 0, 0, 0, 0, 1),
    "hi": (0, 0, 0, 0, 0, 0.5),
    "hr": (0, 0, 0, 0, 0, 0.5),
    "hu": (0, 0, 0, 0, 0, 0),
    "id": (0, 0, 0, 0, 0, 1),
    "is": (0, 0, 0, 0, 0, 0),
    "it": (0, 0, 0, 0, 0, 0.5),
    "ja": (0, 0, 0, 0, 0, 0.5),
    "ko": (0, 0, 0, 0, 0, 1),
    "lt": (0, 0, 0, 0, 0, 0),
    "lv": (0, 0, 0.5, 0, 0, 0),
    "ms": (0, 0, 0, 0, 0, 0),
    "nb": (0, 0, 0, 0, 0, 0),
    "nl": (0, 0, 0, 0, 0, 0.5),
    "pl": (0, 0, 0, 0, 0, 0),
    "pt": (0, 0, 0, 0, 0, 0),
    "ro": (0, 0, 0.5, 0, 0, 0),
    "ru": (0, 0, 0, 0, 0, 0.5),
    "sk": (0, 0, 0, 0, 0, 0),
    "sl": (0, 0, 0, 0, 0, 0.5),
    "sv": (0, 0, 0, 0, 0, 0),
    "th": (0, 0, 0, 0, 0, 4),
    "tr": (0, 0, 0, 0, 0, 1),
    "uk": (0, 0, 0, 0, 0, 2),
    "ur": (0, 0, 0, 0, 0, 0.5),
    "vi": (0, 0, 0, 0, 0, 1),
    "zh": (0, 0, 0, 0, 0, 1.5),
}
"""Target language to flags in 1,000 segments of people's translations, in the order of :data:`SEVERE`."""


def deciding_kinds(target: str) -> frozenset[str]:
    """Kinds that may decide for texts in a language; none where nobody has measured how often they are wrong.

    Args:
        target: a BCP-47 tag; region and script do not matter.
    """
    rates = FALSE_ALARMS.get(target.partition("-")[0].lower())
    return frozenset() if rates is None else frozenset(k for k, rate in zip(SEVERE, rates, strict=True) if rate <= MOST)


def severe_segments(flags: Sequence[Sequence[Flag]], target: str) -> int | Unknown:
    """Segments with a flag that may decide; unknown where there are severe flags that may not."""
    kinds = [{flag.kind for flag in segment} for segment in flags]
    deciding = deciding_kinds(target)
    severe = sum(bool(of_segment & deciding) for of_segment in kinds)
    untold = sorted((set().union(*kinds) & set(SEVERE)) - deciding)
    if severe or not untold:
        return severe
    kinds_untold = Part("list", tuple(Part("kind", kind) for kind in untold))
    return Unknown(Reason("unknown.false_alarms", {"kinds": kinds_untold, "language": target}))
