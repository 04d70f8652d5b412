"""The benchmark of alignment, on a made-up set."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.documents.weights import WEIGHTS
from harness.errors import DataError
from tests.bench import alignment, fit_alignment
from tests.bench.alignment import measure, measure_recut, problems, recut_markdown, to_markdown

SENTENCES = [
    ("The bridge was built in {n}.", "El puente se construyó en {n}."),
    ("Johann Weber{n} drew the plans for it.", "Johann Weber{n} dibujó los planos."),
    ("Was it {n} metres too long?", "¿Sobraban {n} metros?"),
    ("On 5 May, {n}00 people came to see it!", "El 5 de mayo vinieron {n}00 personas a verlo."),
]


def write_sets(folder: Path) -> None:
    ntrex, wmt = folder / "ntrex128", folder / "wmt24.en-es"
    (wmt / "systems").mkdir(parents=True)
    ntrex.mkdir()
    pairs = [(doc, [text.format(n=10 * doc + 3) for text in pair]) for doc in range(6) for pair in SENTENCES]
    sources, targets = ("".join(f"{texts[side]}\n" for _, texts in pairs) for side in (0, 1))
    docids = "".join(f"news\tdoc{doc}\n" for doc, _ in pairs)
    for place, name in ((ntrex, "reference.spa.txt"), (wmt, "reference.refA.txt")):
        (place / "docids.txt").write_text(docids, encoding="utf-8")
        (place / "source.txt").write_text(sources, encoding="utf-8")
        (place / name).write_text(targets, encoding="utf-8")
    (wmt / "systems" / "Made.txt").write_text(targets.replace("puente", "gran puente"), encoding="utf-8")


def test_beads_are_counted_against_the_lines_they_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "FITTED_DOCUMENTS", 2)
    write_sets(tmp_path)
    gaps = list(problems(tmp_path, "en", "es", gaps=True))
    assert len(gaps) == 4
    assert gaps[0].texts.target[0] == "Sobre esta publicación"
    assert sum(problem.alignable for problem in gaps) < 16
    whole = measure(tmp_path, "en", "es", gaps=False, mode="together")
    assert (whole.lines, whole.wrong, whole.restored, whole.f1) == (16, 0, 16, 100.0)
    assert to_markdown([whole]).split("\n")[-1] == f"| en-es | together | 100.0 | 0 of {whole.beads} | – | – |"


def test_outputs_are_cut_and_compared_with_their_lines(tmp_path: Path) -> None:
    write_sets(tmp_path)
    found = measure_recut(tmp_path, "en-es", "Made")
    assert (found.exact, found.difference) == (100.0, 0.0)
    assert recut_markdown([found]).split("\n")[-1].startswith("| en-es | Made | 100.0 % |")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"docids\.txt: no such file"):
        list(problems(tmp_path, "en", "es", gaps=False))


def test_weights_are_fitted_to_what_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "FITTED_DOCUMENTS", 4)
    monkeypatch.setattr(fit_alignment, "STEPS", 10)
    write_sets(tmp_path)
    (first, *_) = problems(tmp_path, "en", "es", gaps=True, fitted=True)
    right = fit_alignment.right_beads(first)
    assert not right[1, 1][:, 0].any()  # web chrome
    assert right[0, 1][:, 0].all()
    nothing = dict.fromkeys(WEIGHTS, 0.0)
    fitted = fit_alignment.fit(tmp_path, ["es"], nothing)
    assert fitted["1-1"] > 0 > fitted["1-3"]
    assert fitted["number"] > 0
