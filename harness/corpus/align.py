"""Line for line: source and reference files that go together, and where they part when they do not."""

from __future__ import annotations

from collections.abc import Sequence

from harness.corpus.text import TextFile
from harness.errors import DataError, so_many


def check_alignment(source: TextFile, reference: TextFile) -> None:
    """Check that two files go line for line.

    Raises:
        DataError: with both counts and the first place where they part, or with the line of a translation that
            stands beside an empty source line.
    """
    counts = len(source.lines), len(reference.lines)
    if counts[0] != counts[1]:
        line, problem = where_they_part(source.lines, reference.lines)
        raise DataError(
            f"{source.path} has {so_many(counts[0], 'line')}, but {reference.path} has {counts[1]}; "
            f"they must match line by line. The first mismatch is at line {line}: {problem}",
            hint=f"compare both files around line {line}; leave the line of a missing translation empty",
        )
    for number, (text, translation) in enumerate(zip(source.lines, reference.lines, strict=True), start=1):
        if translation and not text:
            raise DataError(
                f"{reference.at(number)}: this line has text, but the same line of {source.path.name} is empty",
                hint="an empty source line is a paragraph break: remove the text, or look for a shift above",
            )


def where_they_part(source: Sequence[str], reference: Sequence[str]) -> tuple[int, str]:
    """Find the first line at which two files of different length stop belonging together.

    Only empty lines are evidence, because they mean something: an empty source line is a paragraph break and must
    be empty in the reference too. An empty reference line beside a source segment is legal (no reference), so it
    counts only when it stands right before such a break, or when the reference has lines too many.

    Args:
        source: Lines of the source file.
        reference: Lines of the reference file; another number of them.

    Returns:
        The 1-based line, and what is to be seen there.
    """
    shared = min(len(source), len(reference))
    for index in range(shared):
        if not source[index] and reference[index]:
            first = index
            while first > 0 and source[first - 1] and not reference[first - 1]:
                first -= 1
            if first < index:
                return first + 1, "the reference has a paragraph break here, but the source does not"
            return index + 1, "the source has a paragraph break here, but the reference does not"
    if len(reference) > len(source):
        for index in range(shared):
            if source[index] and not reference[index]:
                return index + 1, "the reference line is empty, but the source line is not"
    longer = "source" if len(source) > len(reference) else "reference"
    return shared + 1, f"only the {longer} has this line; nothing above shows where a line was lost or added"
