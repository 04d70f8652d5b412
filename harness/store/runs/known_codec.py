"""What systems may know of a run's texts, as records, and back."""

from __future__ import annotations

from collections.abc import Mapping

from harness.store.runs.fields import by_name
from harness.store.runs.known_schema import ChangedFile, MemorisationFile, OverlapFile, RecitedFile
from harness.store.runs.reasons import Words, decode_missing, encode_missing
from harness.store.runs.result import OVERLAP_NOT_KEPT
from harness.store.runs.schema import MissingFile
from harness.types import Changed, Memorisation, Missing, Overlap, Overlaps, Recited, SystemName

OverlapFiles = dict[str, OverlapFile | MissingFile]
MemorisationFiles = dict[str, MemorisationFile | MissingFile]


def encode_overlaps(overlaps: Overlaps | Missing, words: Words) -> OverlapFiles | MissingFile:
    """What of the texts is in which file."""
    if isinstance(overlaps, Missing):
        return encode_missing(overlaps, words)
    return {
        file: encode_missing(item, words) if isinstance(item, Missing) else OverlapFile(**by_name(item, OverlapFile))
        for file, item in overlaps.items()
    }


def decode_overlaps(entry: OverlapFiles | MissingFile | None) -> Overlaps | Missing:
    """What :func:`encode_overlaps` wrote; runs of before it did not look."""
    if entry is None:
        return OVERLAP_NOT_KEPT
    if isinstance(entry, MissingFile):
        return decode_missing(entry)
    return {
        file: decode_missing(item) if isinstance(item, MissingFile) else Overlap(**by_name(item, Overlap))
        for file, item in entry.items()
    }


def encode_memorised(memorised: Mapping[SystemName, Memorisation | Missing], words: Words) -> MemorisationFiles:
    """What models know by heart."""
    return {
        str(name): encode_missing(item, words) if isinstance(item, Missing) else _encode(item)
        for name, item in memorised.items()
    }


def decode_memorised(entry: MemorisationFiles) -> dict[SystemName, Memorisation | Missing]:
    """What :func:`encode_memorised` wrote."""
    return {
        SystemName(name): decode_missing(item) if isinstance(item, MissingFile) else _decode(item)
        for name, item in entry.items()
    }


def _encode(item: Memorisation) -> MemorisationFile:
    recited = tuple(RecitedFile(**by_name(one, RecitedFile)) for one in item.recited)
    changed = tuple(ChangedFile(**by_name(one, ChangedFile)) for one in item.changed)
    return MemorisationFile(**by_name(item, MemorisationFile, recited=recited, changed=changed))


def _decode(item: MemorisationFile) -> Memorisation:
    recited = tuple(Recited(**by_name(one, Recited)) for one in item.recited)
    changed = tuple(Changed(**by_name(one, Changed)) for one in item.changed)
    return Memorisation(**by_name(item, Memorisation, recited=recited, changed=changed))
