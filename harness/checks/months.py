"""Names of months, to tell a date from any other number."""

from __future__ import annotations

import re
from functools import cache, lru_cache

# Beginnings are enough: "januari", "Jänner", "enero" and "ledna" are matched as written here or longer.
_MONTHS = {
    "en": "jan feb mar apr may jun jul aug sep oct nov dec",
    "de": "jan,jän feb mär apr mai jun jul aug sep okt nov dez",
    "es": "ene feb mar abr may jun jul ago sep,set oct nov dic",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "ca": "gen febr març abr maig juny jul ag set oct nov des",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "nl": "jan feb maart,mrt apr mei jun jul aug sep okt nov dec",
    "sv": "jan feb mar apr maj jun jul aug sep okt nov dec",
    "da": "jan feb mar apr maj jun jul aug sep okt nov dec",
    "nb": "jan feb mar apr mai jun jul aug sep okt nov des",
    "is": "jan feb mar apr maí jún júl ágú sep okt nóv des",
    "cs": "led únor břez dub květ červn,červen červenec,července,červenci srp září,zář říj listop prosin",
    "sk": "januá febru marc,mare apríl máj jún júl august septem októ novem decem",
    "pl": "stycz lut marz,marc kwie maj czerw lip sierp wrze paźdz listop grud",
    "uk": "січ лют берез,березн квіт трав черв лип серп верес жовт листоп груд",
    "ru": "янв фев мар апр ма июн июл авг сен окт ноя дек",
}
_ALIASES = {"no": "nb", "nn": "nb"}


def knows_months(code: str) -> bool:
    """Whether names of months are known for this language."""
    return _ALIASES.get(code, code) in _MONTHS


@cache
def month_pattern(code: str) -> re.Pattern[str]:
    """Matches a name of a month or its abbreviation; :func:`month_number` says which."""
    names = _longest_first(code)
    # Most words begin with another letter than all months.
    initials = "".join(sorted({name[0] for name in names}))
    return re.compile(rf"\b(?=[{initials}])(?:{'|'.join(names)})[^\W\d_]*\.?", re.IGNORECASE)


@lru_cache(maxsize=4096)
def month_number(name: str, code: str) -> int:
    """1 to 12 for what :func:`month_pattern` matched."""
    # Compared as the other pattern does: it takes a dotless i for an i, and folding case does not.
    match = _beginnings(code).match(name)
    if match is None or match.lastindex is None:
        raise ValueError(f"no month of '{code}': {name}")
    return _table(code)[_longest_first(code)[match.lastindex - 1]]


def months_named(text: str, code: str) -> frozenset[int]:
    """Numbers of the months a text names."""
    if not knows_months(code):
        return frozenset()
    return frozenset(month_number(name, code) for name in month_pattern(code).findall(text))


@cache
def _beginnings(code: str) -> re.Pattern[str]:
    """A group for each of :func:`_longest_first`."""
    return re.compile("|".join(f"({begin})" for begin in _longest_first(code)), re.IGNORECASE)


@cache
def _longest_first(code: str) -> list[str]:
    return sorted(_table(code), key=len, reverse=True)


@cache
def _table(code: str) -> dict[str, int]:
    columns = _MONTHS[_ALIASES.get(code, code)].split()
    return {begin: number for number, column in enumerate(columns, 1) for begin in column.split(",")}
