"""Test sets of WMT: documents, paragraphs, references by translator, outputs by system."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.api.importing import import_files
from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import detect, read_files
from harness.errors import DataError, UsageError
from harness.types import LangPair
from tests.references.articles import DE_EN, write_lines
from tests.references.test_tables import metas, notes, segments

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "formats"

XML = """<?xml version='1.0' encoding='utf-8'?>
<dataset id="t"><collection id="news">
<doc id="canary"><src lang="de"><p><seg id="1">Kanarienvogel</seg></p></src></doc>
<doc id="a.1" origlang="de"><src lang="de"><p><seg id="1">Ja.</seg><seg id="2">Nein &amp; so.</seg></p><p>
<seg id="3">Gut.
 Sehr.</seg></p></src>
<ref lang="en" translator="A"><p><seg id="1">Yes.</seg></p></ref>
<ref lang="en" translator="B"><p><seg id="1">Yeah.</seg><seg id="3">Well.</seg></p></ref>
<ref lang="fr" translator="A"><p><seg id="1">Oui.</seg></p></ref>
<hyp system="One" lang="en"><seg id="1">Y</seg><seg id="2">N</seg><seg id="3">G</seg></hyp>
<hyp system="Two" lang="en"><seg id="1">y</seg></hyp></doc>
<doc id="b" domain="social"><src lang="de"><p><seg id="1">Los!</seg></p></src></doc>
<doc id="c"><src lang="fr"><p><seg id="1">Non.</seg></p></src></doc>
<doc id="d" testsuite="numbers"><src lang="de"><p><seg id="1">1</seg></p></src></doc>
</collection></dataset>"""


def load(*files: Path, pair: LangPair = DE_EN) -> Imported:
    return read_files(Request(files, pair))


def outputs(imported: Imported) -> list[dict[str, str]]:
    return [dict(s.outputs) for article in imported.articles for paragraph in article.paragraphs for s in paragraph]


def test_wmt_xml(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.xml", XML)
    imported = load(path)
    assert segments(imported) == {
        "a-1": [[("Ja.", {1: "Yes.", 2: "Yeah."}), ("Nein & so.", {})], [("Gut. Sehr.", {2: "Well."})]],
        "b": [[("Los!", {})]],
    }
    assert [dict(article.meta) for article in imported.articles] == [
        {"domain": "news", "origlang": "de", "original_id": "a.1"},
        {"domain": "social"},
    ]
    assert outputs(imported) == [{"One": "Y", "Two": "y"}, {"One": "N"}, {"One": "G"}, {}]
    assert metas(imported) == [{"id": "1"}, {"id": "2"}, {"id": "3"}, {"id": "1"}]
    places = [s.place.line for a in imported.articles for p in a.paragraphs for s in p if s.place]
    assert places == [2, 3, 4, 5]
    for what in (
        "documents in fr left out: 1",
        "documents of test suites left out: 1",
        "<ref> in 'fr' left out: 1",
        "segments of the canary left out: 1",
        "segments with line breaks",
        "references: 1 is A, 2 is B",
    ):
        assert what in notes(imported)


def test_outputs_of_wmt_xml_become_recorded_systems(tmp_path: Path) -> None:
    import_files(tmp_path, Request((write_lines(tmp_path / "t.xml", XML),), DE_EN))
    assert (tmp_path / "systems/One/de-en/a-1.txt").read_text(encoding="utf-8") == "Y\nN\n\nG\n"
    assert not (tmp_path / "systems/Two/de-en/a-1.txt").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id="3">Well', 'id="9">Well', r"'a.1' has a segment 9 in the reference 'B', but not in the source"),
        ('id="2">Nein', 'id="1">Nein', r"<seg> 1 is there twice"),
        ('<doc id="b"', '<doc id="a.1"', r"<doc> has the id 'a.1', like another one"),
        ('translator="B"', 'translator="A"', r"two <ref> of 'A'"),
        ('system="Two" ', "", r"<hyp> has no system"),
        ("<?xml version='1.0' encoding='utf-8'?>", '<!DOCTYPE dataset [<!ENTITY a "b">]>', "declares entities"),
    ],
)
def test_wmt_xml_that_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in XML
    with pytest.raises(DataError, match=message):
        load(write_lines(tmp_path / "t.xml", XML.replace(old, new)))


SOURCE = """<srcset setid="t" srclang="any">
<DOC sysid="ref" docid="x" genre="news" origlang="de">
<hl>
<seg id="1">Kurz & gut</seg>
</hl>
<p>
<seg id=2> Ja,
nein. <b>So</b> <seg id="3">a &amp;lt; b</seg>
</doc></srcset>"""
REFERENCE = '<refset trglang="en"><doc docid="x" sysid="A"><seg id="1">Short<seg id="2">Yes.</seg></doc></refset>'
OUTPUT = '<tstset trglang="en"><doc docid="x" sysid="Sys" sysid="ref"><seg id="1">S<seg id="2">Y<seg id="3">a'


def test_sgm_is_no_xml(tmp_path: Path) -> None:
    files = [
        write_lines(tmp_path / "sys.sgm", OUTPUT),
        write_lines(tmp_path / "src.sgm", SOURCE),
        write_lines(tmp_path / "ref.sgm", REFERENCE),
    ]
    imported = load(*files)
    assert segments(imported) == {
        "x": [[("Kurz & gut", {1: "Short"})], [("Ja, nein. <b>So</b>", {1: "Yes."}), ("a &lt; b", {})]]
    }
    assert outputs(imported) == [{"Sys": "S"}, {"Sys": "Y"}, {"Sys": "a"}]
    assert imported.articles[0].meta == {"domain": "news", "origlang": "de"}
    with pytest.raises(DataError, match="no <srcset> in these files"):
        load(files[0])
    with pytest.raises(DataError, match="the set is in 'en', not in fr"):
        load(files[1], files[2], pair=LangPair("de", "fr"))


def folder(root: Path) -> Path:
    root = root / "wmt99"
    write = {
        "sources/de-en_US.txt": ["canary", "Ja.", "Nein."],
        "documents/de-en_US.docs": ["news canary", "news a", "social b"],
        "references/de-en_US.refA.txt": ["canary", "Yes.", ""],
        "system-outputs/de-en_US/refA.txt": ["canary", "Yes.", "."],
        "system-outputs/de-en_US/One.txt": ["canary", "Y", "N"],
        "human-scores/de-en_US.esa.seg.score": ["One\t1"],
    }
    for name, lines in write.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_lines(root / name, *lines)
    return root


def test_a_folder_of_mt_metrics_eval(tmp_path: Path) -> None:
    imported = load(folder(tmp_path))
    assert segments(imported) == {"a": [[("Ja.", {1: "Yes."})]], "b": [[("Nein.", {})]]}
    assert outputs(imported) == [{"One": "Y"}, {"One": "N"}]
    assert "ratings of people are read by --scores: de-en_US.esa.seg.score" in notes(imported)
    with pytest.raises(UsageError, match="no sources for de-fr; there are: de-en_US"):
        load(folder(tmp_path), pair=LangPair("de", "fr"))
    write_lines(tmp_path / "wmt99/system-outputs/de-en_US/One.txt", "Y")
    with pytest.raises(DataError, match=r"One.txt: 1 line, but the source has 3"):
        load(tmp_path / "wmt99")


def test_a_test_set_of_sacrebleu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sacrebleu.dataset import DATASETS

    named = Path("sacrebleu:wmt24:en-es")
    assert detect((named,), LangPair("en", "es")) == "sacrebleu"
    dataset = DATASETS["wmt24"]
    monkeypatch.setattr(dataset, "_outdir", str(tmp_path))
    monkeypatch.setattr(dataset, "_rawdir", str(tmp_path / "raw"))
    path = Path(dataset._get_langpair_path("en-es"))
    path.parent.mkdir(parents=True)
    text = XML.replace('lang="en"', 'lang="es"').replace('lang="de"', 'lang="en"')
    write_lines(path, text)
    monkeypatch.setattr(dataset, "maybe_download", lambda: None)
    assert len(load(named, pair=LangPair("en", "es")).articles) == 2

    def no_network() -> None:
        raise OSError("no network")

    monkeypatch.setattr(dataset, "maybe_download", no_network)
    with pytest.raises(DataError, match="it cannot be downloaded: no network") as caught:
        load(named, pair=LangPair("en", "es"))
    assert str(tmp_path) in caught.value.hint
    for name, message in (
        ("sacrebleu:wmt42:en-es", "no test set 'wmt42'"),
        ("sacrebleu:wmt24:en-xx", "no pair 'en-xx'"),
        ("sacrebleu:wmt24:en-de", "its pair is not en-es"),
    ):
        with pytest.raises(UsageError, match=message):
            load(Path(name), pair=LangPair("en", "es"))


@pytest.mark.parametrize(
    ("files", "pair", "articles", "count", "systems"),
    [
        ("wmt-conference+wmt22-news-systems/*.xml", "liv-en", 420, 420, 5),
        ("wmt-conference+wmt-format-tools/sample-*.xml", "en-zh", 71, 1000, 1),
        ("AppraiseDev+Appraise/*.sgm", "en-de", 3, 43, 1),
    ],
)
def test_real_test_sets(files: str, pair: str, articles: int, count: int, systems: int) -> None:
    paths = sorted(REAL.glob(files))
    if not paths:
        pytest.skip("the files are not beside the repository")
    source, _, target = pair.partition("-")
    imported = load(*paths, pair=LangPair(source, target))
    assert (len(imported.articles), len(outputs(imported))) == (articles, count)
    assert len({name for found in outputs(imported) for name in found}) == systems
