"""No key is left in anything that is shown or kept, in whatever form a service, an SDK or a program gives it back."""

from __future__ import annotations

import base64
import html
import json
import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.engines.wire.errors import SHORT, short
from harness.errors import Transient
from harness.store.runs.directory import list_runs, load_run
from harness.types import Translated
from harness.workspace.redaction import FRAGMENT, REDACTOR, Redactor
from tests.cli.conftest import Shell, harness
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY, Vendor, all_vendors
from tests.workspace import write_article, write_system

__all__ = ["harness"]

SECRET = 'sk-live/Ab+Cd=Ef&Gh"12<3456>Qw~Er:Ty'

FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda key: key,
    "with its prefix": lambda key: f"Bearer {key}",
    "percent-encoded": lambda key: quote(key, safe=""),
    "percent-encoded in part": lambda key: quote_plus(key, safe="/:"),
    "percent-encoded twice": lambda key: quote(quote(key, safe=""), safe=""),
    "in JSON": json.dumps,
    "in JSON with escapes for all": lambda key: "".join(f"\\u{ord(char):04X}" for char in key),
    "in HTML": html.escape,
    "in HTML by numbers": lambda key: "".join(f"&#{ord(char)};" for char in key),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "as Basic authentication": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "in base64 for addresses": lambda key: base64.urlsafe_b64encode(f"x:{key}:y".encode()).decode(),
    "in hexadecimal": lambda key: key.encode().hex().upper(),
    "in hexadecimal with spaces": lambda key: key.encode().hex(" "),
    "in hexadecimal with colons": lambda key: key.encode().hex(":"),
    "in base32": lambda key: base64.b32encode(key.encode()).decode(),
    "in octal": lambda key: "".join(f"\\{ord(char):03o}" for char in key),
    "as Rust escapes it": lambda key: "".join(f"\\u{{{ord(char):x}}}" for char in key),
    "as Python escapes it": lambda key: "".join(f"\\U{ord(char):08x}" for char in key),
    "as mail escapes it": lambda key: "".join(f"={ord(char):02X}" for char in key),
    "with spaces that are not seen": "\u200b".join,
    "in capitals": str.upper,
}

SPREAD: dict[str, Callable[[str], str]] = {
    "in base64 on lines": lambda key: on_lines(base64.b64encode(key.encode()).decode(), 20),
    "in base64 twice": lambda key: base64.b64encode(base64.b64encode(key.encode())).decode(),
    "in base64 cut off": lambda key: base64.b64encode(key.encode()).decode()[:28] + "...",
    "in base64 of UTF-16": lambda key: base64.b64encode(key.encode("utf-16-le")).decode(),
    "in hexadecimal on lines": lambda key: on_lines(key.encode().hex(), 16),
    "in hexadecimal with 0x": lambda key: ", ".join(f"{byte:#04x}" for byte in key.encode()),
    "in hexadecimal as xxd writes it": lambda key: on_lines(key.encode().hex(), 4, " "),
    "as a list of bytes": lambda key: str(list(key.encode())),
    "as a list of letters": lambda key: json.dumps(list(key)),
    "as a list of pieces": lambda key: json.dumps([key[at : at + 7] for at in range(0, len(key), 7)]),
    "on lines": lambda key: on_lines(key, 6),
    "on lines, escaped": lambda key: on_lines(key, 6, "\\n"),
    "on lines of mail": lambda key: on_lines(key, 10, "=\r\n"),
    "with NUL": "\0".join,
    "spaced out": " ".join,
    "in wide letters": lambda key: "".join(chr(ord(char) + 0xFEE0) for char in key),
    "as CSS escapes it": lambda key: "".join(f"\\{ord(char):06x}" for char in key),
}


def on_lines(text: str, size: int, between: str = "\n") -> str:
    return between.join(text[at : at + size] for at in range(0, len(text), size))


ALL = FORMS | SPREAD


def pieces(text: str, of: str) -> list[str]:
    """What is left of a key in a text."""
    size = 2 * FRAGMENT
    of = of.removeprefix("Bearer ")
    return [of[at : at + size] for at in range(len(of) - size + 1) if of[at : at + size] in text]


@pytest.mark.parametrize("form", ALL)
@pytest.mark.parametrize("pasted", ["{}", "{}\n", " {}", "Bearer {}", "user:{}"])
def test_every_form_is_found(form: str, pasted: str) -> None:
    redactor = Redactor()
    redactor.learn(pasted.format(SECRET))
    written = ALL[form](SECRET)
    assert not pieces(redactor(f"bad key: {written}, sorry"), written)
    text, count = redactor.answer(f"bad key: {written}, sorry", "Schlechter Schlüssel")
    assert not pieces(text, written)
    assert count >= 1


@settings(max_examples=20, deadline=None)
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=60), st.sampled_from(list(FORMS))
)
def test_keys_of_any_characters(key: str, form: str) -> None:
    redactor = Redactor()
    redactor.learn(key)
    written = FORMS[form](key)
    assert written not in redactor(f"<{written}>")


def test_each_line_of_a_value_with_line_breaks() -> None:
    redactor = Redactor()
    redactor.learn(f"{SECRET}\nSECOND-9876543210")
    assert redactor(f"{SECRET} SECOND-9876543210 {SECRET!r}") == "*** '***'"
    assert redactor("SECOND-9876543210") == "***"


@pytest.mark.parametrize("before", range(SHORT - len(SECRET) - 5, SHORT + 5))
def test_an_excerpt_is_cut_after_the_key_is_gone(before: int) -> None:
    REDACTOR.learn(SECRET)
    assert SECRET[:FRAGMENT] not in short("." * before + SECRET + " and more" * 60)


def test_a_key_cut_by_somebody_else() -> None:
    redactor = Redactor()
    redactor.learn(SECRET)
    assert SECRET[:FRAGMENT] not in redactor(f"Incorrect API key: {SECRET[:20]}...")
    assert SECRET[-FRAGMENT:] not in redactor(f"...{SECRET[14:]}")


def test_ordinary_words_stay_in_translations() -> None:
    redactor = Redactor()
    for word in ("test", "password", "ein-translation-key"):
        redactor.learn(word)
    assert redactor.answer("This test has a translation", "Dieser Test") == ("This test has a translation", 0)
    assert redactor.answer("the password", "the password") == ("the password", 0)
    assert redactor("attested: test") == "attested: ***"


def test_a_key_that_is_words_does_not_take_words_apart() -> None:
    redactor = Redactor()
    for key in ("correct horse battery staple", "0123456789abcdef0123"):
        redactor.learn(key)
    assert redactor("correct, horse; battery!") == "correct, horse; battery!"
    assert redactor.answer("On 01.23.45 6789 ab", "x") == ("On 01.23.45 6789 ab", 0)
    text = "0123-4567-89ab-cdef-0123"
    assert redactor.answer(text, f"Nr. {text}") == (text, 0)
    assert redactor.answer(f"<{text}>", "Nr.") == ("<***>", 1)


def test_errors_of_plug_ins_too() -> None:
    REDACTOR.learn(SECRET)
    error = Transient(f"no: {SECRET}", hint=f"try {SECRET}")
    assert SECRET not in str(error) + error.hint


VENDORS = {name: vendor for name, vendor in all_vendors().items() if not vendor.missing()}


def echo(vendor: Vendor, status: int) -> Callable[[Seen], Response]:
    """Answers with the key in the form that the number in the text says."""
    forms = list(ALL.values())

    def handler(seen: Seen) -> Response:
        asked = vendor.sources(seen)
        if not asked:
            return vendor.success(seen, str)
        written = forms[int(asked[0].split()[-1].rstrip("."))](SECRET)
        if status == 200:
            return vendor.success(seen, lambda text: f"{text} {written}")
        message = "." * 250 + written
        return Response.of({"error": {"message": message, "code": status}, "message": message}, status)

    return handler


def left_behind(root: Path, shown: str, written: list[str]) -> list[tuple[str, str]]:
    """Where a form of the key is: files of the run, the cache, reports; and what was printed."""
    found = [("printed", form) for form in written if form in shown]
    for path in root.rglob("*"):
        if path.is_file() and "systems" not in path.parts:
            data = path.read_bytes()
            found += [(str(path), form) for form in written if form.encode() in data]
    return found


@pytest.mark.parametrize(
    "status", [200, 400, pytest.param(401, marks=pytest.mark.slow), pytest.param(500, marks=pytest.mark.slow)]
)
def test_nothing_is_left_by_any_engine(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    harness: Shell,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """Every service echoes the key in every form: as the translation, and as what went wrong."""
    caplog.set_level(logging.DEBUG)
    write_article(tmp_path, "one", [(f"Satz {number}.", f"Line {number}.") for number in range(len(ALL))])
    program = "import os, sys; sys.stderr.write('x' * 1990 + os.environ['K'] + 'y' * 1980); sys.exit(3)"
    argv = json.dumps([sys.executable, "-c", program])
    limits = "[limits]\nattempts = 1\nmax_segments = 1\n"
    write_system(tmp_path, "program", f'engine = "command"\napi_key_env = "K"\n[options]\nargv = {argv}\n{limits}')
    monkeypatch.setenv("K", SECRET)
    with ExitStack() as servers:
        for name, vendor in VENDORS.items():
            for variable, value in vendor.environment.items():
                monkeypatch.setenv(variable, f"{SECRET}\n" if value == KEY else value)
            url = servers.enter_context(Loopback(echo(vendor, status))).url
            head = f'engine = "{vendor.engine}"\n{vendor.extra}\n[options]\n{vendor.options(url)}\n'
            write_system(tmp_path, name, head + limits)
        finished = harness("run", "-C", tmp_path, "--metric", "chrf")
    written = sorted({form(SECRET) for form in ALL.values()} | {SECRET[:10], SECRET[-10:]})
    assert left_behind(tmp_path, finished.out + finished.err + caplog.text, written) == []
    if status == 200:
        (run,) = list_runs(tmp_path / "reports" / "runs")
        answers = [
            outcome
            for system in load_run(run).pairs[0].systems
            for outcome in system.outcomes
            if isinstance(outcome, Translated)
        ]
        of_one_line = [form for form in ALL.values() if not {"\n", "\0"} & set(form(SECRET))]  # others are no answers
        assert len(answers) == len(of_one_line) * len(VENDORS)
        assert all(answer.notes["redacted_keys"] for answer in answers)
