"""Abbreviations that end in a full stop and do not end a sentence, by language. Lower case, without the last stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_TITLES = "dr prof st mr mrs ms sen rep gov gen col lt capt vs etc no vol"
"""Also in other languages: names and titles are kept in translations from English."""

_BY_LANGUAGE = {
    "en": "sgt rev hon jr sr inc ltd co corp fig u.s u.k e.g i.e a.m p.m jan feb aug sept sep oct nov dec mt ft approx "
    "dept est ave blvd rd",
    "de": "z.b d.h u.a bzw ca usw evtl ggf inkl zzgl hr fr nr mio mrd str bspw sog vgl jan feb mär apr jun jul aug "
    "sept okt nov dez s o.g u.u abs art bd kap std min geb gest co inc ltd corp abb tab",
    "nl": "bijv bv d.w.z enz mw dhr mevr nr blz ca incl excl o.a m.b.t jl a.s jr ir drs",
    "es": "sr sra srta srs dra ud uds ee ee.uu uu p.ej ej núm av avda pág art d dña gral cap sto sta tel",
    "pt": "sr sra srs dra profa eng av ex p.ex n art pág séc d tel",
    "gl": "sr sra dra av p.ex ex núm art páx",
    "ca": "sr sra dra av p.ex ex núm art pàg",
    "fr": "m mm mme mlle pr ste env av boul n p.ex ex cf art",
    "it": "sig sig.ra dott ecc es art n pag s ing avv",
    "cs": "např tj atd apod č tzv tis mil mld ing mgr bc phdr mudr judr rndr sv ul kč min hod cca resp popř str obr "
    "odst př.n.l kpt",
    "sk": "napr tj atď apod č tzv tis mil mld ing mgr bc sv ul min hod cca resp popr str obr",
    "pl": "np tj tzn tzw itd itp m.in ul al godz r w św mld mln tys zł ks inż mgr hab ok str",
    "da": "f.eks bl.a ca hr fr kl nr mio mia osv pct tlf evt inkl ekskl maks min dvs m.fl o.l jf pga",
    "nb": "f.eks bl.a ca hr fr kl nr mill mrd osv pst tlf evt inkl maks min dvs m.fl jf pga",
    "sv": "t.ex bl.a ca hr fr kl nr milj mdr osv tel ev inkl max min dvs m.fl jfr s.k",
    "is": "t.d þ.e o.fl o.s.frv m.a kr kl nr s.s hr fr frk u.þ.b a.m.k sl bls sbr",
    "uk": "ім м вул р рр ст т.д т.п т.зв млн млрд тис грн проф акад див напр обл о св п пп г",
    "ru": "им г ул р гг ст т.д т.п т.е млн млрд тыс руб проф акад см напр обл о св п пп д",
    "hu": "pl stb kb ún ill dr ifj id u.n",
    "tr": "vb vs örn sn doç",
}

ABBREVIATIONS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split() + _TITLES.split()) for language, words in _BY_LANGUAGE.items()
}

ANY_LANGUAGE: Final = frozenset(_TITLES.split())
"""For a language that is not listed."""

ORDINAL_STOP: Final = frozenset(
    {"cs", "da", "de", "et", "fi", "hr", "hu", "is", "lt", "lv", "nb", "nn", "no", "pl", "sk", "sl", "sr", "tr"}
)
"""Languages that write "5. May" for "5th May"."""
