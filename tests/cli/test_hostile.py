"""What an engine says is untrusted: through the whole way it stays text, in every format and on the terminal."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from harness.store.runs.directory import list_runs
from tests.cli.conftest import Shell
from tests.workspace import write_article, write_system

HOSTILE = [
    "<script>document.title='owned'</script>",
    "{{7*7}} {% raw %} ${7*7}",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\u202egnp.exe \u200bhidden\u2066",
    '=HYPERLINK("http://example.invalid","click")',
    "| pipe | `code` ![x](http://example.invalid/x.png) @everyone",
]


def test_hostile_output(tmp_path: Path, harness: Shell) -> None:
    write_article(tmp_path, "one", [(f"Satz {number}.", f"Sentence {number}.") for number in range(len(HOSTILE))])
    recorded = tmp_path / "systems" / "evil" / "de-en" / "one.txt"
    recorded.parent.mkdir(parents=True)
    recorded.write_text("".join(f"{line}\n" for line in HOSTILE), encoding="utf-8")
    write_system(tmp_path, "evil", 'engine = "recorded"\nlabel = "<b>evil</b> {{7*7}}"')
    done = harness("run", "-C", tmp_path, "--metric", "chrf")
    assert done.code == 0
    (folder,) = list_runs(tmp_path / "reports" / "runs")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script>document" not in page
    assert "&lt;script&gt;document" in page
    assert "{{7*7}}" in page
    assert "<b>evil" not in page
    for character in ("\x1b", "\x07", "\u202e", "\u2066", "\u200b"):
        for name, text in (("html", page), ("terminal", done.out), ("stderr", done.err)):
            assert character not in text, (name, character)
    markdown = harness("report", "-C", tmp_path, "--format", "md").out
    assert "<script>" not in markdown
    assert "![x]" not in markdown
    assert "@everyone" not in markdown.replace("\\@everyone", "")
    rows = csv.reader(io.StringIO(harness("report", "-C", tmp_path, "--format", "csv").out))
    assert not [cell for row in rows for cell in row if cell[:1] in "=+@\t\r" and cell]
