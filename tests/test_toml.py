"""Mistakes in TOML files: the line, and the word that was meant, at every level."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.load import load_system
from harness.errors import ConfigError, HarnessError
from harness.translation.planning import load_metrics
from harness.translation.request import RunRequest
from harness.types import Missing
from harness.workspace.file_models import WorkspaceFile
from harness.workspace.folder import Workspace, open_workspace
from harness.workspace.toml_lines import line_of

CHRF = 'metrics = ["chrf"]\n[metric.chrf]\n'
JUDGE = 'metrics = ["judge"]\n[metric.judge]\nengine = "openai"\nmodel = "m"\n'


def _workspace(root: Path, text: str) -> None:
    for folder in ("references", "systems"):
        (root / folder).mkdir()
    (root / "harness.toml").write_text(text, encoding="utf-8")
    load_metrics(open_workspace(root), RunRequest())


@pytest.mark.parametrize(
    ("text", "says", "meant"),
    [
        ("\nmetrcs = []", "harness.toml: unknown key 'metrcs' (line 2)", "metrics"),
        ("seed = 1\n\n[gates]\nmargin = {}", "harness.toml: unknown key 'gates' (line 3)", "gate"),
        ("[gate]\n# x\nmetrisc = []", "unknown key 'gate.metrisc' (line 3)", "metrics"),
        ('[statistics]\nunit = "segmnt"', "key 'statistics.unit': expected 'article' or 'segment' (line 2)", "segment"),
        ("[decision.weights]\nflags = 1.0\nqualty = 1.0", "unknown key 'decision.weights.qualty' (line 3)", "quality"),
        ("[decision]\nweights = { latncy = 1.0 }", "unknown key 'decision.weights.latncy' (line 2)", "latency"),
        ("[decision]\nweights.cots = 1.0", "unknown key 'decision.weights.cots' (line 2)", "cost"),
        ('metrics = ["belu"]', "key 'metrics': unknown metric 'belu' (line 1)", "bleu"),
        ('metrics = ["bleu"]\n[metric.blue]\ntokenize = "13a"', "unknown metric in [metric.blue] (line 2)", "bleu"),
        ('metrics = ["bleu"]\n[metric.bleu]\ntokenise = 1', "unknown key 'tokenise' (line 3)", "tokenize"),
    ],
)  # fmt: skip
def test_harness_toml(text: str, says: str, meant: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _workspace(tmp_path, text)
    assert says in str(caught.value)
    assert caught.value.hint.startswith(f"did you mean '{meant}'?")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[gate.tiers.x]\nmetrics = ["bleu"]', "key 'gate.tiers.x': expected a list (line 1)"),
        ('metrics = "bleu"', "key 'metrics': expected a list (line 1)"),
        ("gate = 1", "key 'gate': expected a table (line 1)"),
        ("[gate]\nmargin = 1", "key 'gate.margin': expected a table (line 2)"),
        ("\nseed = -1", "key 'seed': Input should be greater than or equal to 0 (line 2)"),
        ("seed = true", "key 'seed': Input should be a valid integer (line 1)"),
        (f"{CHRF}char_order = {10**30}", "key 'char_order': Input should be less than or equal to 100 (line 3)"),
        (f"{CHRF}word_order = 101", "key 'word_order': Input should be less than or equal to 100 (line 3)"),
        (f"{CHRF}beta = {10**400}", "key 'beta': Input should be less than or equal to 1000 (line 3)"),
        (f"{JUDGE}sample_seed = -1", "key 'sample_seed': Input should be greater than or equal to 0 (line 5)"),
        (f"{JUDGE}sample = nan", "key 'sample': Input should be"),
    ],
)
def test_kinds_of_values_are_named_as_toml_names_them(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _workspace(tmp_path, text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says", "meant"),
    [
        ('engine = "copy"\nlable = "x"', "x.toml: unknown key 'lable' (line 2)", "label"),
        ('label = "x"\nengine = "deepel"', "x.toml: key 'engine': unknown engine 'deepel' (line 2)", "deepl"),
        ('engine = "copy"\n[limit]\ntimeout = 1.0', "unknown key 'limit' (line 2)", "limits"),
        ('engine = "copy"\n[limits]\n\nconcurency = 1', "unknown key 'limits.concurency' (line 4)", "concurrency"),
        ('engine = "copy"\nfallback = "recordd"', "key 'fallback'", "recorded"),
        ('engine = "command"\n[options]\nargv = ["cat"]\nmodee = 1', "[options]: unknown key 'modee' (line 4)", "mode"),
        ('engine = "command"\n[options]\nargv = ["cat"]\nmode = "bach"', "[options]: key 'mode'", "batch"),
    ],
)  # fmt: skip
def test_a_system_file(text: str, says: str, meant: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_system(path)
    assert says in str(caught.value)
    assert f"(line {len(text.splitlines()) if 'limit]' not in text else 2})" in str(caught.value)
    assert caught.value.hint.startswith(f"did you mean '{meant}'?")


@pytest.mark.parametrize("given", ["0", "-1", "nan", "-inf", "1e-320", "true", str(10**400)])
@pytest.mark.parametrize("key", ["requests_per_second", "characters_per_second"])
def test_rates_that_nothing_can_be_divided_by(key: str, given: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(f'engine = "copy"\n[limits]\n{key} = {given}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"x\.toml: key 'limits\.{key}': Input should be .* \(line 3\)"):
        load_system(path)


def test_several_problems_have_a_line_each(tmp_path: Path) -> None:
    with pytest.raises(HarnessError) as caught:
        _workspace(tmp_path, "sed = 1\n[gate]\nmargn = {}\nmax_age_days = 0\n")
    assert [line.rpartition(" (")[2] for line in sorted(str(caught.value).splitlines())] == [
        "line 4)",
        "line 3)",
        "line 1)",
    ]


TRICKY = '''\
a = """
b = 1
[c]
"""
"b" = 2
[ c . "d" ]
e = { f = 1 }
[[g]]
h = \'\'\'x\'\'\'
i.j = 3
'''


@pytest.mark.parametrize(
    ("table", "keys", "line"),
    [
        ("", ("a",), 1),
        ("", ("b",), 5),
        ("", ("c", "d"), 6),
        ("", ("c", "d", "e"), 7),
        (" [c.d]", ("e", "f"), 7),
        (" [c.d]", ("nothing",), None),
        ("", ("g", 0, "h"), 9),
        ("", ("g", 0, "i", "j"), 10),
        ("", ("nothing",), None),
    ],
)
def test_lines(table: str, keys: tuple[int | str, ...], line: int | None, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TRICKY, encoding="utf-8")
    assert line_of(f"{path}{table}", keys) == line


def test_what_is_no_file_has_no_line(tmp_path: Path) -> None:
    assert line_of("the run's settings [decision]", ("metric",)) is None
    assert line_of(str(tmp_path / "gone.toml"), ("metric",)) is None
    (tmp_path / "odd.toml").write_bytes(b"a = \xff")
    assert line_of(str(tmp_path / "odd.toml"), ("a",)) is None


def test_a_project_is_called_as_its_settings_say_else_as_its_folder(tmp_path: Path) -> None:
    root = tmp_path / "Füchse"
    for name in ("references", "systems"):
        (root / name).mkdir(parents=True)
    assert open_workspace(root).project == "Füchse"
    (root / "harness.toml").write_text('project = "Shop, spring"\n', encoding="utf-8")
    assert open_workspace(root).project == "Shop, spring"
    assert isinstance(Workspace(Path("/"), WorkspaceFile()).project, Missing)
