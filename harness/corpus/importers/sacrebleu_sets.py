"""``sacrebleu:wmt24:en-es``: a test set that sacrebleu downloads, or has in its folder already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.corpus.importers.model import Imported, Importer, Place, Request
from harness.corpus.importers.rows import Row, articles_from_rows
from harness.corpus.importers.test_set import same_languages
from harness.corpus.importers.wmt_xml import read_wmt_xml
from harness.corpus.text import read_lines
from harness.errors import DataError, UsageError
from harness.types import Note
from harness.workspace.registry import suggestion

PREFIX = "sacrebleu:"
_ARTICLE_FIELDS = {"domain": "domain", "genre": "domain", "origlang": "origlang"}


def is_test_set_name(path: Path) -> bool:
    """Whether this is no file, but names a test set."""
    return str(path).startswith(PREFIX)


def read_sacrebleu(request: Request) -> Imported:
    """Read a test set with its documents and, where sacrebleu has them, the outputs of systems.

    Raises:
        UsageError: no such test set, or it does not have the pair.
        DataError: it is not on this machine, and cannot be downloaded.
    """
    if len(request.files) != 1:
        raise UsageError("a test set of sacrebleu is imported on its own", hint="name one")
    named = str(request.files[0])
    name, _, pair = named.removeprefix(PREFIX).rpartition(":")
    dataset = _dataset(name, pair, named)
    if not same_languages(pair, request.pair):
        raise UsageError(f"{named}: its pair is not {request.pair}", hint=f"--pair {pair}")
    try:
        if hasattr(dataset, "_get_langpair_path"):  # the XML since 2021, with segments that have no reference
            dataset.maybe_download()
            path = Path(dataset._get_langpair_path(pair))  # noqa: SLF001 - no public name leads to the raw file
            return read_wmt_xml(replace(request, files=(path,)))
        fields, paths = dataset.fieldnames(pair), dataset.get_files(pair)
    except (OSError, RuntimeError, SystemExit) as error:
        folder = Path(dataset._outdir)  # noqa: SLF001 - the folder is part of the advice
        raise DataError(
            f"{named}: not in {folder}, and it cannot be downloaded: {error}",
            hint=f"on a machine with network: sacrebleu -t {name} -l {pair} --echo src > /dev/null; then copy {folder}",
        ) from None
    return _from_fields({field: Path(path) for field, path in zip(fields, paths, strict=True)}, name)


def _dataset(name: str, pair: str, named: str) -> Any:
    from sacrebleu.dataset import DATASETS

    if not name or name not in DATASETS:
        raise UsageError(
            f"{named}: sacrebleu has no test set '{name}'",
            hint=suggestion(name, sorted(DATASETS)) + "; write sacrebleu:wmt24:en-es",
        )
    dataset = DATASETS[name]
    if pair not in dataset.langpairs:
        raise UsageError(f"{named}: it has no pair '{pair}'", hint=f"it has: {', '.join(sorted(dataset.langpairs))}")
    return dataset


def _from_fields(files: dict[str, Path], name: str) -> Imported:
    lines = {field: read_lines(path).lines for field, path in files.items()}
    references = [field for field in lines if field == "ref" or field.startswith("ref:")]
    documents = lines.get("docid")
    rows = [
        Row(
            where=f"{files['src']}:{index + 1}",
            article=documents[index] if documents else name.replace("/", "_"),
            source=text,
            references=tuple(lines[field][index] for field in references),
            meta={
                key: lines[field][index]
                for field, key in _ARTICLE_FIELDS.items()
                if field in lines and lines[field][index]
            },
            place=Place(files["src"].name, index + 1, len(lines["src"])),
        )
        for index, text in enumerate(lines["src"])
        if text
    ]
    articles, renamed = articles_from_rows(rows, interleaved=True)
    notes = [] if documents else [Note(str(files["src"]), "the test set names no documents: it is one article")]
    return Imported(articles, (*notes, *renamed))


SACREBLEU = Importer(read_sacrebleu)
