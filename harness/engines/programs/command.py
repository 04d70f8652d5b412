"""``command``: Any program: text on stdin, text on stdout, one segment per line, no shell.

``mode = "batch"``: one process per batch; all lines in, then exactly as many lines out.
``mode = "lines"``: one long-lived process; it must answer each line, and flush, before it gets the next.
Relative paths are looked up in the workspace (the folder that holds ``systems/``), which is also where it runs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal, cast

from pydantic import BaseModel, Field

from harness.engines.interface import Answer, Batch, EngineContext, Limits
from harness.engines.programs.process import last_words, run_program, with_stderr
from harness.engines.programs.scripts import files_run
from harness.engines.services.line_service import TOGETHER, LineService
from harness.errors import BadOutput, EngineUnavailable, Transient, so_many
from harness.types import EngineIdentity, JsonValue, LangPair, Translated
from harness.workspace.config import StrictModel
from harness.workspace.guardian import GUARDIAN
from harness.workspace.operating_system import describe_exit, names_a_path
from harness.workspace.redaction import REDACTOR

VERSION_SECONDS = 60.0


class CommandOptions(StrictModel):
    """``[options]``."""

    argv: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    """Program and arguments; ``{source}`` and ``{target}`` are replaced by the language tags."""
    mode: Literal["batch", "lines"] = "batch"
    """``batch``: one process per batch, which reads all lines. ``lines``: one process for the run, which answers line
    by line."""
    version_argv: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """A command that prints the version on its first line. Without it, the version is a hash of the program and of the
    scripts it runs, also behind ``env``, ``bash -c`` or ``python -m``, and of the sources next to them that they import
    or start. Data, installed libraries, images and other machines are not included: print their version here, for
    example with ``docker image inspect -f {{.Id}} IMAGE``."""


class CommandEngine:
    """Runs the user's program."""

    Options: ClassVar[type[BaseModel]] = CommandOptions
    caches = True
    runs_programs = True

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("CommandOptions", options)
        self._cwd = context.folder.parent.parent
        self._where = f"systems/{context.system}.toml [options]"
        self._may_run = context.programs
        self._versions: dict[tuple[str, ...], str] = {}
        """By the command line that it is the version of."""
        self._service = LineService(self._cwd)
        if self._options.mode == "batch":
            self.limits = Limits(max_segments=1000)
        else:
            # Every answer is a batch of its own, so that it is kept as soon as it is there.
            self.limits = Limits(max_segments=1, concurrency=TOGETHER)

    def supports(self, pair: LangPair) -> None:
        """Any pair, if the program is there: what it does with the tags is its own business."""
        program = self._find(self._options.argv[0], "argv")
        asked = self._options.version_argv
        if (command := self._versioned(pair)) not in self._versions:
            if asked and not self._may_run:
                raise EngineUnavailable(
                    f"its version comes from 'version_argv' in {self._where}, and no program is run now",
                    hint="harness run",
                )
            self._versions[command] = self._ask_version(asked) if asked else self._hash(program, pair)

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The command line and the version of the program."""
        options: dict[str, JsonValue] = {"argv": [*self._argv(pair)], "mode": self._options.mode}
        return EngineIdentity("command", self._versions[self._versioned(pair)], options)

    async def translate(self, batch: Batch) -> Sequence[Answer]:
        """Run the program on the batch."""
        if not batch.requests:
            return []
        if not self._may_run:
            raise EngineUnavailable(f"{self._name} is not run now", hint="harness run, without --offline")
        answers = await (self._batch(batch) if self._options.mode == "batch" else self._lines(batch))
        return [Translated(_decode(answer, number, self._name)) for number, answer in enumerate(answers, 1)]

    async def close(self) -> None:
        """End the long-lived program, if there is one."""
        await self._service.close()

    @property
    def _name(self) -> str:
        return self._options.argv[0]

    def _argv(self, pair: LangPair) -> list[str]:
        return [part.replace("{source}", pair.source).replace("{target}", pair.target) for part in self._options.argv]

    def _versioned(self, pair: LangPair) -> tuple[str, ...]:
        return self._options.version_argv or tuple(self._argv(pair))

    def _command(self, pair: LangPair) -> list[str]:
        return [str(self._find(self._name, "argv")), *self._argv(pair)[1:]]

    def _find(self, name: str, key: str) -> Path:
        if names_a_path(name):
            path = (self._cwd / name).absolute()
            if path.is_file() and os.access(path, os.X_OK):
                return path
            if path.is_file():
                raise EngineUnavailable(f"{name} is not executable", hint=f"chmod +x {name}")
            raise EngineUnavailable(f"{name} does not exist", hint=f"named by '{key}' in {self._where}")
        program = shutil.which(name)
        if program is None:
            raise EngineUnavailable(f"no program '{name}' on PATH", hint=f"named by '{key}' in {self._where}")
        return Path(program)

    def _ask_version(self, argv: Sequence[str]) -> str:
        command = [str(self._find(argv[0], "version_argv")), *argv[1:]]
        try:
            done = subprocess.run(
                command,
                cwd=self._cwd,
                capture_output=True,
                timeout=VERSION_SECONDS,
                check=True,
                stdin=subprocess.DEVNULL,
                env=GUARDIAN.environment(),
            )
        except subprocess.CalledProcessError as error:
            ending = f"'version_argv' in {self._where}: {argv[0]} ended with {describe_exit(error.returncode)}"
            raise EngineUnavailable(with_stderr(ending, last_words(error.stderr))) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineUnavailable(f"'version_argv' in {self._where}: {error}") from error
        lines = (done.stdout or done.stderr).decode("utf-8", "replace").strip().splitlines()
        if not lines:
            raise EngineUnavailable(f"'version_argv' in {self._where}: {argv[0]} prints nothing")
        return REDACTOR(lines[0])

    def _hash(self, program: Path, pair: LangPair) -> str:
        from harness.store.cache.keys import digest

        files = [program, *files_run(self._argv(pair), self._cwd)]
        return digest([_sha256(file) for file in files])

    async def _batch(self, batch: Batch) -> Sequence[bytes]:
        text = "".join(f"{request.source}\n" for request in batch.requests)
        done = await run_program(self._command(batch.pair), text.encode(), cwd=self._cwd)
        if done.returncode:
            raise Transient(with_stderr(f"{self._name} ended with {describe_exit(done.returncode)}", done.stderr))
        lines = done.stdout.split(b"\n")
        if not lines[-1]:
            lines.pop()
        if len(lines) != len(batch.requests):
            asked = so_many(len(batch.requests), "segment")
            counts = f"{self._name} returned {so_many(len(lines), 'line')} for {asked}"
            raise BadOutput(
                with_stderr(counts, done.stderr), hint="it must write exactly one line for each line it reads"
            )
        return lines

    async def _lines(self, batch: Batch) -> Sequence[bytes]:
        return await self._service.ask(tuple(self._command(batch.pair)), [request.source for request in batch.requests])


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _decode(line: bytes, number: int, name: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadOutput(f"line {number} from {name} is not UTF-8 (byte {error.start + 1})") from error
