"""What a dry run says about money: the most it may cost, and what it costs as a rule."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Shell
from tests.workspace import write_article, write_system

PRICE = "[price]\nper_million_input_tokens = 1.0\nper_million_output_tokens = 10.0\n"


def test_expected_beside_at_most(tmp_path: Path, harness: Shell) -> None:
    write_article(
        tmp_path, "a", [(f"Der {number}. Satz ist von der üblichen Länge.", "A sentence.") for number in range(40)]
    )
    write_system(
        tmp_path, "chat", f'engine = "openai"\n[options]\nmodel = "m"\nendpoint = "http://127.0.0.1:1"\n{PRICE}'
    )
    body = 'url = "http://127.0.0.1:1"\nbody = { q = "{text}" }\nresponse = "t"'
    write_system(tmp_path, "mt", f'engine = "http"\n[options]\n{body}\n[price]\nper_million_characters = 20.0\n')
    done = harness("run", "-C", tmp_path, "--metric", "chrf", "--dry-run")
    head, *rows = (line.split("\t") for line in done.out.splitlines())
    assert (head[6], head[8]) == ("cost at most", "cost expected")
    costs = {row[1]: [float(row[column].split()[0]) for column in (6, 8)] for row in rows}
    most, expected = costs["chat"]
    # Four prompts of about 800 tokens, and 40 answers of about 30.
    assert 0.010 < expected < 0.020
    assert most > 3 * expected
    assert costs["mt"][0] == costs["mt"][1] > 0


def test_the_slower_of_two_limits_says_how_long_it_takes(tmp_path: Path, harness: Shell) -> None:
    write_article(tmp_path, "a", [(f"{number:05}", "A sentence.") for number in range(40)])
    body = 'engine = "http"\n[options]\nurl = "http://127.0.0.1:1"\nbody = { q = "{text}" }\nresponse = "t"\n'
    limits = {"texts": "requests_per_second = 2.0", "letters": "characters_per_second = 4.0"}
    for name, limit in limits.items():
        write_system(tmp_path, name, f"{body}[limits]\nmax_segments = 1\n{limit}\n")
    write_system(tmp_path, "both", f"{body}[limits]\nmax_segments = 1\n{limits['texts']}\n{limits['letters']}\n")
    head, *rows = (line.split("\t") for line in harness(
        "run", "-C", tmp_path, "--metric", "chrf", "--dry-run"
    ).out.splitlines())  # fmt: skip
    assert "seconds" in head[7]
    assert {row[1]: float(row[7]) for row in rows if len(row) > 7} == {"both": 50.0, "letters": 50.0, "texts": 20.0}
