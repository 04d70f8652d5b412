"""Files that are known by their suffix and not read: refused by name, with the line that helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.corpus.importers.foreign import Foreign
from harness.corpus.importers.head import Head
from harness.errors import DataError

_CATALOGUE = "export source and translation together, as XLIFF or CSV, from the tool that keeps them"
_XCODE = "export them from Xcode as XLIFF: Product > Export Localizations"
_PANDOC = "convert it, and import the pages: pandoc FILE -o FILE.html"
_SUBTITLES = "convert it to SRT: ffmpeg -i FILE FILE.srt"
_LAYOUT = "export its text as XLIFF or .docx"
_TEXTS = "import the texts themselves"

_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "md markdown mdx": ("Markdown", _PANDOC),
    "rst adoc textile org": ("a document in wiki markup", _PANDOC),
    "tex ltx": ("LaTeX", _PANDOC),
    "yml yaml": ("YAML", _CATALOGUE),
    "ass ssa sbv sub ttml dfxp stl": ("subtitles, but neither SRT nor WebVTT", _SUBTITLES),
    "py js mjs jsx ts tsx java php rb go rs c h cpp css sh": ("source code", _TEXTS),
    "mif idml indd dita ditamap": ("a layout file", _LAYOUT),
    "eml msg mbox": ("e-mail", "save its text as UTF-8"),
    "arb": ("an ARB catalogue of one language", _CATALOGUE),
    "resx": ("a .resx catalogue of one language", _CATALOGUE),
    "properties ini toml": ("a catalogue of one language, or a configuration", _CATALOGUE),
    "xcstrings stringsdict": ("a catalogue of Xcode", _XCODE),
    "mo": ("a compiled catalogue of gettext", "msgunfmt FILE.mo -o FILE.po"),
    "score rating": ("ratings or scores", "read them with --scores"),
    "xml": ("XML of an unknown kind", "`harness list importers` shows which formats are read"),
    "log": ("a log", _TEXTS),
}
_BY_SUFFIX: Final = {suffix: Foreign(*kind) for suffixes, kind in _KINDS.items() for suffix in suffixes.split()}


def refuse_suffix(head: Head) -> None:
    """Return if the suffix is none of a format that is known and not read.

    Raises:
        DataError: it is; the message names the format, and how its texts come in.
    """
    kind = _BY_SUFFIX.get(head.suffix)
    if kind is not None:
        raise DataError(f"{head.path}: this is {kind.name}, which is not read", hint=kind.advice)
