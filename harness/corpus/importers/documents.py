"""The paragraphs of a document of any kind that can be read: Word, HTML, or plain text."""

from __future__ import annotations

from pathlib import Path

from harness.corpus.importers.docx import DOCX, read_docx_document
from harness.corpus.importers.foreign import refuse_foreign
from harness.corpus.importers.head import read_head
from harness.corpus.importers.html import HTML, read_html_document
from harness.corpus.importers.paragraphs import Document, make_document
from harness.corpus.text import is_blank, read_lines


def paragraphs_of(path: Path) -> Document:
    """Read a document; by its content, then by its suffix. In plain text every line that is not blank is a paragraph.

    Raises:
        DataError: the file cannot be read, is of another kind, or has no text.
        UsageError: a package for its format is missing.
    """
    head = read_head(path)
    for importer, read in ((DOCX, read_docx_document), (HTML, read_html_document)):
        if importer.recognises(head) or head.suffix in importer.suffixes:
            return read(path)
    refuse_foreign(head)
    file = read_lines(path, bom="drop", crlf="convert")
    document = make_document(path, [line.strip() for line in file.lines if not is_blank(line)], {})
    return Document(path, document.paragraphs, file.notes)
