"""Against the real programs and language data; each test skips where they are not installed."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.engines.interface import EngineContext
from harness.engines.programs.apertium import ApertiumEngine, ApertiumOptions, deform, reform, unknown_words
from harness.engines.programs.apertium_modes import BROKEN, MODE_NAME, Installation
from harness.engines.programs.process import Finished, run_program
from harness.errors import BadOutput, EngineUnavailable, Transient, Unsupported
from harness.testing import SOURCES, ask, batch_of, engine_contract, texts_of
from harness.types import LangPair, SystemName, Translated
from tests.engines.processes import session_members, wait_until

MODES = Path("/usr/share/apertium/modes")

EN_ES = LangPair("en", "es")

NASTY = (
    *SOURCES,
    "Fire in the old town hall",
    "~tilde ~ and ~~the end",
    "two  spaces\tand a tab",
    " ",
    ".",
    "He said * and **no** to *Zyntherix*; no*t",
    "^*fake$ \\^*fake\\$ [^*fake$]",
    "{{name}} %s $1 #+ @@ [[a]] &lt; 3/4",
    "The U.S. has a dog. Foobarix!",
    "\u00a0no-break\u2028 separator\u0085 e\u0301 \ufeff zero\u200bwidth",
)


def needs(*modes: str) -> None:
    if shutil.which("apertium") is None:
        pytest.skip("apertium is not installed")
    missing = [mode for mode in modes if not (MODES / f"{mode}.mode").exists()]
    if missing:
        pytest.skip(f"apertium has no data for {', '.join(missing)}")


def engine(**options: object) -> ApertiumEngine:
    return ApertiumEngine(
        ApertiumOptions.model_validate(options), EngineContext(SystemName("apertium"), Path("systems/apertium"))
    )


def wrapper(mode: str, text: str, *flags: str) -> str:
    """What the ``apertium`` command itself makes of one text."""
    done = subprocess.run(["apertium", *flags, mode], input=text.encode(), capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def translate(pair: LangPair, *texts: str, **options: object) -> list[Translated]:
    made = engine(**options)
    made.supports(pair)
    (answers,) = ask(made, batch_of(texts, pair))
    return [answer for answer in answers if isinstance(answer, Translated)]


def test_contract() -> None:
    needs("eng-spa")
    engine_contract(engine, EN_ES, NASTY[:4])


@pytest.mark.parametrize(
    ("pair", "mode"), [(EN_ES, "eng-spa"), (LangPair("en", "ca"), "eng-cat"), (LangPair("is", "en"), "isl-eng")]
)
def test_text_and_unknown_words_are_those_of_the_apertium_command(pair: LangPair, mode: str) -> None:
    needs(mode)
    texts = [text for text in NASTY if "\ufeff" not in text and len(text) < 1000]  # the command drops a BOM
    answers = translate(pair, *texts)
    # A blank line separates texts for the command; one test below shows that this is the same as asking one by one.
    assert [answer.text for answer in answers] == wrapper(mode, "\n\n".join(texts), "-u").split("\n\n")
    marked = wrapper(mode, "\n\n".join(texts)).split("\n\n")
    for text, answer, with_marks in zip(texts, answers, marked, strict=True):
        assert answer.notes == {"unknown_words": with_marks.count("*") - answer.text.count("*")}, text
    assert sum(answer.notes["unknown_words"] for answer in answers) > 5


def test_text_is_that_of_the_apertium_command_segment_by_segment() -> None:
    needs("eng-spa")
    texts = ["The end", "Mayor", "  ~tilde ~ and [x] \\ ", "He said *no* to *Zyntherix*", "four. 4."]
    assert [answer.text for answer in translate(EN_ES, *texts)] == [wrapper("eng-spa", text, "-u") for text in texts]


def test_headings_do_not_run_into_each_other() -> None:
    needs("eng-spa")
    assert [answer.text for answer in translate(EN_ES, "The end", "Mayor", "The house")] == [
        "El fin",
        "Mayor",
        "La casa",
    ]


def test_five_thousand_characters_arrive_whole() -> None:
    needs("eng-spa")
    text = "I see the house. " * 300 + "Zyntherix"
    (answer,) = translate(EN_ES, text)
    assert answer.text == wrapper("eng-spa", text, "-u")
    assert answer.text.count("casa") == 300
    assert answer.notes == {"unknown_words": 1}


def test_a_pivot_goes_through_the_other_language_and_counts_a_word_once() -> None:
    needs("eng-cat", "cat-spa")
    texts = ["Zyntherix closed the old bridge.", "The house"]
    answers = translate(EN_ES, *texts, pivot="ca")
    between = [wrapper("eng-cat", text, "-u") for text in texts]
    assert [answer.text for answer in answers] == [wrapper("cat-spa", text, "-u") for text in between]
    assert between[0].count("Zyntherix") == 1
    assert [answer.notes["unknown_words"] for answer in answers] == [1, 0]


def test_batches_at_once_do_not_mix() -> None:
    needs("eng-spa")
    made = engine()
    made.supports(EN_ES)
    groups = [[f"The house {group} {line}." for line in range(20)] for group in range(4)]

    async def talk() -> list[list[str]]:
        answers = await asyncio.gather(*(made.translate(batch_of(group, EN_ES)) for group in groups))
        return [texts_of(answer) for answer in answers]

    assert asyncio.run(talk()) == [[f"La casa {group} {line}." for line in range(20)] for group in range(4)]


def test_cancelling_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("eng-spa")
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc to see the processes")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{tmp_path}")
    made = engine()
    made.supports(EN_ES)
    seen: list[int] = []

    async def talk() -> None:
        task = asyncio.ensure_future(made.translate(batch_of(["The dog sleeps. " * 300] * 100, EN_ES)))
        while not task.done() and len(seen) < 5:
            await asyncio.sleep(0.01)
            seen[:] = session_members(str(tmp_path))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(talk())
    assert len(seen) >= 5, "the pipeline was never seen running, so nothing was cancelled"
    assert wait_until(lambda: not session_members(str(tmp_path)))


def test_identity_holds_versions_modes_and_data() -> None:
    needs("eng-spa", "spa-eng")
    made = engine()
    made.supports(EN_ES)
    identity = made.identity(EN_ES)
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", identity.version)
    assert identity.version in subprocess.run(["apertium", "-V"], capture_output=True, check=True).stdout.decode()
    assert identity.options["modes"] == ["eng-spa"]
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", str(identity.options["lttoolbox"]))
    back = LangPair("es", "en")
    made.supports(back)
    assert made.identity(back).options["data"] != identity.options["data"]
    assert made.identity(EN_ES) == identity


def test_another_version_of_the_data_is_another_identity(tmp_path: Path) -> None:
    needs("eng-spa")
    shutil.copytree(MODES.parent / "apertium-eng-spa", tmp_path / "apertium-eng-spa")
    (tmp_path / "modes").mkdir()
    mode = (MODES / "eng-spa.mode").read_text().replace(str(MODES.parent), str(tmp_path))
    (tmp_path / "modes" / "eng-spa.mode").write_text(mode)

    def identity() -> object:
        made = engine(data=str(tmp_path))
        made.supports(EN_ES)
        return made.identity(EN_ES)

    before = identity()
    assert before == identity()
    with (tmp_path / "apertium-eng-spa" / "eng-spa.autogen.bin").open("ab") as file:
        file.write(b"\0")
    assert identity() != before


def test_tags_lead_to_modes() -> None:
    needs("eng-spa", "cat-eng_US", "spa-cat_valencia")
    here = Installation(MODES.parent)
    assert here.find("en", "es") == "eng-spa"
    assert here.find("ca", "en-US") == "cat-eng_US"
    assert here.find("es-MX", "ca-valencia") == "spa-cat_valencia"
    with pytest.raises(Unsupported, match=r"no mode from en to es-MX; installed: .*eng-spa") as caught:
        here.find("en", "es-MX")
    assert "another variant of es" in caught.value.hint
    with pytest.raises(Unsupported, match="from de to en"):
        here.find("de", "en")


def fake_data(folder: Path, *modes: str, text: str = "lt-proc 'a.bin' | lt-proc $1 'b.bin'\n") -> Path:
    (folder / "modes").mkdir()
    for mode in modes:
        (folder / "modes" / f"{mode}.mode").write_text(text)
    return folder


def test_old_two_letter_modes_and_odd_codes(tmp_path: Path) -> None:
    here = Installation(fake_data(tmp_path, "en-gl", "hbs-eng", "eng-hbs", "eu-en", "sme-nob", "x;rm -rf-eng"))
    assert here.find("en", "gl") == "en-gl"
    assert here.find("hr", "en") == here.find("sr-Latn", "en") == "hbs-eng"
    assert here.find("eu", "en") == "eu-en"
    assert here.find("se", "nb") == "sme-nob"
    assert here.names == ("en-gl", "eu-en", "hbs-eng", "sme-nob")
    with pytest.raises(Unsupported, match="eng-hbs is not used: it is an unfinished prototype"):
        here.find("en", "hr")
    with pytest.raises(Unsupported, match="eng-hbs is not used"):
        here.forced("eng-hbs", "en", "hr")


def test_a_mode_by_name() -> None:
    needs("cat-eng_US", "cat-eng")
    made = engine(mode="cat-eng_US")
    ca_en = LangPair("ca", "en")
    made.supports(ca_en)
    assert made.identity(ca_en).options["modes"] == ["cat-eng_US"]
    with pytest.raises(Unsupported, match="does not translate de to en"):
        made.supports(LangPair("de", "en"))
    with pytest.raises(Unsupported, match=r"no mode 'cat-eng_XX'; installed: .*cat-eng"):
        engine(mode="cat-eng_XX").supports(ca_en)


@pytest.mark.parametrize("name", ["eng-spa;ls", "../eng-spa", "eng spa", "-u", "eng-spa\n", "$(ls)-eng"])
def test_mode_names_are_nothing_but_names(name: str) -> None:
    assert not MODE_NAME.fullmatch(name)


def test_blacklisted_modes_are_valid_names() -> None:
    assert all(map(MODE_NAME.fullmatch, BROKEN))


def test_without_apertium_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match="apertium is not installed") as caught:
        engine().supports(EN_ES)
    assert "apt-get install apertium" in caught.value.hint


def test_without_data_it_is_unavailable(tmp_path: Path) -> None:
    needs()
    with pytest.raises(EngineUnavailable, match="modes is not a folder"):
        engine(data=str(tmp_path)).supports(EN_ES)


def test_a_pipeline_that_generates_nothing_is_refused(tmp_path: Path) -> None:
    needs()
    made = engine(data=str(fake_data(tmp_path, "eng-spa", text="lt-proc 'a.bin'\n")))
    with pytest.raises(Unsupported, match="not a translation pipeline"):
        made.supports(EN_ES)


def test_a_pipeline_that_fails_says_why(tmp_path: Path) -> None:
    needs()
    with pytest.raises(Transient, match=r"mode eng-spa ended with exit code 1.*a\.bin"):
        translate(EN_ES, "x", data=str(fake_data(tmp_path, "eng-spa")))


@pytest.mark.parametrize("text", NASTY)
def test_the_stream_format_gives_back_the_text(text: str) -> None:
    assert reform(deform(text)) == text
    assert not unknown_words(deform(text))


def test_a_lost_end_is_bad_output() -> None:
    with pytest.raises(BadOutput, match="lost the end of a segment"):
        reform("El fin.")


@pytest.mark.parametrize(
    ("lossy", "message"),
    [
        (lambda data: data.partition(b"\0")[2], "lost the end of a segment"),
        (lambda data: b"More.[]\0" + data, "returned .* texts for 3 segments"),
    ],
)
def test_texts_that_went_missing_or_came_from_nowhere_are_bad_output(
    monkeypatch: pytest.MonkeyPatch, lossy: Callable[[bytes], bytes], message: str
) -> None:
    needs("eng-spa")

    async def changed(argv: Sequence[str], data: bytes, **rest: Any) -> Finished:
        return await run_program(argv, lossy(data), **rest)

    monkeypatch.setattr("harness.engines.programs.apertium.run_program", changed)
    with pytest.raises(BadOutput, match=message):
        translate(EN_ES, "One", "Two", "Three")
