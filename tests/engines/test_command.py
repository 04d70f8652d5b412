from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import harness.engines.programs.process as process_module
import harness.engines.services.lines as lines_module
from harness.engines.interface import EngineContext
from harness.engines.programs.command import CommandEngine, CommandOptions
from harness.errors import BadOutput, EngineUnavailable, Transient
from harness.testing import ask, batch_of, check_round_trip, engine_contract, texts_of
from harness.types import LangPair, SystemName
from harness.workspace.operating_system import describe_exit
from tests.engines.processes import alive, session_members, wait_until

PAIR = LangPair("en", "pt-BR")

COPY = "import sys\nfor line in sys.stdin.buffer:\n    sys.stdout.buffer.write(line)\n    sys.stdout.flush()\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "systems").mkdir()
    return tmp_path


def engine(workspace: Path, script: str, mode: str = "batch", *arguments: str, **options: Any) -> CommandEngine:
    (workspace / "mt.py").write_text(script, encoding="utf-8")
    argv = [sys.executable, "mt.py", *arguments]
    chosen = CommandOptions.model_validate({"argv": argv, "mode": mode, **options})
    return CommandEngine(chosen, EngineContext(SystemName("mine"), workspace / "systems" / "mine"))


def translated(made: CommandEngine, *batches: list[str]) -> list[list[str]]:
    return [texts_of(answers) for answers in ask(made, *(batch_of(batch, PAIR) for batch in batches))]


@pytest.mark.parametrize("mode", ["batch", "lines"])
def test_contract(workspace: Path, mode: str) -> None:
    engine_contract(lambda: engine(workspace, COPY, mode), PAIR)
    check_round_trip(lambda: engine(workspace, COPY, mode), PAIR)


def test_batch_is_one_process_and_lines_is_one_for_all(workspace: Path) -> None:
    script = "import os, sys\nfor line in sys.stdin: print(os.getpid(), flush=True)\n"
    first, second = translated(engine(workspace, script), ["a", "b"], ["c"])
    assert first[0] == first[1] != second[0]
    first, second = translated(engine(workspace, script, "lines"), ["a", "b"], ["c"])
    assert first == [second[0]] * 2
    assert not alive(int(second[0]))


def test_placeholders_become_tags_in_arguments_and_nothing_goes_through_a_shell(workspace: Path) -> None:
    script = "import sys\nfor line in sys.stdin: print(sys.argv[1:])\n"
    made = engine(workspace, script, "batch", "--to={target}", "{source}{source}", "{other}", "$HOME;*")
    assert translated(made, ["{target}"]) == [["['--to=pt-BR', 'enen', '{other}', '$HOME;*']"]]


def test_empty_lines_are_empty_translations(workspace: Path) -> None:
    script = "import sys\nfor line in sys.stdin: print('', flush=True)\n"
    for mode in ("batch", "lines"):
        assert translated(engine(workspace, script, mode), ["a", "b"]) == [["", ""]]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "print('a')\nimport sys; print('oh no', file=sys.stderr)",
            "returned 1 line for 2 segments; error output: oh no",
        ),
        ("print('a\\nb\\nc')", "returned 3 lines for 2 segments"),
        ("pass", "returned 0 lines for 2 segments"),
        ("import sys; sys.stdout.buffer.write(b'a\\n\\xff\\n')", r"line 2 from .* is not UTF-8 \(byte 1\)"),
    ],
)
def test_batch_output_that_does_not_fit(workspace: Path, script: str, message: str) -> None:
    with pytest.raises(BadOutput, match=message):
        translated(engine(workspace, script), ["x", "y"])


@pytest.mark.parametrize("mode", ["batch", "lines"])
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; sys.exit('no model')", "ended with exit code 1.*error output: no model"),
        ("import os; os.kill(os.getpid(), 9)", r"ended with SIGKILL \(likely out of memory\)"),
        ("import os; os.kill(os.getpid(), 11)", "ended with SIGSEGV"),
    ],
)
def test_a_program_that_dies(workspace: Path, mode: str, script: str, message: str) -> None:
    with pytest.raises(Transient, match=message):
        translated(engine(workspace, script, mode), ["x"])


def test_exit_codes_of_shells_name_the_signal() -> None:
    assert describe_exit(137) == "exit code 137, SIGKILL (likely out of memory)"
    assert describe_exit(255) == "exit code 255"
    assert describe_exit(-15) == "SIGTERM"


def test_a_line_program_that_died_is_started_again(workspace: Path) -> None:
    script = "import os\nprint(input() + f' {os.getpid()}', flush=True)\n"
    made = engine(workspace, script, "lines")

    async def talk() -> list[str]:
        texts = []
        for text in ("a", "b"):
            texts += texts_of(await made.translate(batch_of([text], PAIR)))
            pid = int(texts[-1].split()[1])
            assert await asyncio.to_thread(wait_until, lambda pid=pid: not alive(pid))
            await asyncio.sleep(0.05)
        await made.close()
        return texts

    first, second = asyncio.run(talk())
    assert (first[0], second[0]) == ("a", "b")
    assert first[2:] != second[2:]


def test_a_line_program_that_fails_once_answers_the_next_batch(workspace: Path) -> None:
    script = (
        "import sys\nfor line in sys.stdin:\n"
        "    if line == 'die\\n': sys.exit(3)\n"
        "    print(line.upper(), end='', flush=True)\n"
    )
    made = engine(workspace, script, "lines")

    async def talk() -> list[str]:
        with pytest.raises(Transient, match="exit code 3 before it had answered"):
            await made.translate(batch_of(["a", "die", "b"], PAIR))
        answers = await made.translate(batch_of(["c"], PAIR))
        await made.close()
        return texts_of(answers)

    assert asyncio.run(talk()) == ["C"]


@pytest.mark.parametrize(
    "script",
    [
        "import sys\nfor line in sys.stdin: print('a\\nb', flush=True)",
        "import sys\nfor line in sys.stdin: print('a', flush=True); print('INFO done', flush=True)",
    ],
)
def test_output_nobody_asked_for(workspace: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "SETTLE_SECONDS", 0.3)
    with pytest.raises(BadOutput, match=r"wrote an extra line: '(b|INFO done)"):
        translated(engine(workspace, script, "lines"), ["x"])
    with pytest.raises(BadOutput, match="wrote an extra line"):
        translated(engine(workspace, script, "lines"), ["x"] * 50)


def test_a_greeting_is_not_taken_for_an_answer(workspace: Path) -> None:
    made = engine(workspace, "print('ready', flush=True)\n" + COPY, "lines")
    with pytest.raises(BadOutput, match="wrote an extra line"):
        translated(made, ["x", "y"])


def test_full_pipes_do_not_block(workspace: Path) -> None:
    noise = "import sys\nsys.stderr.write('e' * 500_000 + 'THE END'); sys.stdout.flush()\n"
    for mode in ("batch", "lines"):
        sources = ["x" * 1000] * 500
        assert translated(engine(workspace, noise + COPY, mode), sources) == [sources]


def test_error_output_is_kept_as_a_tail(workspace: Path) -> None:
    script = "import sys\nsys.stderr.write('e' * 500_000 + 'THE END'); sys.exit(1)"
    with pytest.raises(Transient, match=r"eeeTHE END$") as caught:
        translated(engine(workspace, script), ["x"])
    assert len(str(caught.value)) < 3000


def test_a_program_that_never_stops_writing_is_stopped(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "OUTPUT_FLOOR", 2**20)
    with pytest.raises(BadOutput, match="was stopped after 1048576 bytes of output for 2 bytes of input"):
        translated(engine(workspace, "while True: print('x' * 1000)"), ["x"])


def test_a_program_that_reads_nothing_is_judged_by_its_output(workspace: Path) -> None:
    assert translated(engine(workspace, "print('a')"), ["x" * 1_000_000]) == [["a"]]


SLEEPER = """
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "300"])
open("pids", "w").write(f"{os.getpid()} {child.pid} ")
time.sleep(300)
"""


@pytest.mark.parametrize("mode", ["batch", "lines"])
def test_cancelling_leaves_no_process(workspace: Path, mode: str) -> None:
    made = engine(workspace, SLEEPER, mode)
    pids = workspace / "pids"

    async def talk() -> None:
        task = asyncio.ensure_future(made.translate(batch_of(["x"], PAIR)))
        assert await asyncio.to_thread(wait_until, lambda: pids.exists() and pids.read_text().endswith(" "))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await made.close()

    asyncio.run(talk())
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) == 2
    assert wait_until(lambda: not any(map(alive, started)))


def test_a_daemon_that_holds_the_pipes_does_not_hold_the_run(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "REAP_SECONDS", 0.2)
    script = (
        "import os, subprocess\n"
        "child = subprocess.Popen(['sleep', '300'], start_new_session=True)\n"
        "open('pids', 'w').write(str(child.pid))\n"
    )
    made = engine(workspace, script)

    async def talk() -> None:
        async with asyncio.timeout(1):
            await made.translate(batch_of(["x"], PAIR))

    begun = time.monotonic()
    try:
        with pytest.raises(TimeoutError):
            asyncio.run(talk())
        assert time.monotonic() - begun < 100  # the child sleeps for 300
    finally:
        os.kill(int((workspace / "pids").read_text()), 9)


def test_closing_ends_a_program_that_ignores_its_input_and_sigterm(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "GRACE_SECONDS", 0.2)
    script = (
        "import os, signal, time\nsignal.signal(signal.SIGTERM, lambda *_: open('asked', 'w').close())\n"
        "input(); print(os.getpid(), flush=True)\nwhile True: time.sleep(1)\n"
    )
    ((pid,),) = translated(engine(workspace, script, "lines"), ["x"])
    assert not alive(int(pid))
    assert (workspace / "asked").exists()


def test_closing_lets_a_program_finish(workspace: Path) -> None:
    script = COPY + "open('finished', 'w').close()\n"
    translated(engine(workspace, script, "lines"), ["x"])
    assert (workspace / "finished").exists()


def test_a_line_program_serves_one_pair_at_a_time(workspace: Path) -> None:
    made = engine(workspace, "import sys\nfor line in sys.stdin: print(sys.argv[1], flush=True)", "lines", "{target}")
    one, other = ask(made, batch_of(["x"], PAIR), batch_of(["x"], LangPair("en", "fr")))
    assert texts_of([*one, *other]) == ["pt-BR", "fr"]


def made_from(workspace: Path, **options: Any) -> CommandEngine:
    return CommandEngine(
        CommandOptions.model_validate(options), EngineContext(SystemName("mine"), workspace / "systems" / "mine")
    )


def test_a_program_that_cannot_run_is_unavailable_and_says_what_was_looked_for(workspace: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no program 'no-such-mt' on PATH") as caught:
        made_from(workspace, argv=["no-such-mt"]).supports(PAIR)
    assert caught.value.hint == "named by 'argv' in systems/mine.toml [options]"
    with pytest.raises(EngineUnavailable, match="bin/mt does not exist"):
        made_from(workspace, argv=["bin/mt"]).supports(PAIR)
    (workspace / "mt").write_text("#!/no/such/interpreter\n")
    with pytest.raises(EngineUnavailable, match="mt is not executable"):
        made_from(workspace, argv=["./mt"]).supports(PAIR)
    (workspace / "mt").chmod(0o755)
    with pytest.raises(EngineUnavailable, match=r"cannot start .*/mt: No such file"):
        ask(made_from(workspace, argv=["./mt"]), batch_of(["x"], PAIR))


def identity_of(made: CommandEngine) -> Any:
    made.supports(PAIR)
    return made.identity(PAIR)


def test_without_a_version_the_script_decides(workspace: Path) -> None:
    before = identity_of(engine(workspace, COPY))
    assert before.version.startswith("h1:")
    assert before.options == {"argv": [sys.executable, "mt.py"], "mode": "batch"}
    assert identity_of(engine(workspace, COPY + "# changed\n")) != before
    assert identity_of(engine(workspace, COPY)) == before


def test_a_file_the_program_writes_to_is_not_its_version(workspace: Path) -> None:
    (workspace / "mt.log").write_text("")
    before = identity_of(engine(workspace, COPY, "batch", "mt.log"))
    (workspace / "mt.log").write_text("translated 1 line\n")
    assert identity_of(engine(workspace, COPY, "batch", "mt.log")) == before


def test_the_program_can_be_asked_for_its_version(workspace: Path) -> None:
    script = "import sys\nprint('mt 1.2\\nlicence: free')"
    assert identity_of(engine(workspace, script, version_argv=[sys.executable, "mt.py"])).version == "mt 1.2"
    with pytest.raises(EngineUnavailable, match=r"'version_argv' in systems/mine.toml \[options\]: .*code 3$"):
        identity_of(engine(workspace, "raise SystemExit(3)", version_argv=[sys.executable, "mt.py"]))
    with pytest.raises(EngineUnavailable, match=r"ended with exit code 1; error output: mt is not installed$"):
        identity_of(
            engine(workspace, "raise SystemExit('mt is not installed')", version_argv=[sys.executable, "mt.py"])
        )
    with pytest.raises(EngineUnavailable, match="prints nothing"):
        identity_of(engine(workspace, "", version_argv=[sys.executable, "mt.py"]))


def test_cancelling_while_the_program_is_being_started(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARTED_BY", str(workspace))
    made = made_from(workspace, argv=["bash", "-c", "sleep 300 | cat"])
    complaints: list[Any] = []

    async def talk() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        for step in range(60):
            task = asyncio.ensure_future(made.translate(batch_of(["x"] * 100, PAIR)))
            await asyncio.sleep(step % 20 * 0.0005)
            task.cancel()
            _, pending = await asyncio.wait([task], timeout=60)
            assert not pending

    asyncio.run(talk())
    assert not complaints
    if Path("/proc/self/environ").exists():
        assert wait_until(lambda: not session_members(f"STARTED_BY={workspace}"))


DIE = "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")
@pytest.mark.parametrize(
    ("code", "left"),
    [
        (f"GUARDIAN.watch = lambda group: {DIE}; asyncio.run(start(['sleep', '300'], cwd=Path('/')))", False),
        (f"asyncio.run(run_program(['sh', '-c', DAEMON], b'', cwd=Path('/'))); {DIE}", False),
        (f"subprocess.Popen(['sleep', '300'], env=GUARDIAN.environment()); {DIE}", False),
        ("asyncio.run(run_program(['sh', '-c', DAEMON], b'', cwd=Path('/')))", True),
        ("subprocess.Popen(['sleep', '300'])", True),
    ],
    ids=["killed before it was noted", "left its session", "asked for its version", "in order", "nobody's program"],
)
def test_what_a_killed_harness_has_started_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, left: bool
) -> None:
    monkeypatch.setenv("STARTED_BY", str(tmp_path))
    imports = (
        "import asyncio, os, signal, subprocess; from pathlib import Path;"
        "from harness.workspace.guardian import GUARDIAN;"
        "from harness.engines.programs.process import run_program, start;"
        "DAEMON = 'setsid sleep 300 > /dev/null 2>&1 < /dev/null &'\n"
    )
    process = subprocess.Popen([sys.executable, "-c", imports + code])
    assert process.wait(30) == (0 if left else -signal.SIGKILL)

    def members() -> list[int]:
        return session_members(f"STARTED_BY={tmp_path}")

    if left:
        assert not wait_until(lambda: not members(), 1.0)
        (pid,) = members()
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not members())
