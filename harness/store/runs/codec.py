"""A run as plain records and arrays, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.store.cache.keys import corpus_digest
from harness.store.runs.fields import by_name
from harness.store.runs.known_codec import decode_memorised, decode_overlaps, encode_memorised, encode_overlaps
from harness.store.runs.looks import looks_of
from harness.store.runs.reasons import Words, decode_missing, decode_reason, encode_missing, encode_reasons
from harness.store.runs.result import PairResult, Run
from harness.store.runs.schema import (
    SCHEMA,
    ArticleEntry,
    NoteEntry,
    PairEntry,
    RunFile,
)
from harness.store.runs.system_codec import (
    Array,
    Record,
    decode_cost,
    decode_system,
    encode_cost,
    encode_flag,
    encode_outcome,
    encode_system,
)
from harness.store.runs.units import declared_unit
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    LangPair,
    Missing,
    Note,
    Segment,
    SegmentId,
    SystemName,
)


@dataclass(frozen=True, slots=True)
class EncodedRun:
    """What the files of a run directory hold."""

    manifest: RunFile
    segments: list[Record]
    outcomes: list[Record]
    arrays: dict[str, Array]


def encode_run(run: Run, words: Words) -> EncodedRun:
    """Take a run apart; ``words`` says its reasons in English."""
    segments: list[Record] = []
    outcomes: list[Record] = []
    arrays: dict[str, Array] = {}
    pairs = []
    for pair in run.pairs:
        segments.extend(_encode_segment(pair.pair, segment) for segment in pair.corpus.segments)
        systems = []
        name, ids = str(pair.pair), [str(segment.id) for segment in pair.corpus.segments]
        for system in pair.systems:
            flags = system.flags or ((),) * len(system.outcomes)
            for segment, outcome, flags_of_segment in zip(ids, system.outcomes, flags, strict=True):
                key = {"pair": name, "system": system.name, "segment": segment}
                # Without the key the checks did not run; an empty list says that they found nothing.
                checked = {"flags": [encode_flag(flag, words) for flag in flags_of_segment]} if system.flags else {}
                outcomes.append(key | encode_outcome(outcome) | checked)
            systems.append(encode_system(system, f"{name}/{system.name}", arrays, words))
        pairs.append(
            PairEntry(
                source=pair.pair.source,
                target=pair.pair.target,
                corpus=corpus_digest(pair.corpus),
                articles=tuple(ArticleEntry(id=item.id, meta=dict(item.meta)) for item in pair.corpus.articles),
                metrics=pair.metrics,
                systems=tuple(systems),
                absent={str(name): why for name, why in pair.absent.items()},
                notes=tuple(_encode_note(note, words) for note in pair.notes),
                metric_costs={metric: encode_cost(cost, words) for metric, cost in pair.metric_costs.items()},
                overlaps=encode_overlaps(pair.overlaps, words),
                memorised=encode_memorised(pair.memorised, words),
            )
        )
    project = encode_missing(run.project, words) if isinstance(run.project, Missing) else run.project
    manifest = RunFile(**by_name(run, RunFile, schema_version=SCHEMA, pairs=tuple(pairs), project=project))
    return EncodedRun(manifest, segments, outcomes, arrays)


def decode_run(
    manifest: RunFile, segments: Sequence[Record], outcomes: Sequence[Record], arrays: Mapping[str, Array]
) -> Run:
    """Put a run together again.

    Raises:
        ValueError: the files do not belong together.
        KeyError: a record or array is missing.
    """
    by_pair: dict[str, dict[str, list[Segment]]] = defaultdict(lambda: defaultdict(list))
    for record in segments:
        segment = Segment(
            SegmentId(ArticleId(record["article"]), record["number"]),
            record["line"],
            record["paragraph"],
            record["source"],
            tuple(record["references"]),
            record.get("meta", {}),
        )
        by_pair[record["pair"]][record["article"]].append(segment)
    said = {(item["pair"], item["system"], item["segment"]): item for item in outcomes}
    unit = declared_unit(manifest.settings)
    pairs = []
    for entry in manifest.pairs:
        lang_pair = LangPair(entry.source, entry.target)
        articles = tuple(
            Article(ArticleId(item.id), lang_pair, tuple(by_pair[str(lang_pair)][item.id]), item.meta)
            for item in entry.articles
        )
        corpus = Corpus(lang_pair, articles)
        if corpus_digest(corpus) != entry.corpus:
            raise ValueError(f"the segments of {lang_pair} differ from those of the run")
        systems = tuple(decode_system(item, corpus, said, arrays) for item in entry.systems)
        absent = {SystemName(name): why for name, why in entry.absent.items()}
        notes = tuple(map(_decode_note, entry.notes))
        costs = {metric: decode_cost(cost) for metric, cost in entry.metric_costs.items()}
        overlaps, memorised = decode_overlaps(entry.overlaps), decode_memorised(entry.memorised)
        looks = looks_of(manifest.settings, lang_pair)
        pairs.append(PairResult(corpus, entry.metrics, systems, absent, notes, unit, costs, overlaps, memorised, looks))
    project = manifest.project if isinstance(manifest.project, str) else decode_missing(manifest.project)
    return Run(**by_name(manifest, Run, pairs=tuple(pairs), project=project))


def _encode_note(note: Note, words: Words) -> NoteEntry:
    if isinstance(note.what, str):
        return NoteEntry(where=note.where, what=note.what)
    return NoteEntry(where=note.where, **encode_reasons(words, what=note.what))


def _decode_note(entry: NoteEntry) -> Note:
    return Note(entry.where, decode_reason(entry, "what") if entry.reasons else entry.what)


def _encode_segment(pair: LangPair, segment: Segment) -> Record:
    return {
        "pair": str(pair),
        "article": segment.id.article,
        "number": segment.id.number,
        "line": segment.line,
        "paragraph": segment.paragraph,
        "source": segment.source,
        "references": list(segment.references),
    } | ({"meta": dict(segment.meta)} if segment.meta else {})
