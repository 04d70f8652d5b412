from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from harness.corpus import nearest
from harness.corpus.nearest import NearestIndex
from harness.engines.interface import EngineContext
from harness.engines.memory import MemoryEngine, MemoryOptions
from harness.errors import ConfigError, EngineUnavailable, Unsupported
from harness.testing import engine_contract
from harness.testing.engine import ask, batch_of
from harness.types import LangPair, SystemName, Translated
from harness.workspace.config import parse_model

PAIR = LangPair("de", "en")

UNITS = (
    ("Der Hund bellt laut.", "The dog barks loudly."),
    ("Die Katze schläft.", "The cat sleeps."),
    ("Der Hund bellt laut.", "The hound is noisy."),
    ("Das Rathaus wird im Mai renoviert.", "The town hall will be renovated in May."),
)


def memory_file(folder: Path, units: tuple[tuple[str, str], ...] = UNITS, target: str = "en") -> Path:
    body = "".join(
        f'<tu><tuv xml:lang="de"><seg>{source}</seg></tuv><tuv xml:lang="{target}"><seg>{text}</seg></tuv></tu>\n'
        for source, text in units
    )
    path = folder / "memory.tmx"
    path.write_text(f'<tmx version="1.4"><header srclang="de"/><body>\n{body}</body></tmx>', encoding="utf-8")
    return path


def make(root: Path, **options: Any) -> MemoryEngine:
    chosen = MemoryOptions.model_validate({"files": ["memory.tmx"], **options})
    return MemoryEngine(chosen, EngineContext(SystemName("tm"), root / "systems" / "tm"))


def answers_of(engine: MemoryEngine, *sources: str) -> list[Translated]:
    (answers,) = ask(engine, batch_of(sources, PAIR))
    return [answer for answer in answers if isinstance(answer, Translated)]


def test_contract(tmp_path: Path) -> None:
    memory_file(tmp_path)
    engine_contract(lambda: make(tmp_path), PAIR)


def test_gives_the_translation_of_the_nearest_source_and_says_how_near_it_was(tmp_path: Path) -> None:
    memory_file(tmp_path)
    sources = ("Der Hund bellt laut.", "Der Hund bellte laut.", "Die Katze frisst gern.", "猫が寝る")
    answers = answers_of(make(tmp_path), *sources)
    assert [(answer.text, [kind for kind, count in answer.notes.items() if count]) for answer in answers] == [
        ("The dog barks loudly.", ["exact_matches"]),
        ("The dog barks loudly.", ["fuzzy_matches"]),
        ("The cat sleeps.", ["weak_matches"]),
        ("猫が寝る", ["copied_sources"]),
    ]


def test_a_source_that_differs_only_in_case_does_not_go_before_an_equal_one(tmp_path: Path) -> None:
    memory_file(tmp_path, (("WASSER", "WATER"), ("Wasser", "Water")))
    assert [answer.text for answer in answers_of(make(tmp_path), "Wasser", "wasser")] == ["Water", "WATER"]


def test_reads_parallel_text_and_tables(tmp_path: Path) -> None:
    (tmp_path / "tm.de.txt").write_text("Guten Tag.\nGute Nacht.\n", encoding="utf-8")
    (tmp_path / "tm.en.txt").write_text("Good day.\nGood night.\n", encoding="utf-8")
    (tmp_path / "tm.tsv").write_text("source\treference\nGuten Tag.\tHello.\n", encoding="utf-8")
    pairs = ((["tm.de.txt", "tm.en.txt"], "Good day."), (["tm.tsv"], "Hello."))
    for files, text in pairs:
        assert answers_of(make(tmp_path, files=files), "Guten Tag.")[0].text == text


def test_says_which_file_is_missing_wrong_or_without_the_language(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"memory\.tmx does not exist") as missing:
        make(tmp_path).supports(PAIR)
    assert missing.value.hint == "correct 'files' in systems/tm.toml"
    memory_file(tmp_path, target="fr")
    with pytest.raises(EngineUnavailable, match="no <tuv> in 'en'; found: de, fr"):
        answers_of(make(tmp_path), "Guten Tag.")
    memory_file(tmp_path, (("Guten Tag.", "Good day."), ("", "x")))
    with pytest.raises(EngineUnavailable, match="has no text") as bad:
        answers_of(make(tmp_path), "Guten Tag.")
    assert "skip_bad = true" in bad.value.hint
    assert answers_of(make(tmp_path, skip_bad=True), "Guten Tag.")[0].text == "Good day."
    (tmp_path / "tm.tsv").write_text("source\treference\nGuten Tag.\t\n", encoding="utf-8")
    with pytest.raises(Unsupported, match="no translation for de-en"):
        answers_of(make(tmp_path, files=["tm.tsv"]), "Guten Tag.")
    with pytest.raises(ConfigError, match="files"):
        parse_model(MemoryOptions, {"files": []}, "tm.toml [options]")


def test_another_file_is_another_engine(tmp_path: Path) -> None:
    memory_file(tmp_path)
    before = make(tmp_path).identity(PAIR)
    memory_file(tmp_path, UNITS[:2])
    assert make(tmp_path).identity(PAIR) != before


def similarity(one: str, other: str) -> float:
    """The definition, letter by letter."""
    a, b = ({text[at : at + 3] for at in range(len(text) - 2)} for text in (f"^{one}$", f"^{other}$"))
    return 2 * len(a & b) / (len(a) + len(b))


def test_the_index_finds_what_comparing_with_every_text_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "BLOCK", 7)  # several blocks, the last one not full
    rng = random.Random(5)
    texts = ["".join(rng.choices("abc ", k=rng.randint(1, 12))).strip() or "a" for _ in range(60)]
    texts = [" ".join(text.split()) for text in texts]
    index = NearestIndex(texts)
    others = [" ".join("".join(rng.choices("abcd ", k=12)).split()) for _ in range(40)]  # with trigrams no text has
    for query in [*texts[:20], *others, "b", "zzz"]:
        exact = [similarity(query, text) for text in texts]
        result = index.nearest(query)
        assert (result.number, result.similarity) == (exact.index(max(exact)), max(exact))


def test_many_units_are_searched_in_seconds() -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9))) for _ in range(2_000)]
    texts = [" ".join(rng.choices(words, k=12)) for _ in range(20_000)]
    start = time.process_time()
    index = NearestIndex(texts)
    assert all(index.nearest(f"{texts[at]} and more").number == at for at in range(0, 20_000, 200))
    assert time.process_time() - start < 20  # about 2 s; comparing letter by letter takes many minutes
