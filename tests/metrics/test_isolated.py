"""Metrics in an environment of their own: installed, asked, and everything that can go wrong with them."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from harness.errors import MetricUnavailable
from harness.executors.local import LocalExecutor
from harness.metrics.interface import MetricContext, ScoreCache, ScoringItem, StatTable
from harness.metrics.isolated import install, scorer
from harness.metrics.isolated.environment import NOTE, folder_of
from harness.store.cache.answers import Cache
from harness.store.cache.nothing import NoCache
from harness.testing import metric_contract
from harness.types import LangPair
from tests.metrics.isolation import TINY, Tiny, TinyOptions, write_wheel

PAIR = LangPair("de", "en")

pytestmark = pytest.mark.xdist_group("isolated")

ONLY_LINUX = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits memory by what /proc says")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of packages in place of an index, as the settings of pip name it."""
    folder = tmp_path_factory.mktemp("wheels")
    write_wheel(folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
        yield folder


@pytest.fixture(scope="module")
def installed(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The environment of ``tiny``, installed once by pip."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HARNESS_METRICS_CACHE", str(tmp_path_factory.mktemp("environments")))
        install.add(TINY, quiet=True)
        yield folder_of("tiny")


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    """Where workers live; none outlives it."""
    executor = LocalExecutor()
    yield executor
    executor.close()


Score = Callable[..., StatTable]


@pytest.fixture
def score(installed: Path, executor: LocalExecutor, tmp_path: Path) -> Score:
    """Scores hypotheses by (source, hypothesis); the worker notes its deeds in ``tmp_path``."""

    def run(
        texts: Sequence[tuple[str, str]],
        cache: ScoreCache = NoCache(),  # noqa: B008 - has no state
        **options: object,
    ) -> StatTable:
        metric = Tiny(TinyOptions.model_validate({"flags": str(tmp_path), "device": "cpu", **options}))
        items = [ScoringItem("a", line, *pair, ("ref",)) for line, pair in enumerate(texts, start=1)]
        return metric.statistics(items, MetricContext(PAIR, cache, executor=executor, offline=True))

    return run


def batches(folder: Path) -> list[int]:
    return [int(line.split()[0]) for line in (folder / "batches").read_text().splitlines()]


def processes(folder: Path) -> list[int]:
    return list(dict.fromkeys(int(line.split()[1]) for line in (folder / "batches").read_text().splitlines()))


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_scores_and_its_signature_says_with_what(score: Score) -> None:
    table = score([("one", "four"), ("two", ""), ("three", "x" * 31), ("one", "four")])
    assert table.rows.tolist() == [[8, 1], [-1, 1], [62, 1], [8, 1]]
    assert table.marks["empty"].tolist() == [False, True, False, False]
    assert table.marks["truncated"].tolist() == [False, False, True, False]
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert table.identity.signature == (
        "tiny:isolated1|model:tiny/model|digest:0123456789ab|device:cpu|offline:True|harness-tiny:1.0"
        f"|python:{python}|refs:1|empty:-1"
    )


def test_it_keeps_the_contract_of_a_metric(installed: Path) -> None:
    """Good texts are not longer than bad ones, so it cannot tell them apart."""
    metric_contract(lambda: Tiny(TinyOptions(device="cpu")), direction=False)


def test_equal_texts_are_scored_once_and_kept(score: Score, tmp_path: Path) -> None:
    with Cache.open(tmp_path / "cache.sqlite3") as cache:
        first = score([("s", "abc"), ("s", "abc"), ("s", "defg")], cache)
        again = score([("s", "defg"), ("s", "abc"), ("s", "hi")], cache)
    assert batches(tmp_path) == [2, 1]
    assert first.rows[:, 0].tolist() == [6, 6, 8]
    assert again.rows[:, 0].tolist() == [8, 6, 4]


def test_what_libraries_print_is_no_answer(score: Score) -> None:
    assert score([("print", "four")], batch_size=1).rows.tolist() == [[8, 1]]


def test_batches_are_as_large_as_asked_and_the_longest_come_first(score: Score, tmp_path: Path) -> None:
    table = score([("s", "x" * length) for length in range(1, 6)], batch_size=2)
    assert table.rows[:, 0].tolist() == [2, 4, 6, 8, 10]
    assert batches(tmp_path) == [2, 2, 1]
    assert len(processes(tmp_path)) == 1


@pytest.mark.parametrize("deed", ["kill", pytest.param("memory", marks=ONLY_LINUX)])
def test_one_that_dies_is_started_again_with_a_smaller_batch(score: Score, tmp_path: Path, deed: str) -> None:
    table = score([(f"{deed} once", "abcd"), *[("s", "x" * n) for n in range(1, 8)]], batch_size=8)
    assert table.rows[:, 0].tolist() == [8, 2, 4, 6, 8, 10, 12, 14]
    assert batches(tmp_path) == [8, 2, 2, 2, 2]
    assert len(processes(tmp_path)) == 2
    assert ended(processes(tmp_path)[0])


@pytest.mark.parametrize(
    ("deed", "why", "fix"),
    [
        ("kill", "killed (SIGKILL), as the system does when memory runs out", "lower batch_size"),
        pytest.param("memory", "it ran out of memory (MemoryError", "lower batch_size", marks=ONLY_LINUX),
        ("exit", "it ended: exit code 3; error output: ", "lower batch_size"),
        ("nan", "ValueError: nothing comes of it", "harness metrics add tiny --again"),
    ],
)
def test_one_that_fails_again_says_why_and_what_to_do(
    score: Score, tmp_path: Path, deed: str, why: str, fix: str
) -> None:
    with pytest.raises(MetricUnavailable) as caught:
        score([(deed, "abcd"), ("s", "x")], batch_size=2)
    assert why in str(caught.value)
    assert "and more of that" not in str(caught.value)
    assert fix in caught.value.hint
    assert batches(tmp_path) == ([2] if deed == "nan" else [2, 1])
    assert all(map(ended, processes(tmp_path)))


def test_what_the_system_ended_for_want_of_memory_is_told_as_that(
    score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that kills itself, beside a control group that counts one more each time it is asked."""
    counts = itertools.count()
    monkeypatch.setattr("harness.metrics.isolated.process.memory_kills", lambda: next(counts))
    with pytest.raises(MetricUnavailable, match=r"ended by the system because memory ran out \(out of memory\)"):
        score([("kill", "abcd")])
    with pytest.raises(MetricUnavailable, match="exit code 3"):
        score([("exit", "abcd")])


def test_the_tail_of_what_it_said_is_in_the_message(score: Score) -> None:
    with pytest.raises(MetricUnavailable, match="the disk of the model is gone"):
        score([("exit", "abcd")])


def test_one_that_hangs_is_ended(score: Score, tmp_path: Path) -> None:
    score([("s", "warm")])
    with pytest.raises(MetricUnavailable, match=r"did not answer within 0\.5 s") as caught:
        score([("hang", "abcd")], timeout=0.5)
    assert caught.value.hint == "raise 'timeout' under [metric.tiny] in harness.toml"
    # On a busy machine it is ended before it has noted its number; the first process lives on.
    assert all(ended(process) for process in processes(tmp_path)[1:])


def test_a_model_that_is_missing(score: Score) -> None:
    with pytest.raises(MetricUnavailable, match="the model gone/model is not here") as caught:
        score([("s", "x")], model="gone/model")
    assert caught.value.hint == "put it there"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("print('not JSON', flush=True)", "something that is no answer: 'not JSON'"),
        ("print('[1, 2]', flush=True)", "something that is no answer"),
        ("print('{\"protocol\": 2}', flush=True)", "it speaks protocol 2, and 1 is spoken here"),
        ("print('{\"protocol\": 1}', flush=True)", "does not say which model"),
        ("print('{\"protocol\"', end='', flush=True)", "or ended within one"),
        ("sys.stdout.write('x' * (17 << 20)); sys.stdout.flush(); time.sleep(60)", "a line of more than 16 MiB"),
        ("[print('{}', flush=True) for _ in range(100000)]", "does not say which model"),
        ("sys.exit(0)", "it ended: exit code 0"),
    ],
)
def test_answers_that_are_none(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, why: str
) -> None:
    script = tmp_path / "serve.py"
    script.write_text(f"import sys, time\nsys.stdin.readline()\n{answer}\n")
    monkeypatch.setattr(scorer, "SERVE", script)
    with pytest.raises(MetricUnavailable) as caught:
        score([("s", "x")], timeout=30)
    assert why in str(caught.value)


def test_one_that_does_not_read_is_not_waited_for(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "serve.py"
    script.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(scorer, "SERVE", script)
    with pytest.raises(MetricUnavailable, match="did not answer"):
        score([("s", "x")], timeout=0.3, flags="f" * 2**18)


def test_other_versions_than_were_installed_are_refused(score: Score, installed: Path) -> None:
    (metadata,) = installed.rglob("harness_tiny-1.0.dist-info/METADATA")
    whole = metadata.read_text()
    metadata.write_text(whole.replace("Version: 1.0", "Version: 1.1"))
    try:
        with pytest.raises(MetricUnavailable, match=r"has harness-tiny 1\.1, and 1\.0 is needed") as caught:
            score([("s", "x")])
    finally:
        metadata.write_text(whole)
    assert caught.value.hint == "harness metrics add tiny --again"


def test_an_environment_made_for_another_version_is_named(
    score: Score, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (installed / NOTE).read_text()
    for old, new, why in [
        ('"harness-tiny==1.0"', '"harness-tiny==0.9"', "has harness-tiny==0.9 (made by harness "),
        ('"layout": 1', '"layout": 0', "in another layout"),
        ('"layout"', '"lay', "is damaged: environment.json cannot be read"),
    ]:
        (installed / NOTE).write_text(whole.replace(old, new))
        try:
            with pytest.raises(MetricUnavailable) as caught:
                score([("s", "x")])
        finally:
            (installed / NOTE).write_text(whole)
        assert why in str(caught.value)
        assert caught.value.hint == "harness metrics add tiny --again"
    monkeypatch.setenv("HARNESS_METRICS_CACHE", str(installed / "nowhere"))
    with pytest.raises(MetricUnavailable, match="which is not installed") as caught:
        score([("s", "x")])
    assert caught.value.hint == "harness metrics add tiny"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills as only POSIX can")
def test_it_ends_with_the_harness_that_is_killed_or_interrupted(installed: Path, tmp_path: Path) -> None:
    code = (
        "from tests.metrics.isolation import *\nfrom tests.metrics.test_isolated import *\n"
        f"metric = Tiny(TinyOptions(flags={str(tmp_path)!r}, device='cpu'))\n"
        "metric.statistics([ScoringItem('a', 1, 'hang', 'x', ('r',))], MetricContext(PAIR, NoCache()))\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    for number, how in enumerate((signal.SIGKILL, signal.SIGINT)):
        harness = subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.DEVNULL)
        wait_until(lambda: (tmp_path / "batches").exists() and len(processes(tmp_path)) > number)  # noqa: B023 - at once
        harness.send_signal(how)
        harness.wait(60)
        wait_until(lambda: ended(processes(tmp_path)[number]))  # noqa: B023


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last
        time.sleep(0.02)
