"""Is each side written in its language? Function words tell, where there is enough text; no model is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.corpus.lint.finding import LintFinding, sides
from harness.types import Article
from harness.workspace.languages import primary

_FUNCTION_WORDS = {
    "en": "the and of to in is that for it was with as on be at by this are from have not they which has his were",
    "de": "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch es werden aus wird einer",
    "fr": "le la les de des et en un une du est que dans pour qui au sur pas par ne plus avec ce il sont cette mais",
    "es": "el la los las de que y en un una por con no para es se del al lo como más pero sus está fue este son",
    "it": "il lo la gli le di che e un una per con non del della è in si nel sono alla dei come più anche ha questo",
    "pt": "o a os as de que e do da em um uma para com não por se na no dos mais ao como foi são pelo também",
    "nl": "de het een en van ik te dat die in is niet zijn op met voor aan er ook als bij naar maar wordt werd door",
    "sv": "och att det i en som är på för med den av till inte ett har de om var från kan men så eller hade",
    "da": "og at det i en som er på for med den af til ikke et har de om var fra kan men så eller havde blev",
    "no": "og at det i en som er på for med den av til ikke et har de om var fra kan men så eller hadde ble",
    "is": "og að í á sem er til það við um með en af hann var ekki eru fyrir hafa því þegar frá svo þetta verið",
    "pl": "i w na z do się nie to że jest o jak po od za przez przy są tym oraz dla który jego było może",
    "cs": "a v na se z do je že to s o k i za pro jako po ale jsou by který byl která které jeho také",
    "fi": "ja on ei se että oli hän mutta ovat kun myös tai niin joka olla sekä kuin jos vain mukaan ole sen",
    "hu": "a az és hogy nem is egy volt csak meg de ha mint el már még vagy azt szerint lesz van ezt",
    "ro": "și în de la a cu pe care nu din este un o să mai pentru se au ca fi prin sunt după această",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi kadar sonra ne var ancak değil en ise",
    "ru": "и в не на что с по как это он к из за от для о был но все также его она их или при",
    "uk": "і в не на що з як це він до за від для та про був але також його вона їх або при є й",
}
_ALIASES = {"nb": "no", "nn": "no"}
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_HITS = 6
_FACTOR = 3


def check_language(article: Article) -> Iterator[LintFinding]:
    """Compare each file of the article with the function words of both languages of the pair."""
    files = list(sides(article))
    other = [reads_like([line.text for line in lines], article) not in ("", language) for language, lines in files]
    if len(other) > 1 and all(other):
        problem = (
            f"the source looks like {article.pair.target}, the reference like {article.pair.source}: files swapped?"
        )
        yield LintFinding("error", "language", files[0][1][0].where, problem)
        return
    for (language, lines), wrong in zip(files, other, strict=True):
        if wrong:
            actual = article.pair.target if language == article.pair.source else article.pair.source
            yield LintFinding(
                "error", "language", lines[0].where, f"expected {language}, but the text looks like {actual}"
            )


def reads_like(texts: Sequence[str], article: Article) -> str:
    """Which language of the pair the texts are in.

    Returns:
        The tag of source or target, or an empty string where the words do not tell.
    """
    source, target = article.pair.source, article.pair.target
    words = _distinctive(source, target), _distinctive(target, source)
    hits = [0, 0]
    for text in texts:
        for word in _WORD.findall(text.casefold()):
            hits[0] += word in words[0]
            hits[1] += word in words[1]
    if max(hits) < _FEWEST_HITS or max(hits) < _FACTOR * min(hits):
        return ""
    return source if hits[0] > hits[1] else target


def _distinctive(language: str, other: str) -> frozenset[str]:
    """Function words of a language that the other one does not have; empty where either is not listed."""
    one, two = function_words(language), function_words(other)
    return one - two if one and two else frozenset()


def function_words(language: str) -> frozenset[str]:
    """Frequent short words of a language; empty where none are listed."""
    code = primary(language)
    return frozenset(_FUNCTION_WORDS.get(_ALIASES.get(code, code), "").split())
