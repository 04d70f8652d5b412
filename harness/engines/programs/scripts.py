"""The files a command line runs besides its program: scripts and modules, also behind ``env`` and ``bash -c``.

They are part of what the program is: a changed script is another engine. Files that are only named, such as a log the
program writes or a list it reads, are not: a version must not change by itself. Behind a program whose options are not
known here, only source files count, because those do not change by themselves.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.engines.programs.sources import follow, imports, is_file, is_source, module, modules_in, parsed, strings
from harness.workspace.operating_system import names_a_path

INTERPRETER = re.compile(
    r"(python|pypy|perl|raku|ruby|node|nodejs|deno|bun|tsx|ts-node|php|lua|luajit|Rscript|julia|java|groovy|elixir"
    r"|ocaml|guile|tclsh|pwsh|fish|r?bash|d?ash|sh|zsh|m?ksh|yash|t?csh)[0-9.]*$"
)
PYTHON = re.compile(r"(python|pypy)[0-9.]*$")
MODULE = re.compile(r"-[bBdEhiIOqRsSuvVxP]*([mc])(.*)", re.DOTALL)
SHELL = re.compile(r"(r?bash|d?ash|sh|zsh|m?ksh|yash|t?csh|fish)$")
LOADS = frozenset({"-r", "--require", "--import", "--loader", "--experimental-loader", "--rcfile", "--init-file"})
"""Options of interpreters whose word is a file that runs before the script."""
FILTER = re.compile(r"([gmn]?awk|sed|jq)$")
FROM_FILE = re.compile(r"(?:-[a-zA-Z]*f|--file=?|--from-file=?)(.*)", re.DOTALL)
"""Programs whose script is a word of its own, and the option by which it is a file."""
KEYWORDS = frozenset(
    {"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time", "eval", "builtin", "coproc"}
)
"""Words of a shell before a command."""

WRAPPERS: Mapping[str, str] = {
    "env": "uCSP", "nice": "n", "ionice": "cnp", "nohup": "", "setsid": "", "timeout": "ks", "time": "fo",
    "stdbuf": "ioe", "chrt": "", "taskset": "", "exec": "a", "command": "", "sudo": "ugCpr", "unbuffer": "",
    "numactl": "CmNp", "flock": "wE", "chronic": "", "strace": "eopsuEIOP", "ltrace": "eopsu",
    "busybox": "", "xvfb-run": "enps",
}  # fmt: skip
"""Programs that run the rest of their line, and the letters of their options that take a word of their own."""

WORDS_BEFORE: Mapping[str, int] = {"timeout": 1, "taskset": 1, "chrt": 1, "flock": 1}
"""Words such as a time that stand before the program."""

RECIPES: Mapping[str, tuple[str, ...]] = {
    "make": ("GNUmakefile", "makefile", "Makefile"), "gmake": ("GNUmakefile", "makefile", "Makefile"),
    "just": ("justfile", ".justfile", "Justfile"), "task": ("Taskfile.yml", "Taskfile.yaml"),
    "npm": ("package.json",), "pnpm": ("package.json",), "yarn": ("package.json",),
}  # fmt: skip
"""Programs that run what a file in their folder says."""

CONTAINERS = frozenset({"docker", "podman", "nerdctl", "apptainer", "singularity"})
MOUNT = re.compile(r"(?:(?:-v|-B|--volume|--bind)=?)?([^:=,]+):(/[^:,]*)(?:[:,].*)?", re.DOTALL)
BIND = re.compile(r"(?:--mount=)?(?=.*(?:source|src)=([^,]+))(?=.*(?:target|destination|dst)=([^,]+)).*", re.DOTALL)

RUNNERS: Mapping[str, tuple[str, ...]] = {
    "uv": ("run",), "uvx": (), "pipx": ("run",), "poetry": ("run",), "pipenv": ("run",), "pdm": ("run",),
    "rye": ("run",),
    "hatch": ("run",), "conda": ("run",), "mamba": ("run",), "micromamba": ("run",), "xargs": (),
    "npx": (), "go": ("run",), "parallel": (),
}  # fmt: skip
"""Programs whose own options are too many to know: after their own word, whatever names a file or a program is run."""

ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
OPERATORS = frozenset("();<>|&")


def files_run(argv: Sequence[str], cwd: Path) -> list[Path]:
    """The files behind a command line, each once, without the program itself when that is all there is.

    Args:
        argv: program and arguments.
        cwd: where it runs; relative paths are looked up there.
    """
    program = [
        cwd / name_found for name in argv[:1] if (name_found := name if names_a_path(name) else shutil.which(name))
    ]
    direct = list(dict.fromkeys(_run(list(argv), cwd)))
    return list(dict.fromkeys([*direct, *follow([*program, *direct], cwd)]))


def _run(argv: list[str], cwd: Path) -> Iterator[Path]:
    """What one simple command runs, its program left out."""
    known = list(_run_known(argv, cwd))
    yield from known
    if not known and argv and not INTERPRETER.match(Path(argv[0]).name):
        yield from _run_unknown(argv[1:], cwd)


def _run_unknown(words: list[str], cwd: Path) -> Iterator[Path]:
    """What is behind a program whose options are not known: the first interpreter or source file, and shell lines."""
    for number, word in enumerate(words):
        if INTERPRETER.match(Path(word).name) and words[number + 1 :]:
            yield from _program(words[number:], cwd)
            return
        if word in {"-m", "--module"} and words[number + 1 :]:
            yield from module(words[number + 1], cwd)
        elif is_source(cwd / word):
            yield cwd / word
            return
        elif any(char.isspace() for char in word):
            yield from (path for path in _shell(word, cwd) if is_source(path))


def _run_known(argv: list[str], cwd: Path) -> Iterator[Path]:
    name = Path(argv[0]).name if argv else ""
    if name in CONTAINERS:
        yield from _run_unknown(*_mounted(argv[1:], cwd))
    elif name in RECIPES:
        named = list(_from_files(argv[1:], cwd))
        yield from named or [path for file in RECIPES[name] if is_file(path := cwd / file)][:1]
    elif name in WRAPPERS:
        yield from _program(_behind(name, argv[1:]), _moved(argv[1:], cwd) if name == "env" else cwd)
    elif name in RUNNERS:
        yield from _program(_behind_runner(argv[1:], RUNNERS[name], cwd), cwd)
    elif INTERPRETER.match(name):
        yield from _interpreted(name, argv[1:], cwd)
    elif FILTER.match(name):
        yield from _from_files(argv[1:], cwd)


def _mounted(words: list[str], cwd: Path) -> tuple[list[str], Path]:
    """The words of a container's line with the folders of this machine in the place of those mounted from it."""
    folders: dict[str, str] = {}
    inside = ""
    for word, after in zip(words, [*words, ""][1:], strict=True):
        if match := (MOUNT.fullmatch(word) or BIND.fullmatch(word)):
            folders[match[2].rstrip("/")] = str((cwd / match[1]).absolute())
        if at := re.fullmatch(r"(?:-w|--workdir|--pwd)=?(.*)", word):
            inside = at[1] or after
    for target in sorted(filter(None, folders), key=len, reverse=True):
        mounted = re.compile(rf"(?<![\w./-]){re.escape(target)}(?![\w.-])")
        words = [mounted.sub(lambda _, folder=folders[target]: folder, word) for word in words]  # type: ignore[misc]
        inside = mounted.sub(lambda _, folder=folders[target]: folder, inside)  # type: ignore[misc]
    return words, cwd / inside


def _moved(words: list[str], cwd: Path) -> Path:
    """Where ``env -C FOLDER`` runs its program."""
    for word, after in zip(words, [*words, ""][1:], strict=True):
        if match := re.fullmatch(r"(?:-C|--chdir)=?(.*)", word):
            return cwd / (match[1] or after)
    return cwd


def _from_files(words: list[str], cwd: Path) -> Iterator[Path]:
    for word, after in zip(words, [*words, ""][1:], strict=True):
        if (match := FROM_FILE.fullmatch(word)) and is_file(path := cwd / (match[1] or after)):
            yield path


def _program(argv: list[str], cwd: Path) -> Iterator[Path]:
    """The program of a command, and what it runs."""
    if not argv:
        return
    program = cwd / argv[0] if names_a_path(argv[0]) else Path(shutil.which(argv[0]) or cwd / argv[0])
    if is_file(program):
        yield program
    yield from _run(argv, cwd)


def _interpreted(name: str, words: list[str], cwd: Path) -> Iterator[Path]:
    for number, word in enumerate(words):
        if SHELL.match(name) and re.fullmatch(r"-[a-z]*c[a-z]*", word) and number + 1 < len(words):
            yield from _shell(words[number + 1], cwd)
            return
        if PYTHON.match(name) and (match := MODULE.fullmatch(word)):
            rest = match[2] or (words[number + 1] if number + 1 < len(words) else "")
            modules = [rest] if match[1] == "m" else imports(parsed(rest))
            for each in modules:
                yield from module(each, cwd)
            if match[1] == "m":  # cProfile, coverage, torch.distributed.run: modules that run a script
                yield from _run_unknown(words[number + (1 if match[2] else 2) :], cwd)
            else:
                yield from (path for path in map(cwd.joinpath, strings(parsed(rest))) if is_source(path))
            return
        path = cwd / word
        if is_file(path):
            yield path
            if number and words[number - 1] in LOADS:
                continue
            return
        if PYTHON.match(name) and is_file(path / "__main__.py"):
            yield from modules_in(path)
            return


def _behind(name: str, words: list[str]) -> list[str]:
    """What is left of a wrapper's line when its own options are gone."""
    rest, skip = list(words), WORDS_BEFORE.get(name, 0)
    while rest:
        word = rest[0]
        if name == "env" and (match := re.fullmatch(r"-[a-z]*S(.*)|--split-string=(.*)", word)):
            text = match[1] or match[2] or (rest[1] if len(rest) > 1 else "")
            rest = [*_split(text), *rest[1 if match[1] or match[2] else 2 :]]
        elif word.startswith("-") and word != "-":
            takes = not word.startswith("--") and len(word) == 2 and word[1] in WRAPPERS[name]
            rest = rest[2:] if takes else rest[1:]
        elif ASSIGNMENT.match(word) and name in {"env", "sudo"}:
            rest = rest[1:]
        elif skip:
            skip, rest = skip - 1, rest[1:]
        else:
            return rest
    return []


def _behind_runner(words: list[str], options: Sequence[str], cwd: Path) -> list[str]:
    rest = [word for number, word in enumerate(words) if not (number == 0 and word in options)]
    for number, word in enumerate(rest):
        if not word.startswith("-") and (is_file(cwd / word) or INTERPRETER.match(Path(word).name)):
            return rest[number:]
    return []


def _shell(text: str, cwd: Path) -> Iterator[Path]:
    """What the commands of a shell's line run; of what they redirect, only a script that an interpreter reads."""
    command: list[str] = []
    redirected = ""
    for word in [*_split(re.sub("[\n`]", " ; ", text), operators=True), ";"]:
        if word and set(word) <= OPERATORS:
            redirected = word if "<" in word or ">" in word else ""
            if not redirected:
                yield from _program(command, cwd)
                cwd = cwd / command[1] if len(command) == 2 and command[0] == "cd" else cwd
                command = []
        elif redirected:
            alone = all(part.startswith("-") for part in command[1:])
            reads = redirected == "<" and alone and INTERPRETER.match(Path(*command[:1]).name)
            if reads and is_file(cwd / word):
                yield cwd / word
            redirected = ""
        elif not command and word in {".", "source"}:
            command.append("exec")
        elif command or not (ASSIGNMENT.match(word) or word in KEYWORDS):
            command.append(word)


def _split(text: str, *, operators: bool = False) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=operators)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:  # a quotation that does not end: the shell will say so
        return text.split()
