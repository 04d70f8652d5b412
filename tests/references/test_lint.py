"""Lint finds what was broken on purpose, where it was broken, and is quiet about what is sound."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from harness.corpus.bare import corpus_from_files
from harness.corpus.lint import LintFinding, lint
from harness.corpus.lint.alignment import features, fit
from harness.corpus.lint.characters import estimated_subwords
from harness.corpus.lint.pairs import placeholders
from harness.types import Article, Corpus, LangPair, Segment
from harness.workspace.languages import parse_pair
from tests.references.articles import TEXTS, Lines, lines_of, make_article, make_corpus


def found(corpus: Corpus, check: str) -> list[LintFinding]:
    return [finding for finding in lint(corpus) if finding.check == check]


def with_lines(name: str, changes: dict[int, tuple[str, str]]) -> Corpus:
    """The corpus with some lines (counted from 1) of one article replaced."""
    lines = lines_of(name)
    for number, pair in changes.items():
        lines[number - 1] = pair
    return make_corpus({name: lines})


def lose_reference(lines: Lines, lost: int) -> Lines:
    """Lose reference ``lost`` (counted from 0 among the texts) and move up those below it; the last place is empty."""
    texts = [pair for pair in lines if pair[0]]
    references = [reference for _, reference in texts]
    references = [*references[:lost], *references[lost + 1 :], ""]
    moved = iter(zip((source for source, _ in texts), references, strict=True))
    return [next(moved) if source else ("", "") for source, _ in lines]


def test_a_sound_corpus_has_no_findings() -> None:
    assert lint(make_corpus()) == ()


# Misalignment


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_references_shifted_from_a_line_on_are_found_at_that_line(name: str) -> None:
    lines = lines_of(name)
    numbers = [number for number, (source, _) in enumerate(lines, start=1) if source]
    for lost in range(1, len(numbers) - 4):
        errors = [f for f in lint(make_corpus({name: lose_reference(lines, lost)})) if f.severity == "error"]
        assert [f.check for f in errors] == ["shifted"], (name, lost)
        # The line whose translation was lost cannot tell; its neighbours fit nothing by chance only.
        near = {f"de-en/{name}.de.txt:{number}" for number in numbers[lost : lost + 3]}
        assert errors[0].where in near, (name, lost, errors)
        assert "earlier" in errors[0].what


def test_a_shift_downwards_is_named_as_a_line_too_many() -> None:
    lines = lines_of("bridge")
    texts = [pair for pair in lines if pair[0]]
    references = ["", *(reference for _, reference in texts[:-1])]
    added = [(source, reference) for (source, _), reference in zip(texts, references, strict=True)]
    (finding,) = found(make_corpus({"bridge": added}), "shifted")
    assert "one segment later" in finding.what
    assert "line too many" in finding.what
    lost = lose_reference(lines, 2)
    assert "lost line" in found(make_corpus({"bridge": lost}), "shifted")[0].what


def test_swapped_reference_files_are_found_and_named() -> None:
    def shaped(name: str, other: str, count: int) -> Lines:
        texts, others = ([pair for pair in lines_of(n) if pair[0]][:count] for n in (name, other))
        return [(source, reference) for (source, _), (_, reference) in zip(texts, others, strict=True)]

    corpus = make_corpus({"bees": shaped("bees", "train", 7), "train": shaped("train", "bees", 7)})
    errors = [finding for finding in lint(corpus) if finding.severity == "error"]
    assert [(finding.check, finding.where) for finding in errors] == [("swapped", "de-en/bees.en.txt:1")]
    assert "'bees' and 'train'" in errors[0].what


def test_articles_of_one_shape_that_say_little_are_not_called_swapped() -> None:
    """No number, name or length tells one line from another here: nothing speaks for an exchange either."""
    lines = {"one": "Das ist nun so.", "two": "Es geht so zu."}
    corpus = make_corpus({name: [(text, "It is that way.")] * 4 for name, text in lines.items()})
    assert found(corpus, "swapped") == []


@pytest.mark.parametrize(
    ("source", "right", "wrong"),
    [
        ("Frau Schneider kam an.", "Ms Schneider came in.", "Ms Middleton came in."),
        ("Es waren 412 Leute da.", "It was 412 people then.", "It was many people then."),
        ("Kommt er heute noch?", "Is he coming today?", "He is coming today."),
        ("Siehe https://example.org/a dazu.", "See https://example.org/a on this.", "See the page on a site on this."),
        ("Das ist ein kurzer Satz.", "This is a short one too.", "No."),
    ],
)
def test_what_tells_that_two_lines_belong_together(source: str, right: str, wrong: str) -> None:
    assert fit(features(source), features(right), 0.0) > fit(features(source), features(wrong), 0.0)


def test_references_of_another_article_are_found() -> None:
    texts, others = ([pair for pair in lines_of(name) if pair[0]] for name in ("library", "bridge"))
    foreign = [(source, reference) for (source, _), (_, reference) in zip(texts, others, strict=False)]
    assert [f.check for f in lint(make_corpus({"library": foreign})) if f.severity == "error"] == ["unrelated"]


# Language and script


def test_swapped_sides_are_found() -> None:
    swapped = {name: [(reference, source) for source, reference in lines_of(name)] for name in TEXTS}
    findings = found(make_corpus(swapped), "language")
    assert [finding.where for finding in findings] == [f"de-en/{name}.de.txt:1" for name in sorted(TEXTS)]
    assert all("swapped" in finding.what and finding.severity == "error" for finding in findings)


def test_a_reference_file_in_the_source_language_is_found() -> None:
    german = lines_of("harvest")
    mixed = [(source, other[0]) for (source, _), other in zip(german, [*german[1:], german[0]], strict=True)]
    (finding,) = found(make_corpus({"harvest": [pair for pair in mixed if all(pair)]}), "language")
    assert (finding.severity, finding.where) == ("error", "de-en/harvest.en.txt:1")


def test_a_file_and_a_segment_in_the_wrong_script_are_found() -> None:
    pair = parse_pair("en-uk")
    ukrainian = "Пізнє збирання врожаю на озері"
    mixed = [("Late harvest", ukrainian), ("A second line here", "A second line that nobody touched")]
    corpus = Corpus(pair, (make_article("a", [*mixed, ("Third", ukrainian)], pair),))
    (finding,) = found(corpus, "script")
    assert (finding.severity, finding.where) == ("warning", "en-uk/a.uk.txt:2")
    latin = Corpus(pair, (make_article("a", [(source, source) for source, _ in mixed], pair),))
    (finding,) = found(latin, "script")
    assert (finding.severity, finding.where) == ("error", "en-uk/a.uk.txt:1")


def test_a_file_of_which_most_is_in_another_script_is_found_though_no_segment_stands_out() -> None:
    pair = parse_pair("en-uk")
    half = "Пізнє збирання late harvest at the lake again"
    corpus = Corpus(pair, (make_article("a", [("Late harvest at the lake", half)] * 3, pair),))
    (finding,) = found(corpus, "script")
    assert (finding.severity, finding.where) == ("error", "en-uk/a.uk.txt:1")


def test_related_languages_are_told_apart_by_the_words_they_do_not_share() -> None:
    pair = parse_pair("es-pt")
    spanish = "El presidente de la empresa dijo que no se puede, pero los datos son más que una cifra y las cuentas"
    portuguese = "O presidente da empresa disse que não se pode, mas os dados são mais do que uma cifra e as contas"
    right = Corpus(pair, (make_article("a", [(spanish, portuguese)] * 3, pair),))
    assert found(right, "language") == []
    swapped = Corpus(pair, (make_article("a", [(portuguese, spanish)] * 3, pair),))
    assert [finding.severity for finding in found(swapped, "language")] == ["error"]


def test_words_that_two_languages_share_tell_nothing() -> None:
    """Two of three words here are listed for Danish and for Norwegian."""
    pair = parse_pair("da-nb")
    danish = "Han havde af og til det, som blev sagt af dem, og det er på den"
    norwegian = "Han hadde av og til det, som ble sagt av dem, og det er på den"
    assert found(Corpus(pair, (make_article("a", [(danish, norwegian)] * 3, pair),)), "language") == []
    swapped = Corpus(pair, (make_article("a", [(norwegian, danish)] * 3, pair),))
    assert [finding.severity for finding in found(swapped, "language")] == ["error"]


def test_japanese_may_mix_its_three_scripts() -> None:
    pair = parse_pair("en-ja")
    corpus = Corpus(
        pair, (make_article("a", [("Late harvest at the lake", "湖のほとりで遅いハーベストが始まりました。")], pair),)
    )
    assert found(corpus, "script") == []


# One text, or a pair of texts


@pytest.mark.parametrize(
    ("source", "reference"),
    [
        ("Hallo {name}", "Hello {nome}"),
        ("Noch %d Tage", "Days left"),
        ("Noch %1$s Tage", "%2$s days left"),
        ("Ein <b>Wort</b>", "A <b>word"),
        ("<br/> x", "x <br>x</br>"),
    ],
)
def test_unbalanced_placeholders_are_found(source: str, reference: str) -> None:
    (finding,) = found(with_lines("bees", {2: (source, reference)}), "placeholders")
    assert (finding.severity, finding.where) == ("warning", "de-en/bees.en.txt:2")


def test_placeholders_may_move_and_attributes_may_be_translated() -> None:
    assert placeholders('<a title="Tür">%s</a> {x}') == placeholders('{x} <a title="door">%s</a>')
    assert not placeholders("100 % der 5 < 7, 50%der > 3")
    assert placeholders("%(n)s ${y} {{z}}").total() == 3


def test_a_copied_reference_is_a_warning_and_a_copied_file_an_error() -> None:
    text = "Niemand weiß, warum."
    (finding,) = found(with_lines("clock", {3: (text, text)}), "copied")
    assert (finding.severity, finding.where) == ("warning", "de-en/clock.en.txt:3")
    copied = {name: [(source, source) for source, _ in lines_of(name)] for name in TEXTS}
    (finding,) = found(make_corpus(copied), "copied")
    assert finding.severity == "error"
    few = lines_of("bees")[:6]
    (*warnings,) = found(make_corpus({"copies": [(source, source) for source, _ in few]}), "copied")
    assert len(warnings) == sum(bool(source) for source, _ in few) >= 5, "many, and not most of the corpus"
    assert {finding.severity for finding in warnings} == {"warning"}
    for same in ("7:30", "@user #Uhr https://example.org/uhr"):
        assert found(with_lines("clock", {3: (same, same)}), "copied") == []


def test_a_reference_cut_short_is_a_length_outlier() -> None:
    long = " ".join(source for source, _ in lines_of("harvest") if source)
    (finding,) = found(with_lines("bees", {2: (long, "Since April.")}), "length")
    assert finding.where == "de-en/bees.en.txt:2"
    assert f"12 characters for {len(long)}" in finding.what


@pytest.mark.parametrize(
    ("text", "long"), [("x" * 1480, False), ("x" * 1520, True), ("字" * 590, False), ("字" * 610, True)]
)
def test_texts_too_long_for_comet_are_found_by_estimate(text: str, long: bool) -> None:
    assert (estimated_subwords(text) > 510) is long
    findings = found(with_lines("bees", {2: (text, "short")}), "too-long")
    assert [finding.where for finding in findings] == (["de-en/bees.de.txt:2"] if long else [])


@pytest.mark.parametrize(
    ("text", "check", "what"),
    [
        (" Text.", "white-space", "beginning or end"),
        ("A  text.", "white-space", "several spaces"),
        ("A\ttext.", "white-space", "a tab"),
        ("A\u00a0text.", "white-space", "no-break"),
        ("A\u200btext.", "white-space", "invisible"),
        ("Cafe\u0301 text.", "not-nfc", "normal form C"),
    ],
)
def test_unusual_characters_are_counted_by_file(text: str, check: str, what: str) -> None:
    (finding,) = found(with_lines("clock", {2: ("Ein Text.", text), 3: ("Noch ein Text.", f"{text} More.")}), check)
    assert (finding.severity, finding.where) == ("warning", "de-en/clock.en.txt:2")
    assert what in finding.what
    assert finding.what.startswith("2 lines")


def test_french_may_have_no_break_spaces() -> None:
    lines = [("Wirklich?", "Vraiment\u00a0?")]
    for tag, expected in (("fr", 0), ("es", 1)):
        pair = LangPair("de", tag)
        assert len(found(Corpus(pair, (make_article("a", lines, pair),)), "white-space")) == expected


# The collection


def test_repeated_source_texts_are_reported_once() -> None:
    lines = [("Das steht zweimal hier.", "This is here twice."), ("Anderes.", "Other.")]
    corpus = make_corpus({"bees": [*lines_of("bees"), *lines], "clock": [*lines_of("clock"), *lines[:1]]})
    (finding,) = found(corpus, "duplicate")
    assert finding.where == f"de-en/clock.de.txt:{len(lines_of('clock')) + 1}"
    assert f"de-en/bees.de.txt:{len(lines_of('bees')) + 1}" in finding.what


def test_two_versions_of_an_article_are_found() -> None:
    version = lines_of("harvest")
    version[-1] = ("Im letzten Jahr waren es 60 Tonnen.", "Last year it was 60 tonnes.")
    corpus = make_corpus({"late": version})
    (finding,) = found(corpus, "near-duplicate")
    assert finding.where == "de-en/late"
    assert "'harvest'" in finding.what
    assert found(corpus, "duplicate") == []


def test_few_articles_and_missing_references_are_said() -> None:
    corpus = make_corpus()
    few = Corpus(corpus.pair, corpus.articles[:5])
    assert [finding.what for finding in found(few, "few-articles")] == [
        "no verdict: 5 articles are too few to compare any two systems; at least 6 are needed"
    ]
    assert not [finding for finding in lint(few, "segment") if finding.check == "few-articles"]
    one = Corpus(corpus.pair, corpus.articles[:1])
    assert "no verdict: one article" in found(one, "few-articles")[0].what
    bare = {name: [(source, "") for source, _ in lines_of(name)] for name in ("bees", "clock")}
    without = make_corpus(bare)
    assert "4 of 6 articles have one, and 6 are needed" in found(without, "few-articles")[0].what
    (finding,) = found(without, "no-reference")
    count = sum(bool(source) for lines in bare.values() for source, _ in lines)
    assert finding.what.startswith(f"{count} of {len(without.segments)} segments")
    assert finding.what.endswith("bees, clock")


# Measured on real test sets


@pytest.fixture(params=["wmt24.en-de", "wmt22.de-en"])
def real(request: pytest.FixtureRequest, wmt_data: Path) -> Corpus:
    folder = wmt_data / request.param
    reference = min(folder.glob("reference.*.txt"))
    pair = parse_pair(request.param.partition(".")[2])
    corpus, _ = corpus_from_files(pair, folder / "source.txt", [reference], folder / "docids.txt")
    return corpus


def test_clean_test_sets_have_no_errors(real: Corpus) -> None:
    assert [finding for finding in lint(real) if finding.severity == "error"] == []


def test_a_lost_line_is_found_in_nine_of_ten_real_articles(real: Corpus) -> None:
    chance = random.Random(7)
    broken = {}
    articles: list[Article] = []
    for article in real.articles:
        segments = article.segments
        if len(segments) >= 10:
            lost = chance.randrange(1, len(segments) - 5)
            references = [s.references for s in segments]
            moved = [*references[:lost], *references[lost + 1 :], ()]
            segments = tuple(
                Segment(s.id, s.line, s.paragraph, s.source, texts) for s, texts in zip(segments, moved, strict=True)
            )
            broken[article.id] = segments[lost].line
        articles.append(Article(article.id, article.pair, segments))
    findings = found(Corpus(real.pair, tuple(articles)), "shifted")
    hits = 0
    for finding in findings:
        article_id, _, rest = finding.where.removeprefix(f"{real.pair}/").rpartition(
            f".{real.pair.source_file_tag}.txt:"
        )
        hits += abs(int(rest) - broken[article_id]) <= 2  # type: ignore[index]
    assert len(broken) > 30
    assert hits >= 0.85 * len(broken)
    assert len(findings) >= 0.9 * len(broken)


def test_lines_that_fit_in_any_order_are_not_called_unrelated() -> None:
    lines = [(f"Satz {n} des Textes.", f"Sentence {n} of it.") for n in "abcdef"]
    assert "unrelated" not in {finding.check for finding in lint(make_corpus({"labels": lines}))}


def test_a_free_translation_that_fits_best_as_it_stands_is_not_called_unrelated() -> None:
    """Lines of two articles, of which a number each ties three together: no rotation fits as well."""
    texts, others = ([pair for pair in lines_of(name) if pair[0]] for name in ("library", "bridge"))
    foreign = [(source, reference) for (source, _), (_, reference) in zip(texts, others, strict=False)]
    tied = [
        (f"{source} {number}", f"{reference} {number}")
        for (source, reference), number in zip(foreign[:3], (4711, 5688, 6665), strict=True)
    ]
    assert not lint(make_corpus({"library": [*tied, *foreign[3:]]}))
