"""Faults put into what people wrote: each gives the faulty source and translation, or nothing where it does not fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

Injection = Callable[[str, str, str], tuple[str, str] | None]
"""From source, translation and the same segment in a related language to a faulty couple."""

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


def _number_dropped(source: str, text: str, _other: str) -> tuple[str, str] | None:
    kept = set(_FIGURE.findall(source))
    shared = [match for match in _FIGURE.finditer(text) if match[0] in kept]
    if not shared:
        return None
    match = shared[-1]
    return source, text[: match.start()].rstrip() + text[match.end() :]


def _number_changed(source: str, text: str, _other: str) -> tuple[str, str] | None:
    kept = set(_FIGURE.findall(source))
    shared = [match for match in _FIGURE.finditer(text) if match[0] in kept]
    if not shared:
        return None
    match = shared[-1]
    changed = str((int(match[0][0]) % 9) + 1) + match[0][1:]
    return source, text[: match.start()] + changed + text[match.end() :]


def _cut(source: str, text: str, _other: str) -> tuple[str, str] | None:
    if len(text) < 40:
        return None
    words = text.split(" ")
    return source, " ".join(words[: len(words) // 2]) if len(words) > 3 else text[: len(text) // 2]


def _phrase_twice(source: str, text: str, _other: str) -> tuple[str, str] | None:
    words = text.split(" ")
    if len(words) < 8:
        return None
    return source, " ".join([*words[:6], *words[2:6], *words[6:]])


def _loop(source: str, text: str, _other: str) -> tuple[str, str] | None:
    words = text.split(" ")
    if len(words) < 6:
        return None
    return source, " ".join([*words[:4], *words[2:4] * 5, *words[4:]])


def _doubled(source: str, text: str, _other: str) -> tuple[str, str] | None:
    return (source, f"{text} {text[::-1]}") if len(text) > 60 else None


def _note(prefix: str) -> Injection:
    return lambda source, text, _other: (source, prefix + text)


def _marked(in_source: str, in_text: str) -> Injection:
    return lambda source, text, _other: (f"{source} {in_source}", f"{text} {in_text}".rstrip())


def _changed(change: Callable[[str], str]) -> Injection:
    return lambda source, text, _other: (source, change(text)) if change(text) != text else None


def _misread(text: str) -> str:
    odd = [c for c in text if not c.isascii()]
    if sum(len(c.encode()) - 1 for c in odd) < 2:
        return text
    return text.encode("utf-8").decode("cp1252", errors="ignore")


INJECTIONS: Sequence[tuple[str, str, Injection]] = (
    ("empty", "no text", lambda source, _text, _other: (source, " ")),
    ("copied_source", "the source", lambda source, _text, _other: (source, source) if len(source) > 40 else None),
    ("wrong_language", "a related language", lambda source, _text, other: (source, other) if len(other) > 40 else None),
    ("truncated", "second half cut off", _cut),
    ("refusal", "a refusal", lambda source, _text, _other: (source, "I'm sorry, but I can't help with that.")),
    ("preamble", "an introduction", _note("Here is the translation: ")),
    ("repetition", "four words said twice", _phrase_twice),
    ("repetition", "two words said six times", _loop),
    ("number", "a number left out", _number_dropped),
    ("number", "a digit changed", _number_changed),
    ("date", "another month", _marked("(2019-03-04)", "(2019-05-04)")),
    ("url", "an address changed", _marked("https://example.org/a", "https://example.org/b")),
    ("email", "an address lost", _marked("info@example.org", "")),
    ("placeholder", "a name translated", _marked("{file_name}", "{nombre}")),
    ("tag", "a tag not closed", _marked("<b>OK</b>", "<b>OK")),
    ("length", "as much again", _doubled),
    ("addition", "another sentence at the end", lambda source, text, other: (source, f"{text} {other}")),
    ("artefact", "a letter lost", lambda source, text, _other: (source, f"{text[:9]}\ufffd{text[10:]}")),
    ("artefact", "an end token", lambda source, text, _other: (source, f"{text}</s>")),
    ("artefact", "an escape", lambda source, text, _other: (source, f"{text}\\n")),
    ("artefact", "NFD", _changed(lambda text: unicodedata.normalize("NFD", text))),
    ("artefact", "UTF-8 as Windows-1252", _changed(_misread)),
)
"""Kind, what is done, and how."""
