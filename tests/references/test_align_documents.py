"""Two whole documents: which sentences belong together."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from harness.corpus.documents import align as module
from harness.corpus.documents.align import SURE, Bead, align
from harness.corpus.documents.evidence import side_of
from harness.corpus.documents.lattice import KINDS, best_path, posteriors
from harness.corpus.documents.lexicon import learn
from harness.corpus.documents.scores import Texts
from harness.corpus.documents.tokens import fold, skeleton, tokens

GERMAN = [
    "Die Brücke von Altenburg",
    "Im Jahr 1897 wurde die Brücke über die Elbe gebaut.",
    "Der Architekt hieß Johann Weber, und 1896 starb er in Dresden.",
    "Warum dauerte der Bau so lange?",
    "Das Geld fehlte.",
    "Erst als die Stadt 250.000 Mark lieh, ging es weiter.",
    "Heute fahren täglich 12.000 Autos über die Brücke.",
    "Im nächsten Sommer soll sie saniert werden, sagte Bürgermeisterin Claudia Novak.",
]
ENGLISH = [
    "The bridge of Altenburg",
    "The bridge over the Elbe was built in 1897.",
    "The architect was called Johann Weber.",
    "In 1896 he died in Dresden.",
    "Why did it take so long to build?",
    "Only when the city borrowed 250,000 marks did work go on.",
    "Today 12,000 cars cross the bridge every day.",
    "Next summer it is to be renovated, mayor Claudia Novak said.",
    "Share this article with your friends on Facebook, WhatsApp or Telegram!",
]


def pairs(beads: list[Bead]) -> list[tuple[list[int], list[int]]]:
    return [(list(bead.source), list(bead.target)) for bead in beads if bead.is_pair]


def test_merged_split_and_omitted_sentences_are_found_without_any_engine() -> None:
    (beads,) = align([Texts(GERMAN, ENGLISH)])
    assert pairs(beads) == [([0], [0]), ([1], [1]), ([2], [2, 3]), ([3], [4]), ([5], [5]), ([6], [6]), ([7], [7])]
    assert all(bead.confidence >= SURE for bead in beads if bead.is_pair)
    assert [list(bead.source) for bead in beads if not bead.target] == [[4]]
    assert [list(bead.target) for bead in beads if not bead.source] == [[8]]


def test_beads_cover_both_texts_once_and_in_order() -> None:
    (beads,) = align([Texts(GERMAN, ENGLISH)])
    assert list(itertools.chain(*(bead.source for bead in beads))) == list(range(len(GERMAN)))
    assert list(itertools.chain(*(bead.target for bead in beads))) == list(range(len(ENGLISH)))


@pytest.mark.parametrize(("source", "target"), [([], []), (["Eins."], []), ([], ["One."]), (["Eins."], ["One."])])
def test_next_to_nothing_is_aligned_too(source: list[str], target: list[str]) -> None:
    (beads,) = align([Texts(source, target)])
    assert sum(len(bead.source) for bead in beads) == len(source)
    assert sum(len(bead.target) for bead in beads) == len(target)


def test_a_rough_translation_tells_apart_what_nothing_else_does() -> None:
    source = ["a b c.", "d e f.", "g h i.", "j k l."]
    words = [
        "harbour warehouse flooded",
        "mountain railway opened",
        "ministry speech published",
        "orchard harvest lost",
    ]
    target = [f"The {words[number]}." for number in (0, 2, 3)]
    (blind,) = align([Texts(source, target)])
    (seeing,) = align([Texts(source, target, [f"A {text}." for text in words])])
    assert pairs(seeing) == [([0], [0]), ([2], [1]), ([3], [2])]
    assert pairs(blind) != pairs(seeing)


def test_a_long_document_is_cut_and_comes_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    words = [f"{a}{b}{c}" for a, b, c in itertools.product(("mor", "tal", "bin"), ("dek", "sul", "ran"), ("is", "um"))]
    source = [f"{' '.join(rng.choices(words, k=rng.randint(3, 9)))} {number}." for number in range(60)]
    target = [text for number, text in enumerate(source) if number % 10 != 7]
    expected = [([n], [n - (n + 2) // 10]) for n in range(60) if n % 10 != 7]
    (whole,) = align([Texts(source, target)])
    monkeypatch.setattr(module, "MOST_SENTENCES", 16)
    (parts,) = align([Texts(source, target)])
    assert pairs(whole) == expected
    assert pairs(parts) == expected


def test_posteriors_are_those_of_all_paths() -> None:
    rng = np.random.default_rng(1)
    n, m = 3, 2
    scores = {(a, b): rng.normal(size=(max(n + 1 - a, 0), max(m + 1 - b, 0))) for a, b in KINDS}

    def paths(i: int, j: int) -> list[list[tuple[int, int, tuple[int, int]]]]:
        if (i, j) == (n, m):
            return [[]]
        return [[(i, j, (a, b)), *rest] for a, b in KINDS if i + a <= n and j + b <= m for rest in paths(i + a, j + b)]

    every = paths(0, 0)
    weights = [sum(scores[kind][i, j] for i, j, kind in path) for path in every]
    total = np.exp(weights).sum()
    found = posteriors(scores)
    for bead in {bead for path in every for bead in path}:
        i, j, kind = bead
        expected = sum(np.exp(weight) for path, weight in zip(every, weights, strict=True) if bead in path) / total
        assert found[kind][i, j] == pytest.approx(expected)
    assert best_path(scores) == every[int(np.argmax(weights))]


def test_words_that_met_only_once_are_no_lexicon() -> None:
    source = side_of(["rot haus", "rot baum", "blau baum", "grün meer"])
    target = side_of(["red house", "red tree", "blue tree", "green sea"])
    lexicon = learn([(source, target, np.eye(4))])
    affinity = lexicon.affinity(source, target)
    at = {(one, other): affinity[source.vocabulary.index(one), target.vocabulary.index(other)]
          for one, other in (("rot", "red"), ("baum", "tree"), ("rot", "tree"), ("grun", "green"))}  # fmt: skip
    assert at["rot", "red"] > 0.5
    assert at["baum", "tree"] > 0.5
    assert at["rot", "tree"] == 0
    assert at["grun", "green"] == 0


@pytest.mark.parametrize(
    ("word", "others"),
    [("trump", ["Трамп", "ترامب"]), ("indonesia", ["インドネシア", "اندونيسيا"]), ("christine", ["クリスティーン"])],
)
def test_names_have_the_same_bones_in_every_alphabet(word: str, others: list[str]) -> None:
    assert {skeleton(fold(other)) for other in others} == {skeleton(word)}


def test_numbers_are_the_same_however_they_are_written() -> None:
    assert set(tokens("1.000 1,000 1\u00a0000 ١٠٠٠ １０００")) == {"#1000"}
    assert set(tokens("3.5")) == {"#3", "#5"}
