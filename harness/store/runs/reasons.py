"""Reasons in the files of a run: as data, to be said in any language, and in English, for whoever reads the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.store.runs.schema import FieldFile, MissingFile, PartFile, ReasonedFile, ReasonFile
from harness.types import NO_FIX, Missing, Part, Reason, told

Words = Callable[[Reason], str]
"""The English of a reason. The store does not know the words: who writes a run brings them."""

_AS_TEXT = frozenset({told("").key, NO_FIX.key})
"""Of these the text says all."""


def encode_reasons(words: Words, **whys: Reason) -> dict[str, Any]:
    """The fields of a :class:`~harness.store.runs.schema.ReasonedFile`: the English by name, and what it is made of."""
    made = {name: _encode(reason) for name, reason in whys.items() if reason.key not in _AS_TEXT}
    return {name: words(reason) for name, reason in whys.items()} | {"reasons": made}


def decode_reason(entry: ReasonedFile, name: str) -> Reason:
    """The reason whose English the field ``name`` has."""
    text: str = getattr(entry, name)
    kept = entry.reasons.get(name)
    return told(text) if kept is None else Reason(kept.key, _decode_fields(kept.fields), text)


def encode_missing(missing: Missing, words: Words) -> MissingFile:
    """See :func:`decode_missing`."""
    return MissingFile(**encode_reasons(words, missing=missing.why, fix=missing.fix))


def decode_missing(missing: ReasonedFile) -> Missing:
    """Of a :class:`~harness.store.runs.schema.MissingFile`."""
    fix = decode_reason(missing, "fix")
    return Missing(decode_reason(missing, "missing"), NO_FIX if fix == told("") else fix)


def encode_reason(reason: Reason) -> dict[str, Any]:
    """For JSON that is not the run's own file; see :func:`read_reason`."""
    return _encode(reason).model_dump(mode="json")


def read_reason(data: object, kept: str = "") -> Reason:
    """What :func:`encode_reason` made of a reason, with the English it was kept with.

    Raises:
        ValueError: it is something else.
    """
    record = ReasonFile.model_validate(data)
    return Reason(record.key, _decode_fields(record.fields), kept)


def _encode(reason: Reason) -> ReasonFile:
    return ReasonFile(key=reason.key, fields={name: _encode_field(value) for name, value in reason.fields.items()})


def _encode_field(value: str | float | Part | Reason) -> FieldFile:
    if isinstance(value, Reason):
        return _encode(value)
    if isinstance(value, Part):
        several = isinstance(value.value, tuple | list)
        kept = tuple(map(_encode_field, value.value)) if several else _encode_field(value.value)
        return PartFile(part=value.kind, value=kept, of=value.of, decimals=value.decimals)
    return value


def _decode_fields(fields: Mapping[str, FieldFile]) -> dict[str, str | int | float | Part | Reason]:
    return {name: _decode_field(value) for name, value in fields.items()}


def _decode_field(value: FieldFile) -> str | int | float | Part | Reason:
    if isinstance(value, ReasonFile):
        return Reason(value.key, _decode_fields(value.fields))
    if isinstance(value, PartFile):
        kept = value.value
        parts = tuple(_decode_field(part) for part in kept) if isinstance(kept, tuple) else _decode_field(kept)
        return Part(value.part, parts, value.of, value.decimals)
    return value
