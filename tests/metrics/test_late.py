"""What is said and computed in place of sacrebleu has its letters and its bits."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from harness.metrics.strings.kernels import HOW
from harness.metrics.strings.late import SMOOTHED, bleu_of_sum, chrf_of_sum, late_bleu, late_chrf
from harness.workspace.kernels import Absent, library

COUNTS = 300


def test_scores_of_one_sum_have_the_bits_of_sacrebleu() -> None:
    draw = random.Random(7)
    zero = 0
    for case in range(COUNTS):
        most = draw.choice([0, 1, 3, 40, 90_000])
        totals = [draw.randint(0, most) for _ in range(4)]
        matches = [draw.randint(0, total) for total in totals]
        lengths = draw.randint(0, most), draw.randint(0, most)
        for smooth in SMOOTHED:
            theirs = BLEU.compute_bleu([*matches], [*totals], *lengths, smooth_method=smooth).score
            assert bleu_of_sum([*lengths, *matches, *totals], 4, smooth) == theirs, (case, smooth)
        words, beta = case % 3, 1 + case % 4
        counts = [draw.randint(0, most) for _ in range(3 * (6 + words))]
        theirs = CHRF(word_order=words, beta=beta)._compute_score_from_stats([*map(float, counts)]).score
        assert chrf_of_sum(counts, beta) == theirs, case
        zero += theirs == 0
    assert 10 < zero < COUNTS / 2


@pytest.mark.parametrize("references", [1, 3, -1])
def test_signatures_are_those_of_sacrebleu(references: int) -> None:
    said = "var" if references < 0 else str(references)
    for tokenizer, smooth, lowercase in product(HOW, SMOOTHED, (False, True)):
        bleu = BLEU(tokenize=tokenizer, smooth_method=smooth, lowercase=lowercase, force=True)
        bleu.num_refs = references
        ours = late_bleu(tokenizer, smooth, lowercase=lowercase, make=lambda: None)
        assert ours.signature(said) == str(bleu.get_signature())
    for words, lowercase, whitespace in product((0, 2), (False, True), (False, True)):
        given = {"char_order": 6 - words, "word_order": words, "beta": 2, "lowercase": lowercase}
        chrf = CHRF(**given, whitespace=whitespace)
        chrf.num_refs = references
        ours = late_chrf({**given, "whitespace": whitespace}, lambda: None)
        assert ours.signature(said) == str(chrf.get_signature())


def test_a_metric_is_made_when_it_has_to_count() -> None:
    late = late_bleu("13a", "exp", lowercase=True, make=lambda: BLEU(lowercase=True))
    assert late.lowercase
    assert "made" not in vars(late)
    assert late.max_ngram_order == 4
    assert late.made is late.made


@pytest.mark.skipif(isinstance(library(), Absent), reason="without compiled statistics, sacrebleu counts")
def test_scores_of_files_import_neither_sacrebleu_nor_pydantic(tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("One sentence here.\nAnother one there.\n", encoding="utf-8")
    code = f"""
import sys
from harness import score
file = {str(lines)!r}
run = score(source=file, references=[file], hypotheses={{"a": file}}, pair="de-en", checks=False)
print([round(item.corpus.value, 6) for item in run.pairs[0].systems[0].scores.values()])
print({{"sacrebleu", "pydantic"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[100.0, 100.0]\nset()\n"
