"""Web chrome: what a page says around an article and a copy brings along."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Read on any side of any pair: German pages carry English buttons.
_PHRASES = {
    "en": (
        "about this publication|about the author|advertisement|advertising|share this article|share this|share|"
        "share on facebook|share on x|share on twitter|read more|read also|continue reading|related articles|related|"
        "related topics|more on this topic|more on this story|most read|most popular|sign up for our newsletter|"
        "subscribe|subscribe now|newsletter|print|print this page|comments|leave a comment|follow us|copy link|"
        "all rights reserved|back to top|cookie settings|privacy policy|terms of use|listen to this article|save"
    ),
    "de": (
        "mehr zum thema|mehr zu diesem thema|artikel teilen|teilen|auf facebook teilen|anzeige|werbung|weiterlesen|"
        "lesen sie auch|lesen sie mehr|auch interessant|das könnte sie auch interessieren|zur startseite|"
        "newsletter|newsletter abonnieren|jetzt abonnieren|drucken|artikel drucken|kommentare|kommentieren|"
        "feedback senden|merken|artikel anhören|nach oben|impressum|datenschutz|link kopieren|alle rechte vorbehalten|"
        "über diese publikation|meistgelesen|mehr lesen"
    ),
    "fr": (
        "publicité|partager|partager cet article|lire aussi|lire plus|lire la suite|à lire aussi|sur le même sujet|"
        "s'abonner|newsletter|imprimer|commentaires|tous droits réservés|haut de page|les plus lus"
    ),
    "es": (
        "publicidad|anuncio|compartir|compartir este artículo|leer más|lea también|más información|suscríbete|"
        "suscribirse|boletín|imprimir|comentarios|todos los derechos reservados|lo más leído|volver arriba"
    ),
    "it": "pubblicità|condividi|leggi anche|leggi tutto|abbonati|stampa|commenti|tutti i diritti riservati",
    "pt": "publicidade|compartilhar|partilhar|leia também|leia mais|ler mais|assine|comentários|mais lidas",
    "nl": "advertentie|deel dit artikel|delen|lees ook|lees meer|reacties|nieuwsbrief|meest gelezen",
    "names": "facebook|twitter|x|linkedin|whatsapp|telegram|e-mail|email|mail|pinterest|reddit|xing|bluesky|threads",
}
_KNOWN = frozenset(phrase for phrases in _PHRASES.values() for phrase in phrases.split("|"))

_PATTERNS = re.compile(
    r"\d+ (?:comments?|kommentare?|commentaires?|comentarios?)"
    r"|\d+ min(?:ute)?s? read|(?:lesezeit|reading time):? ?\d+ (?:min\w*)"
    r"|(?:©|\(c\)|copyright) .{0,60}"
)
_EDGE = " \t\u00a0:.…!»›>→↑|•·-–—"
_MOST_LINES = 8


def looks_like_chrome(text: str) -> bool:
    """Whether a line is a known phrase of web pages and nothing else."""
    plain = " ".join(text.casefold().split()).strip(_EDGE)
    return plain in _KNOWN or bool(_PATTERNS.fullmatch(plain))


def chrome_at_edges(paragraphs: Sequence[Sequence[str]]) -> frozenset[int]:
    """Indices of paragraphs at the beginning and end of a text that are web chrome.

    A paragraph is chrome when it is short and every line of it is a phrase of web pages. Only the edges count: the
    word alone in the middle of an article may be text. At least one paragraph is always left.
    """
    chrome = [len(lines) <= _MOST_LINES and all(map(looks_like_chrome, lines)) for lines in paragraphs]
    if all(chrome):
        return frozenset()
    first = chrome.index(False)
    last = len(chrome) - 1 - chrome[::-1].index(False)
    return frozenset({*range(first), *range(last + 1, len(chrome))})
