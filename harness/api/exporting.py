"""Handing a part of a run over to another tool."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.analysis import analyse
from harness.analysis.choice import choose, parse_choice
from harness.analysis.subset import subset_pair
from harness.corpus.layout import layout_of_workspace
from harness.corpus.names import list_pairs
from harness.errors import HarnessError, UsageError
from harness.metrics.load import formulas
from harness.reports.exporters.interface import Exporter, Handoff, OriginalLine
from harness.reports.exporters.load import load_exporter
from harness.store.files import write_atomically, write_named
from harness.store.runs.result import PairResult, Run
from harness.types import Missing, Note, OriginalLines, Reason, SegmentId
from harness.workspace.languages import parse_pair
from harness.workspace.registry import suggestion

_OTHER_SUFFIXES = {"xliff": (".xlf",), "json": (".jsonl",), "tsv": (".txt",)}


@dataclass(frozen=True, slots=True)
class Exports:
    """What was written."""

    paths: tuple[Path, ...]
    """In the order in which the format has them."""
    notes: tuple[Note, ...]
    """What was left out or changed, and why."""
    segments: int
    systems: int


def export(
    run: Run,
    to: str,
    output: str | Path | None = None,
    *,
    pair: str = "",
    systems: Sequence[str] = (),
    which: str = "all",
    n: int | None = None,
    seed: int | None = None,
    workspace: str | Path = ".",
    force: bool = False,
) -> Exports:
    """Write the files of another tool for a part of a run, as ``harness export`` does.

    Args:
        run: from :func:`run`, :func:`score`, or :func:`load_run`.
        to: a name from ``harness list exporters``.
        output: the file, or the folder where the format is one; None for one below ``reports/exports``.
        pair: such as ``de-en``; needed where the run has several.
        systems: names; empty for all.
        which: ``all``, ``slice KEY=VALUE``, ``list FILE``, ``disagreement`` or ``sample``; see
            :mod:`harness.analysis.choice`.
        n: how many segments of ``disagreement`` and ``sample``, which take 100 where it is None.
        seed: of the sample and of the order in which systems are shown; None takes that of the run.
        workspace: whose references say on which lines of the imported file segments stood.
        force: replace files that exist: perhaps somebody has rated what is in them.

    Raises:
        UsageError: a name is unknown, nothing was chosen, the format cannot hold it, ``output`` has another suffix than
            the format, or a file is there already and ``force`` is false.
    """
    exporter = load_exporter(to)
    drawn = run.seed if seed is None else seed
    choice = parse_choice(which, n, drawn)
    chosen = chosen_systems(chosen_pair(run, pair), systems)
    part = subset_pair(chosen, choose(chosen, choice), formulas(run.settings))
    standing = analyse(replace(run, pairs=(chosen,))).pairs[0].standing.ranked
    best = standing[0].name if standing else Missing(Reason("decision.nothing"))
    originals = _originals(Path(workspace), part)
    words = [word for word in to.split("-") if word != exporter.extension]
    name = ".".join([str(part.pair), *filter(None, ["-".join(words)])])
    target = _target(output, exporter, _own_folder(Path(workspace), run.id) if output is None else Path(), name)
    exported = exporter.export(Handoff(run.id, run.created, part, best, str(choice), drawn, originals))
    paths = {
        (target.with_suffix(name) if name else target) if exporter.extension else target / name: data
        for name, data in exported.files.items()
    }
    _refuse_existing(paths, force=force)
    for path, data in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write = write_atomically if output is None or _leads_out(path, Path(workspace)) else write_named
        write(path, data)
    return Exports(tuple(paths), exported.notes, len(part.corpus.segments), len(part.systems))


def chosen_pair(run: Run, pair: str) -> PairResult:
    """The pair of a run by its name; the only one where none is named.

    Raises:
        UsageError: there is no such pair, or several and none is named.
    """
    known = [str(result.pair) for result in run.pairs]
    if pair:
        name = str(parse_pair(pair))
        if name not in known:
            raise UsageError(f"the run has no pair '{pair}'", hint=suggestion(pair, known))
        return run.pairs[known.index(name)]
    if len(run.pairs) != 1:
        pairs_found = f"several pairs: {', '.join(known)}" if known else "no pair"
        raise UsageError(f"the run has {pairs_found}", hint=f"--pair {known[0]}" if known else "choose another run")
    return run.pairs[0]


def chosen_systems(result: PairResult, names: Sequence[str]) -> PairResult:
    """A pair with these systems only; with all where none is named.

    Raises:
        UsageError: there is no such system.
    """
    known = [str(system.name) for system in result.systems]
    for name in names:
        if name not in known:
            raise UsageError(f"the run has no system '{name}'", hint=suggestion(name, known))
    if not names:
        return result
    return replace(result, systems=tuple(system for system in result.systems if system.name in names))


def _originals(workspace: Path, result: PairResult) -> Mapping[SegmentId, OriginalLine]:
    """Lines of the imported files, where the workspace has them and its sources are those of the run."""
    folder = workspace / "references"
    if not folder.is_dir():
        return {}
    try:
        if result.pair not in list_pairs(folder):
            return {}
        layout = layout_of_workspace(folder, result.corpus, ())
    except HarnessError:  # of another workspace, or damaged: the run itself has all that is needed
        return {}
    return {
        segment: OriginalLine(file, line)
        for file, lines in layout.originals.items()
        if isinstance(lines, OriginalLines)
        for line, segment in lines.segments.items()
        if segment.article not in lines.changed
    }


def _own_folder(workspace: Path, run: str) -> Path:
    """Where exports of a run go; a run or a workspace that a stranger made does not lead elsewhere.

    Raises:
        UsageError: the id of the run is no name, or a link leads out of the workspace.
    """
    exports = workspace / "reports" / "exports"
    folder, inside = exports / run, exports.resolve()
    if folder.resolve().parent != inside or not inside.is_relative_to(workspace.resolve()):
        raise UsageError(f"{folder} is not in the workspace", hint="say where to write: -o PATH")
    return folder


def _leads_out(path: Path, workspace: Path) -> bool:
    """Whether a name in the workspace is a link to something outside, which a stranger may have made."""
    root = workspace.resolve()
    return path.parent.resolve().is_relative_to(root) and not path.resolve().is_relative_to(root)


def _target(output: str | Path | None, exporter: Exporter, folder: Path, name: str) -> Path:
    if output is None:
        target = folder / (f"{name}.{exporter.extension}" if exporter.extension else name)
        if not exporter.extension:
            _refuse_files_in(target)
        return target
    target = Path(output)
    if exporter.extension:
        if target.is_dir() or not target.parent.is_dir():
            raise UsageError(f"{target}: not a file in an existing folder", hint="name a file in an existing folder")
        if target.suffix.lower() not in {f".{exporter.extension}", *_OTHER_SUFFIXES.get(exporter.extension, ())}:
            raise UsageError(
                f"{target}: this format is a .{exporter.extension} file",
                hint=f"-o {target.with_suffix(f'.{exporter.extension}')}",
            )
        return target
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target}: is a file, but this format is a folder", hint="name a folder that does not exist")
    _refuse_files_in(target)
    return target


def _refuse_existing(paths: Collection[Path], *, force: bool) -> None:
    """Return if nothing is replaced that was not given up."""
    existing = [str(path) for path in paths if path.is_file()]
    if existing and not force:
        raise UsageError(
            f"already there: {', '.join(existing)}", hint="name another file with -o, or replace them with --force"
        )


def _refuse_files_in(folder: Path) -> None:
    """A tool would read files of an earlier hand-off along with the new ones."""
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder}: the folder is not empty", hint="remove it, or name another with -o")
