"""What a translation must be to be kept: one rule for the answers of every engine.

A segment is one line of text, and so is its translation.

1. Line breaks at either end are dropped, and so is a byte order mark: that is how programs end and begin a text.
2. A mark of the model's own at the end, such as ``</s>`` or ``<|im_end|>``, is dropped and counted (``dropped_marks``).
3. A line feed or carriage return inside, a NUL, or half of a character (a lone surrogate) fails the segment: neither a
   line of a file nor UTF-8 can hold it. Characters at which only some programs break lines, such as U+2028, stay: the
   text was paid for, and all it cannot be is recorded.
4. A text out of all proportion to its source fails the segment.

What the source holds as well may stand in the translation: it was copied. Nothing else is changed, and only the segment
itself is affected. Where it was asked for among others, it is asked for once more by itself.
"""

from __future__ import annotations

import re
from dataclasses import replace

from harness.corpus.text import LINE_BREAKS
from harness.types import Failed, Translated

FLOOR, FACTOR = 10_000, 20
"""Most characters of a translation: the factor times those of its source, and in any case the floor."""

BREAKS = "\n" + "".join(LINE_BREAKS)
BREAK = re.compile("[\n\r]")
BYTE_ORDER_MARK = "\ufeff"
NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""JSON can spell half a character, and a model cut off in the middle of an emoji does."""

MARKS = re.compile(
    r"(\s*(</s>|<s>|<pad>|<eos>|<bos>|<end_of_turn>|<\|(im_end|endoftext|eot_id|end|end_of_text|return|eom_id)\|>"
    r"|<｜end▁of▁sentence｜>|\[/INST\]))+\s*$"
)
ENDS_OF_MARKS = (">", "]")
"""What a text must end with to have a mark: the pattern tries every space of every text."""


def settle(answer: Translated, source: str) -> Translated | Failed:
    """The translation as it is kept, or why it cannot be."""
    text = answer.text.strip(BREAKS)
    if text.startswith(BYTE_ORDER_MARK) and not source.startswith(BYTE_ORDER_MARK):
        text = text.lstrip(BYTE_ORDER_MARK)
    notes = answer.notes
    if text.rstrip().endswith(ENDS_OF_MARKS) and (match := MARKS.search(text)) and match[2] not in source:
        text = text[: match.start()].rstrip(BREAKS)
        notes = {**notes, "dropped_marks": 1}
    most = max(FLOOR, FACTOR * len(source))
    if len(text) > most:
        return Failed(f"the answer has {len(text)} characters for {len(source)} of the source (maximum: {most})")
    if text.isprintable():  # as nearly all are: no line break, no NUL and no half of a character
        return answer if text == answer.text else replace(answer, text=text, notes=notes)
    for match in BREAK.finditer(text):
        if match[0] not in source:
            return Failed(f"a line break (U+{ord(match[0]):04X}) in the translation of one line")
    for match in NO_TEXT.finditer(text):
        if match[0] not in source:
            problem = (
                "NUL, which is not allowed in text" if match[0] == "\0" else "half of a character that cannot be stored"
            )
            return Failed(f"the answer contains U+{ord(match[0]):04X}, {problem}")
    return answer if text == answer.text else replace(answer, text=text, notes=notes)
