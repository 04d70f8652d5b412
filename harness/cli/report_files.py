"""Where a report goes: to stdout in one format, or to files, each in the format that its suffix names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.options import chosen_format
from harness.cli.streams import emit, refuse_terminal, say_line
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.reports.interface import Report

USUAL = "terminal"
"""The format where neither ``--format`` nor a suffix names one."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One report to be written."""

    format: str
    report: Report
    file: Path | None
    """None: stdout."""

    @property
    def on_screen(self) -> bool:
        """Whether it is laid out for the terminal that the command runs in."""
        return self.format == USUAL and self.file is None

    def at(self, file: Path) -> Destination:
        """The same in a file."""
        return replace(self, file=file)


def destinations(given: str | None, outputs: Sequence[Path], command: str) -> tuple[Destination, ...]:
    """What ``--format`` and ``-o`` ask for; asked before any work is done.

    Args:
        given: of ``--format``; with one file it overrules the suffix.
        outputs: the files.
        command: how a message calls the command: ``harness report``.

    Raises:
        UsageError: unknown format or suffix, a package is missing, a file cannot be there, or is named twice; or
            stdout is a terminal and the format is no text.
    """
    from harness.reports.load import load_report
    from harness.workspace.registry import names

    chosen = None if given is None else chosen_format(given, names("reports"))
    if not outputs:
        report = load_report(chosen or USUAL)
        hint = f"write it to a file: {command} -o report.{report.extension}"
        refuse_terminal(chosen or USUAL, binary=report.binary, hint=hint)
        return (_ready(Destination(chosen or USUAL, report, None)),)
    files = named_files(chosen, outputs, _suffixes())
    return tuple(_ready(Destination(name, load_report(name), file)) for name, file in files)


def named_files(
    chosen: str | None, outputs: Sequence[Path], by_suffix: Mapping[str, str]
) -> tuple[tuple[str, Path], ...]:
    """The format of each file of ``-o``.

    Args:
        chosen: of ``--format``; with one file it overrules the suffix.
        outputs: the files.
        by_suffix: suffix, dot included, to format.

    Raises:
        UsageError: an unknown suffix, a file that cannot be there or is named twice, or one format for several.
    """
    if chosen is not None and len(outputs) > 1:
        raise UsageError(
            f"--format {chosen} with {len(outputs)} files",
            hint="leave out --format: the suffix of each file names its format",
        )
    for number, output in enumerate(outputs):
        if output in outputs[:number]:
            raise UsageError(f"-o {output} is given twice", hint="name each file once")
    files = [(chosen or _format_of(output, by_suffix), output) for output in outputs]
    for name, output in files:
        _check_place(output, next((suffix for suffix, known in by_suffix.items() if known == name), ""))
    return tuple(files)


def deliver(
    render: Callable[[Destination], bytes],
    where: Sequence[Destination],
    *,
    told: Path | None = None,
    quiet: bool = False,
) -> None:
    """Render each report and write it, files one by one; stderr says where each is, except ``told``.

    A terminal shows how far that is, unless ``quiet``.
    """
    from harness.store.files import write_named
    from harness.workspace.progress import bars_on_stderr

    shown: list[tuple[bytes, str]] = []
    written: list[Path] = []
    try:
        with bars_on_stderr(quiet=quiet) as progress:
            for number, destination in enumerate(where):
                progress.update("report", number, len(where))
                data = render(destination)
                if destination.file is None:
                    shown.append((data, destination.format))
                else:
                    write_named(destination.file, data)
                    written.append(destination.file)
            progress.update("report", len(where), len(where))
    finally:  # what stands on the disk is said, even where a later one fails
        for file in written:
            if file != told:
                say_line(f"report: {file}")
    for data, name in shown:
        emit(data, name)


def _suffixes() -> dict[str, str]:
    """Suffix to report format; where two have the same, that of the harness."""
    from harness.reports.load import extension_of
    from harness.workspace.registry import is_ours, names

    by_suffix: dict[str, str] = {}
    for name in sorted(names("reports"), key=lambda name: not is_ours("reports", name)):
        by_suffix.setdefault(f".{extension_of(name)}", name)
    return by_suffix


def _format_of(output: Path, by_suffix: Mapping[str, str]) -> str:
    """The format that a file's suffix names; a file without a suffix is plain text."""
    from harness.workspace.registry import suggestion

    if not output.suffix:
        return USUAL
    if output.suffix in by_suffix:
        return by_suffix[output.suffix]
    near = output.suffix.lower()
    if near in by_suffix:
        hint = f"did you mean {output.with_suffix(near).name}?"
    else:
        hint = f"{suggestion(output.suffix, list(by_suffix))}; or name the format: --format md"
    raise UsageError(f"-o {output}: no format has the suffix {output.suffix}", hint=hint)


def _check_place(output: Path, suffix: str) -> None:
    if output.is_dir():
        raise UsageError(f"-o {output} is a folder", hint=f"name a file in it: {output / 'report'}{suffix}")
    if not output.parent.is_dir():
        raise UsageError(f"-o {output}: the folder {output.parent} does not exist", hint="create it first")


def _ready(destination: Destination) -> Destination:
    from harness.reports.interface import NeedsPackages

    if isinstance(destination.report, NeedsPackages):
        destination.report.check_packages()
    return destination
