from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.engines.interface import Reply
from harness.engines.local.argos import ArgosEngine, ArgosOptions
from harness.errors import EngineUnavailable, Unsupported
from harness.testing import batch_of, engine_contract, texts_of
from harness.types import Failed, LangPair, Translated
from tests.engines.local import BOUND, PAIR, answers_of, context, finished
from tests.engines.tiny_models import SOURCES

pytestmark = pytest.mark.xdist_group("models")

Pack = Callable[..., Path]
Make = Callable[..., ArgosEngine]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where packages are installed."""
    return tmp_path / "packages"


@pytest.fixture
def pack(converted: Callable[[str], str], workspace_of_models: Path, store: Path) -> Pack:
    """Makes a package of a tiny model, installed in ``store``."""

    def make(source: str, target: str, kind: str = "marian", **metadata: object) -> Path:
        model = workspace_of_models / converted(kind)
        folder = store / f"{source}_{target}"
        (folder / "model").mkdir(parents=True)
        for name in ("model.bin", "config.json", "shared_vocabulary.json"):
            shutil.copy(model / name, folder / "model" / name)
        pieces = next(model / name for name in ("source.spm", "sentencepiece.bpe.model") if (model / name).is_file())
        shutil.copy(pieces, folder / "sentencepiece.model")
        data = {"package_version": "1.9", "argos_version": "1.9", "from_code": source, "to_code": target, **metadata}
        (folder / "metadata.json").write_text(json.dumps(data))
        return folder

    return make


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def engine(**options: object) -> ArgosEngine:
        given = {"packages": "packages", "max_length": BOUND, "threads": 1, **options}
        return ArgosEngine(ArgosOptions.model_validate(given), context(tmp_path))

    return engine


def zipped(folder: Path) -> Path:
    """The package as it is downloaded."""
    path = folder.with_suffix(".argosmodel")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"translate-{folder.name}/{file.relative_to(folder)}")
    shutil.rmtree(folder)
    return path


def test_contract(pack: Pack, make: Make) -> None:
    pack("en", "es")
    engine_contract(make, PAIR, finished(make)[:6])


def test_writes_what_argos_would(pack: Pack, make: Make) -> None:
    import ctranslate2
    import sentencepiece

    folder = pack("en", "es")
    sources = finished(make)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    # As in argostranslate.translate.apply_packaged_translation, for one sentence and one hypothesis.
    results = ctranslate2.Translator(str(folder / "model")).translate_batch(
        [pieces.encode(source, out_type=str) for source in sources],
        replace_unknowns=True,
        max_batch_size=32,
        beam_size=4,
        num_hypotheses=1,
        length_penalty=0.2,
        return_scores=True,
        max_decoding_length=BOUND,
    )
    expected = ["".join(result.hypotheses[0]).replace("▁", " ").strip() for result in results]
    assert texts_of(answers_of(make(), sources)) == expected
    assert len(set(expected)) > 3


def test_a_downloaded_file_serves_like_the_installed_package(pack: Pack, make: Make, store: Path) -> None:
    folder = pack("en", "es")
    installed = answers_of(make())
    path = zipped(folder)
    assert answers_of(make()) == installed
    assert answers_of(make(packages=str(path))) == installed
    assert answers_of(make(packages="packages/en_es.argosmodel")) == installed


def test_usual_places(pack: Pack, make: Make, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack("en", "es")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(store))
    make(packages="").supports(PAIR)
    monkeypatch.delenv("ARGOS_PACKAGES_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("ARGOS_TRANSLATE_PACKAGES_DIR", raising=False)
    usual = tmp_path / "data" / "argos-translate" / "packages"
    with pytest.raises(EngineUnavailable, match=str(usual)):
        make(packages="").supports(PAIR)
    usual.parent.mkdir(parents=True)
    store.rename(usual)
    make(packages="").supports(PAIR)


def test_pairs_without_a_package(pack: Pack, make: Make) -> None:
    pack("de", "en")
    pack("en", "es")
    with pytest.raises(Unsupported, match="no package for de-es; installed: de-en, en-es") as caught:
        make().supports(LangPair("de", "es"))
    assert 'pivot = "en"' in caught.value.hint
    with pytest.raises(Unsupported, match="no package for en-fr"):
        make(pivot="en").supports(LangPair("de", "fr"))


def test_pivot_translates_twice(pack: Pack, make: Make) -> None:
    pack("de", "en")
    pack("en", "es", "nllb")
    pair = LangPair("de", "es")
    to_english = answers_of(make(), pair=LangPair("de", "en"))
    both = answers_of(make(pivot="en"), pair=pair)
    arrived = 0
    for first, second in zip(to_english, both, strict=True):
        if isinstance(first, Failed):
            assert second == first
        elif first.text:
            assert [second] == answers_of(make(), [first.text])
            arrived += isinstance(second, Translated)
        else:
            assert second == first
    assert arrived > 1
    codes = make(pivot="en").identity(pair).options["codes"]
    assert codes == ["de-en", "en-es"]


@pytest.mark.parametrize(("tag", "code"), [("pt-BR", "pb"), ("zh-Hant", "zt"), ("zh", "zh"), ("nb", "nb")])
def test_codes(pack: Pack, make: Make, tag: str, code: str) -> None:
    pack("en", code)
    make().supports(LangPair("en", tag))


def test_a_variety_is_not_exchanged_without_a_word(pack: Pack, make: Make) -> None:
    pack("en", "es")
    with pytest.raises(Unsupported, match="no package for en-es-MX"):
        make().supports(LangPair("en", "es-MX"))
    make(target_code="es").supports(LangPair("en", "es-MX"))


def test_prefix_of_a_package_for_several_targets(pack: Pack, make: Make) -> None:
    pack("en", "es", "nllb", target_prefix="spa_Latn")
    pack("en", "fr", "nllb", target_prefix="fra_Latn")
    spanish, french = (answers_of(make(), pair=LangPair("en", target)) for target in ("es", "fr"))
    assert spanish != french
    assert not any(answer.text.startswith("spa_Latn") for answer in spanish if isinstance(answer, Translated))


def test_an_output_that_was_cut_is_a_failure(pack: Pack, make: Make) -> None:
    pack("en", "es")
    failed = [answer for answer in answers_of(make(max_length=4)) if isinstance(answer, Failed)]
    assert failed
    assert "not finished after 4 tokens" in failed[0].error


def test_identity_changes_with_the_package(pack: Pack, make: Make) -> None:
    folder = pack("en", "es")
    base = make().identity(PAIR)
    assert base.version.startswith("1.9 h1:")
    assert make(beam_size=2).identity(PAIR) != base
    (folder / "README.md").write_text("notes")
    assert make().identity(PAIR) == base
    with (folder / "model" / "model.bin").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    assert make().identity(PAIR).version != base.version


def test_packages_that_cannot_be_used(pack: Pack, make: Make, store: Path) -> None:
    folder = pack("en", "es")
    (folder / "sentencepiece.model").rename(folder / "bpe.model")
    with pytest.raises(EngineUnavailable, match="sentencepiece") as caught:
        answers_of(make())
    assert "libretranslate" in caught.value.hint
    (folder / "metadata.json").write_text("{")
    with pytest.raises(EngineUnavailable, match="is not a package of Argos Translate"):
        make().supports(PAIR)
    shutil.rmtree(folder)
    (store / "broken.argosmodel").write_bytes(b"PK")
    with pytest.raises(EngineUnavailable, match="is not a package of Argos Translate"):
        make().supports(PAIR)


def test_packages_for_other_purposes_are_passed_over(pack: Pack, make: Make) -> None:
    pack("en", "es", type="sbd")
    with pytest.raises(EngineUnavailable, match="no package of Argos Translate in"):
        make().supports(PAIR)


def test_the_receipt_names_the_packages(pack: Pack, make: Make) -> None:
    import asyncio

    pack("en", "es")
    engine = make()
    engine.supports(PAIR)
    reply = Reply.of(asyncio.run(engine.translate(batch_of(SOURCES[:1], PAIR))))
    assert reply.receipt.model == "en-es 1.9 (float32 on cpu)"


def test_nothing_heavy_is_imported_before_the_first_batch(pack: Pack, store: Path) -> None:
    pack("en", "es")
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from harness.engines.local.argos import ArgosEngine, ArgosOptions\n"
        "from harness.engines.interface import EngineContext\n"
        "from harness.types import LangPair\n"
        "engine = ArgosEngine(ArgosOptions(packages='packages'), EngineContext('x', Path('systems/x')))\n"
        "engine.supports(LangPair('en', 'es'))\n"
        "engine.identity(LangPair('en', 'es'))\n"
        "print(sorted({'torch', 'transformers', 'ctranslate2', 'sentencepiece'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=store.parent, timeout=120
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
