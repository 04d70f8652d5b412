"""What language models know by heart, against a server of one that knows all references, and one that knows none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.analysis import analyse
from harness.analysis.memorised import clopper_pearson, recital_of
from harness.checks.memorisation.answers import longest_run
from harness.checks.memorisation.questions import change_numbers, cut_references, verbatim_words
from harness.reports.load import load_report
from harness.reports.words.reasons import sentence
from harness.store.runs.result import PairResult
from harness.types import Changed, LangPair, Memorisation, Missing, Recited, SystemName
from tests.cli.conftest import Shell, harness
from tests.judge.scene import last_pair, last_run
from tests.loopback import Loopback, Response, Seen
from tests.reports.build import DE_EN, corpus, pair_analysis, pair_result, system
from tests.vendors import openai
from tests.workspace import write_article, write_system

__all__ = ["harness"]

WORDS = ("river", "bridge", "market", "council", "winter", "harbour", "engine", "garden", "letter", "teacher", "window",
         "valley", "doctor", "ticket", "summer", "village", "orange", "silver", "museum", "planet", "forest", "castle",
         "dragon")  # fmt: skip
ARTICLES = 8


def reference(number: int) -> str:
    """A sentence of 25 words that shares no eight in a row with another one."""
    words = [WORDS[(number * 5 + place * (number + 1)) % len(WORDS)] for place in range(23)]
    return f"In {1900 + number} {' '.join(words)}."


def source(number: int) -> str:
    """Its source, by the words that the other model makes of it."""
    return f"Im Jahr {1900 + number} gab es Nummer {chr(97 + number)}."


TEXTS = {source(number): reference(number) for number in range(ARTICLES)}


def write_workspace(root: Path, url: str, settings: str = 'memorisation = ["parrot", "fresh"]') -> None:
    for number, (text, translation) in enumerate(TEXTS.items()):
        write_article(root, f"a{number:02}", [(text, translation)])
    for name in ("parrot", "fresh"):
        options = f'model = "{name}"\nendpoint = "{url}/v1"\ninstructions = "Be formal."\n'
        price = "[price]\nper_million_input_tokens = 1000.0\nper_million_output_tokens = 2000.0\n"
        write_system(root, name, f'engine = "openai"\n{openai.VENDOR.extra}\n[options]\n{options}{price}')
    (root / "harness.toml").write_text(f'metrics = ["chrf"]\n[checks]\n{settings}\n', encoding="utf-8")


def answer(seen: Seen) -> Response:
    """Translations, continuations and changed numbers, as each of the two models would answer."""
    asked: Any = json.loads(openai.user(seen))
    if not isinstance(asked, dict) or not {"beginning", "text"} & asked.keys():
        return openai.success(seen, lambda text: TEXTS[text])
    knows = seen.json["model"] == "parrot"
    if "beginning" in asked:
        whole = next(text for text in TEXTS.values() if text.startswith(asked["beginning"]))
        rest = whole[len(asked["beginning"]) :] if knows else "and nobody knew what would come of all that."
        return openai.completion(seen, json.dumps({"continuation": rest}))
    name = asked["text"].rpartition(" ")[2]
    known = next(translation for text, translation in TEXTS.items() if text.endswith(name))
    return openai.completion(seen, json.dumps({"translation": known if knows else asked["text"]}))


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    openai.VENDOR.needs()
    for name, value in openai.VENDOR.environment.items():
        monkeypatch.setenv(name, value)


def results(pair: PairResult) -> dict[str, Memorisation]:
    found = {str(name): item for name, item in pair.memorised.items() if not isinstance(item, Missing)}
    assert len(found) == len(pair.memorised)
    return found


@pytest.mark.usefixtures("key")
def test_who_knows_the_text_is_told_from_who_does_not(tmp_path: Path, harness: Shell) -> None:
    with Loopback(answer) as server:
        write_workspace(tmp_path, server.url)
        priced = json.loads(harness("run", "-C", tmp_path, "--dry-run", "--format", "json").out)
        assert not server.ledger
        probes = [item for item in priced["systems"] if item["system"].startswith("memorisation:")]
        assert [(item["system"], item["to_send"]) for item in probes] == [
            *[("memorisation:parrot", ARTICLES)] * 2,
            *[("memorisation:fresh", ARTICLES)] * 2,
        ]
        bound = sum(item["cost_at_most"]["amount"] for item in priced["systems"])
        assert all(0 < item["cost_expected"]["amount"] < item["cost_at_most"]["amount"] for item in probes)
        finished = harness("run", "-C", tmp_path, "--quiet")
        assert finished.code == 0, finished.err
        asked = len(server.ledger)
        pair = last_pair(tmp_path)
        found = results(pair)
        assert harness("run", "-C", tmp_path, "--quiet").code == 0
        assert len(server.ledger) == asked, "what was answered is not asked again"
    assert bound > 0
    parrot, fresh = (recital_of(found[name]) for name in ("parrot", "fresh"))
    assert (parrot.articles, parrot.recited, parrot.control, parrot.significant) == (ARTICLES, ARTICLES, 0, True)
    assert (parrot.numbers, parrot.reverted, fresh.numbers, fresh.reverted) == (ARTICLES, ARTICLES, ARTICLES, 0)
    assert (fresh.articles, fresh.recited, fresh.significant) == (ARTICLES, 0, False)
    assert parrot.low > 0.6
    assert fresh.high < 0.4
    (analysis,) = analyse(last_run(tmp_path)).pairs
    signs = {(sign.level, sentence(sign.why)) for sign in analysis.trust if sign.topic == "memorised"}
    assert len(signs) == 4
    texts = {level: text for level, text in signs if "row" in text}
    assert "in 8 of 8 articles (95 % interval 63 % to 100 %), and as another article has them in 0." in texts["doubt"]
    assert texts["good"].startswith("Asked to continue references, fresh recited none of 8 articles for 8 words in a")
    assert "recites the references" in finished.out
    said = json.loads(load_report("json").render(analyse(last_run(tmp_path))))["pairs"][0]["memorised"]
    assert said["parrot"]["recited"][0]["run"] >= 8


@pytest.mark.usefixtures("key")
def test_it_is_paid_from_the_same_purse_and_costs_nothing_offline(tmp_path: Path, harness: Shell) -> None:
    with Loopback(answer) as server:
        write_workspace(tmp_path, server.url, 'memorisation = ["parrot"]\nmemorisation_sentences = 3')
        harness("run", "-C", tmp_path, "--quiet", "--system", "parrot", "--max-cost", "0.0001")
        assert not server.ledger
        (why,) = last_pair(tmp_path).memorised.values()
        assert isinstance(why, Missing)
        assert why.why.key == "memorised.no_answer"
        assert harness("run", "-C", tmp_path, "--quiet", "--system", "parrot").code == 0
        questions = [json.loads(openai.user(seen)) for seen in server.ledger]
        assert sum("beginning" in item for item in questions if isinstance(item, dict)) == 3
        (tmp_path / "harness.toml").write_text('metrics = ["chrf"]\n[checks]\nmemorisation = ["parrot"]\n', "utf-8")
        before = len(server.ledger)
        assert harness("run", "-C", tmp_path, "--quiet", "--system", "parrot", "--offline").code == 0
        assert len(server.ledger) == before
    (offline,) = last_pair(tmp_path).memorised.values()
    assert isinstance(offline, Missing)
    assert "--offline" in sentence(offline.why)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ('memorisation = ["parot"]', "there is no system 'parot'"),
        ('memorisation = ["copy"]', "'copy' translates, and cannot be asked questions"),
    ],
)
def test_who_cannot_be_asked_is_named(tmp_path: Path, harness: Shell, settings: str, problem: str) -> None:
    write_workspace(tmp_path, "http://127.0.0.1:9", settings)
    write_system(tmp_path, "copy", 'engine = "copy"\n')
    finished = harness("run", "-C", tmp_path, "--dry-run")
    assert (finished.code, problem in finished.err) == (2, True)


def test_nobody_is_asked_who_was_not_named(tmp_path: Path, harness: Shell) -> None:
    write_workspace(tmp_path, "http://127.0.0.1:9", "")
    priced = json.loads(harness("run", "-C", tmp_path, "--dry-run", "--format", "json").out)
    assert [item["system"] for item in priced["systems"]] == ["fresh", "parrot"]


def test_halves_and_numbers_are_drawn_from_every_article() -> None:
    texts = corpus(DE_EN, articles=4, segments=3, unreferenced=())
    articles = tuple(
        replace(
            article,
            segments=tuple(
                replace(segment, source=source(place), references=(reference(place),))
                for place, segment in enumerate(article.segments)
            ),
        )
        for article in texts.articles
    )
    made = replace(texts, articles=articles)
    halves = cut_references(made, 6, 1)
    assert [len({half.segment.article for half in part}) for part in (halves[:4], halves)] == [4, 4]
    assert halves != cut_references(made, 6, 2)
    half = halves[0]
    assert len(half.rest) == 13
    assert half.beginning.startswith("In 190")
    changed = change_numbers(made, 12, 1)
    assert len(changed) == 12
    assert {(item.original[:-1], len(item.changed)) for item in changed} == {("190", 4)}
    assert all(item.changed in item.text and item.original not in item.text for item in changed)
    assert verbatim_words(LangPair("en", "ja")) == 2 * verbatim_words(LangPair("ja", "en"))


def test_runs_are_of_consecutive_words() -> None:
    assert longest_run(["a", "b", "c", "d"], ["x", "b", "c", "y", "d"]) == 2
    assert longest_run(["a", "b"], ["b", "a"]) == 1
    assert longest_run([], ["a"]) == 0


def test_the_interval_is_the_exact_one() -> None:
    """R: binom.test(7, 20) and binom.test(0, 12)."""
    assert clopper_pearson(7, 20) == pytest.approx((0.1539092, 0.5921885), abs=1e-6)
    assert clopper_pearson(0, 12) == pytest.approx((0.0, 0.2646485), abs=1e-6)
    assert clopper_pearson(12, 12) == pytest.approx((0.7353515, 1.0), abs=1e-6)


@pytest.mark.parametrize(("recited", "control", "level"), [(4, 0, "caution"), (5, 0, "doubt"), (6, 2, "caution")])
def test_chance_explains_a_few(recited: int, control: int, level: str) -> None:
    texts = corpus(DE_EN, articles=12, unreferenced=())
    answers = tuple(Recited(f"a{n}", 1, 12, 12 if n < recited else 3, 9 if 12 - control <= n else 0) for n in range(12))
    item = Memorisation(8, answers, (Changed("a1", 1, "neither"),), 13)
    pair = pair_result(texts, [system(texts, "a", 0.8, ("chrf",), seed=1)], ("chrf",))
    found = pair_analysis(replace(pair, memorised={SystemName("a"): item}))
    signs = [sign for sign in found.trust if sign.topic == "memorised"]
    assert [sign.level for sign in signs] == [level, "good"]
