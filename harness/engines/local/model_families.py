"""What each family of translation models calls a language, and how a request names the languages.

``marian``   one pair per model; models with several targets want ``>>spa<<`` before the text
``nllb``     FLORES-200 codes, ``spa_Latn``, as the first token of source and output
``m2m100``   ``__es__``, the same way
``madlad``   ``<2es>`` before the text; the source language is not said
``t5``       a sentence before the text
``chat``     an instruction in words
``opennmt``  one pair per model, nothing said

Codes come from one small table per family and from language and script. What the table leads to must be in the
vocabulary of the model: nothing is matched by likeness.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from harness.errors import Unsupported
from harness.types import LangPair
from harness.workspace.languages import display_name, primary, script_of

Family = Literal["marian", "nllb", "m2m100", "madlad", "t5", "chat", "opennmt"]

FLORES = {
    "ar": "arb_Arab", "az": "azj_Latn", "fa": "pes_Arab", "ff": "fuv_Latn", "fil": "tgl_Latn", "ko": "kor_Hang",
    "kr": "knc_Latn", "ku": "kmr_Latn", "lv": "lvs_Latn", "mg": "plt_Latn", "mn": "khk_Cyrl", "ms": "zsm_Latn",
    "nb": "nob_Latn", "ne": "npi_Deva", "no": "nob_Latn", "om": "gaz_Latn", "or": "ory_Orya", "ps": "pbt_Arab",
    "qu": "quy_Latn", "sq": "als_Latn", "sw": "swh_Latn", "uz": "uzn_Latn", "yi": "ydd_Hebr",
}  # fmt: skip
"""Languages whose FLORES-200 code names one member of a group. A tag with another script does not use the table."""

_M2M100 = """
af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi hr ht hu hy
id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns oc or pa pl ps pt ro ru
sd si sk sl so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu
"""
M2M100 = frozenset(_M2M100.split())
"""The languages of M2M100, which its tokenizer knows without a file."""

PREFIX = "translate {source_name} to {target_name}: "
"""What the first T5 was trained with."""

OLD = {"he": "iw", "id": "in", "jv": "jw", "nb": "no", "fil": "tl", "ro": "mo"}
"""Names of before: some models have these and not today's."""

LANGUAGE_TOKEN = {
    "marian": re.compile(r">>([\w-]+)<<"),
    "nllb": re.compile(r"([a-z]{3}_[A-Z][a-z]{3})"),
    "m2m100": re.compile(r"__([a-z]+)__"),
    "madlad": re.compile(r"<2(\w+)>"),
}
WRITTEN = {"marian": ">>{}<<", "nllb": "{}", "m2m100": "__{}__", "madlad": "<2{}>"}


@dataclass(frozen=True, slots=True)
class Wire:
    """How one pair is said to a model."""

    family: Family
    source: str = ""
    """Token for the source language; empty where the family has none."""
    target: str = ""
    """Token for the target language; empty where the model knows one only."""
    instruction: str = ""
    """``t5``: text before the source. ``chat``: the message, with ``{text}`` where the source goes."""

    def message(self, text: str) -> str:
        """The text as the model reads it, without the tokens its tokenizer adds."""
        if self.family == "chat":
            return self.instruction.replace("{text}", text)
        if self.family == "t5":
            return self.instruction + text
        if self.family in {"marian", "madlad"} and self.target:
            return f"{self.target} {text}"
        # Marian's tokenizer takes whatever stands between ">>" at the start and "<<" for the name of a language.
        return f" {text}" if self.family == "marian" and text.startswith(">>") else text


def languages_of(family: Family, tokens: Collection[str]) -> frozenset[str]:
    """The language codes among the tokens of a model."""
    pattern = LANGUAGE_TOKEN.get(family)
    matches = (pattern.fullmatch(token) for token in tokens) if pattern else ()
    return frozenset(match[1] for match in matches if match)


def wire_of(
    family: Family, pair: LangPair, known: Collection[str], *, source_code: str, target_code: str, instruction: str
) -> Wire:
    """Decide how a pair is said.

    Args:
        family: The model's family.
        pair: The pair.
        known: Codes the model has.
        source_code: The user's word for the source language; empty: ask the tables.
        target_code: The same for the target.
        instruction: For ``t5`` and ``chat``, with placeholders for the languages.

    Raises:
        Unsupported: a language has no code in this model; the message names codes that look like it.
    """
    if family in {"t5", "chat"}:
        names = {"source": pair.source, "target": pair.target}
        names |= {"source_name": display_name(pair.source), "target_name": display_name(pair.target)}
        for name, value in names.items():
            instruction = instruction.replace(f"{{{name}}}", value)
        return Wire(family, instruction=instruction)
    source = target = ""
    if family in {"nllb", "m2m100"}:
        source = _token(family, pair.source, known, source_code, is_target=False)
    if family != "opennmt" and (family != "marian" or known):
        target = _token(family, pair.target, known, target_code, is_target=True)
    return Wire(family, source, target)


def check_stated(stated: str, tag: str, key: str) -> None:
    """Compare what a model for one pair says of itself with the tag.

    Raises:
        Unsupported: it is for another language. Names of groups (``roa``, ``mul``) say too little to tell.
    """
    import langcodes

    own = str(langcodes.standardize_tag(stated)) if langcodes.tag_is_valid(stated) else ""
    if len(primary(own)) == 2 and primary(own) != primary(tag):
        raise Unsupported(
            f"the model is for '{stated}', not {tag}", hint=f'to use it for {tag}, set {key} = "{stated}" in [options]'
        )


def _token(family: Family, tag: str, known: Collection[str], override: str, *, is_target: bool) -> str:
    key = "target_code" if is_target else "source_code"
    if override:
        if override not in known:
            raise Unsupported(f"the model has no language '{override}'{_near(override, known)}", hint=f"'{key}'")
        return WRITTEN[family].format(override)
    tried = list(dict.fromkeys(_candidates(family, tag)))
    code = next((code for code in tried if code in known), "")
    if not code:
        raise Unsupported(
            f"the model has no language for {tag} (tried {', '.join(tried)}){_near(tried[0], known)}",
            hint=f"set the model's code as '{key}' in [options]",
        )
    region = _region(tag)
    if is_target and region and region.lower() not in code.lower():
        # The source may be any variety; what is asked for as the answer must not change without a word.
        raise Unsupported(
            f"the model has '{code}', but not the variant {tag}",
            hint=f'to use it for {tag}, set {key} = "{code}" in [options]',
        )
    return WRITTEN[family].format(code)


def _candidates(family: Family, tag: str) -> Iterator[str]:
    """Codes to look for, the closest first."""
    import langcodes

    language, script, region = primary(tag), script_of(tag), _region(tag)
    usual = script_of(language) == script
    if family == "nllb":
        if usual and language in FLORES:
            yield FLORES[language]
        three = FLORES[language][:3] if language in FLORES else langcodes.Language.get(language).to_alpha3()
        yield f"{three}_{script}"
        return
    names = [language, langcodes.Language.get(language).to_alpha3(), *([OLD[language]] if language in OLD else [])]
    names += ["cmn"] if language == "zh" else []
    for name in names:
        if region:
            yield from (f"{name}_{region}", f"{name}_{region.lower()}")
        yield f"{name}_{script}"
    if usual:
        yield from names


def _region(tag: str) -> str:
    import langcodes

    return str(langcodes.Language.get(tag).territory or "")


def _near(code: str, known: Collection[str]) -> str:
    """A tail for messages: codes that look alike, which are suggested and never taken."""
    language = code.partition("_")[0]
    alike = [other for other in sorted(known) if other.partition("_")[0] == language]
    alike += difflib.get_close_matches(code, sorted(known), n=3, cutoff=0.6)
    near = list(dict.fromkeys(alike))[:4]
    return f"; near: {', '.join(near)}" if near else ""
