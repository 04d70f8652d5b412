"""What an Apertium installation offers: its modes, the languages they serve, and how to run one in two halves.

A mode file holds one shell pipeline, ``lt-proc ... | apertium-tagger ... | lt-proc $1 ...``, written by whoever made
the language data. ``apertium-wblank-mode -z`` rewrites it so that a NUL ends each text and resets all state.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.errors import EngineUnavailable, Unsupported

MODE_NAME = re.compile(r"[a-z]{2,3}(?:_[A-Za-z0-9]+)*-[a-z]{2,3}(?:_[A-Za-z0-9]+)*")

BROKEN = {"eng-hbs": "it is an unfinished prototype whose output is mostly lemmas marked # and @"}
"""Modes that are installed but not fit to be measured."""

SERBO_CROATIAN = {"bs": "hbs", "hr": "hbs", "sr-Latn": "hbs"}
"""Languages whose ISO code is not Apertium's."""

PROGRAMS = ("apertium", "apertium-wblank-mode", "lt-proc", "bash")

INSTALL = "apt-get install apertium apertium-eng-spa (or another language pair)"

ASK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Mode:
    """One translation direction, ready to run."""

    name: str
    analyse: str
    """Shell pipeline up to the last form in which an unknown word can be told from a literal ``*``."""
    generate: str
    """The rest; its ``$1`` is ``-n``: no marks in the text."""
    data: str
    """Hash of the mode and of every file it names."""


@dataclass(frozen=True)
class Installation:
    """The programs and the data folder found on this machine."""

    data: Path

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the modes that are there and work."""
        stems = (path.stem for path in (self.data / "modes").glob("*.mode"))
        return tuple(sorted(name for name in stems if MODE_NAME.fullmatch(name) and name not in BROKEN))

    @cached_property
    def version(self) -> str:
        """Version of the ``apertium`` programs."""
        return _ask("apertium", "-V").removeprefix("Apertium").strip()

    @cached_property
    def lttoolbox(self) -> str:
        """Version of ``lt-proc``, which does most of the work and is released on its own."""
        match = re.search(r"\d+(?:\.\d+)+", _ask("lt-proc", "-v"))
        return match.group() if match else "unknown"

    def find(self, source: str, target: str) -> str:
        """The name of the mode for two BCP-47 tags.

        A source's region or variant may be dropped, because Apertium's analysers read a language in all its forms; a
        target's may not, because then another variety than the one asked for would be scored.

        Raises:
            Unsupported: there is none; the message lists what there is.
        """
        sources = [*_codes(source), *_codes(source.split("-", maxsplit=1)[0])]
        for name in (f"{a}-{b}" for a in sources for b in _codes(target)):
            if name in self.names:
                return name
            if name in BROKEN:
                raise Unsupported(f"apertium's {name} is not used: {BROKEN[name]}")
        plain = target.split("-", maxsplit=1)[0]
        raise Unsupported(
            f"apertium has no mode from {source} to {target}; installed: {', '.join(self.names) or 'none'}",
            hint="install the language pair's package"
            + (f', or set mode = "..." in [options] to accept another variant of {plain}' if plain != target else ""),
        )

    def forced(self, name: str, source: str, target: str) -> str:
        """The mode the user named, if it is there and is about these languages at all.

        Raises:
            Unsupported: it is not.
        """
        if name in BROKEN:
            raise Unsupported(f"apertium's {name} is not used: {BROKEN[name]}")
        if name not in self.names:
            raise Unsupported(f"apertium has no mode '{name}'; installed: {', '.join(self.names) or 'none'}")
        for code, tag in zip(name.split("-"), (source, target), strict=True):
            known = [*_codes(tag), *_codes(tag.split("-", maxsplit=1)[0])]
            if code.split("_", maxsplit=1)[0] not in known:
                raise Unsupported(f"apertium's mode {name} does not translate {source} to {target}")
        return name

    def load(self, name: str) -> Mode:
        """Read a mode.

        Raises:
            Unsupported: it has no stage that generates text.
            EngineUnavailable: ``apertium-wblank-mode`` fails.
        """
        path = self.data / "modes" / f"{name}.mode"
        stages = _ask("apertium-wblank-mode", "-z", str(path)).split(" | ")
        generators = [position for position, stage in enumerate(stages) if "$1" in shlex.split(stage)]
        if len(generators) != 1 or generators[0] == 0:
            raise Unsupported(f"apertium's mode {name} is not a translation pipeline that ends in generation ($1)")
        analyse, generate = stages[: generators[0]], stages[generators[0] :]
        return Mode(name, " | ".join(analyse), " | ".join(generate), _data_hash(path))


def find_installation(folder: str) -> Installation:
    """Find the programs and the data: ``folder``, ``APERTIUM_DATADIR``, or ``share/apertium`` beside the programs.

    Raises:
        EngineUnavailable: with what was looked for.
    """
    for program in PROGRAMS:
        if shutil.which(program) is None:
            raise EngineUnavailable(f"apertium is not installed (no program '{program}' on PATH)", hint=INSTALL)
    beside = Path(str(shutil.which("apertium"))).resolve().parent.parent / "share" / "apertium"
    data = Path(folder or os.environ.get("APERTIUM_DATADIR", "") or beside)
    if not (data / "modes").is_dir():
        raise EngineUnavailable(f"no apertium data: {data / 'modes'} is not a folder", hint=INSTALL)
    return Installation(data)


def _codes(tag: str) -> list[str]:
    """Apertium's spellings of a tag: ``ca-valencia`` is ``cat_valencia`` or, in older data, ``ca_valencia``."""
    import langcodes

    if tag in SERBO_CROATIAN:
        return [SERBO_CROATIAN[tag]]
    language, *rest = tag.split("-")
    try:
        bases = [str(langcodes.Language.get(language).to_alpha3()), language]
    except LookupError:
        bases = [language]
    return ["_".join([base, *rest]) for base in dict.fromkeys(bases)]


def _ask(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, timeout=ASK_SECONDS, check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineUnavailable(f"apertium does not work: {error}", hint=INSTALL) from error
    return done.stdout.decode("utf-8", "replace").strip()


def _data_hash(path: Path) -> str:
    from harness.store.cache.keys import digest

    text = path.read_text(encoding="utf-8")
    files = {Path(word) for word in shlex.split(text) if "/" in word and Path(word).is_file()}
    return digest([text, *(hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files))])
