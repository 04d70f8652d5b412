"""Inline codes: what TMX and XLIFF leave of them in the text, and that no word is glued to another."""

from __future__ import annotations

import time
from collections import Counter
from xml.sax.saxutils import escape

import pytest

from harness.corpus.importers.codes import BREAKS, DELETED, KEPT, LOST, PAIRS, SUBS, TMX_CODES, Codes, inline_text
from harness.corpus.importers.markup import one_line, parse_bytes
from harness.errors import DataError


def ph(native: str, attributes: str = "") -> str:
    return f"<ph {attributes}>{escape(native)}</ph>"


NEXT = {KEPT: 1, BREAKS: 1}
SEEN = {LOST: 1, SUBS: 1}

CASES = {
    "line break by type": ("device.<ph type='lb'/>Wait", "device. Wait", {BREAKS: 1}),
    "line break by ctype": ("a<x id='1' ctype='lb'/>b", "a b", {BREAKS: 1}),
    "line break of a dialect": ("a<x ctype='x-html-br'/>b<ph subType='xlf:lb'/>c", "a b c", {BREAKS: 2}),
    "line break by its native code": (f"a{ph('<br/>')}b{ph('<BR>')}c", "a b c", {BREAKS: 2}),
    "escaped line break": (f"a{ph(chr(92) + 'n')}b", "a b", {BREAKS: 1}),
    "written line break": ("a<ph>\n</ph>b", "a b", {BREAKS: 1}),
    "blocks in pairs": (f"a<ept i='1'>{escape('</p>')}</ept><bpt i='2'>{escape('<p>')}</bpt>b", "a b", {BREAKS: 2}),
    "tab": (f"a{ph('<text:tab/>')}b{ph('<w:tab/>')}c", "a b c", {BREAKS: 2}),
    "placeholder": (f"Hello {ph('{user}')}!", "Hello {user}!", {KEPT: 1}),
    "printf": (f"{ph('%d')} of {ph('%1$s')}, {ph('%.2f')}{ph('%%')}", "%d of %1$s, %.2f%%", {KEPT: 4}),
    "other placeholders": (
        f"{ph('{{ name }}')} {ph('${x}')} {ph('%(n)s')} {ph('@count')}",
        "{{ name }} ${x} %(n)s @count",
        {KEPT: 4},
    ),
    "placeholders in a row": (
        f"{ph('%d%s')} {ph('%USER%%HOST%')} {ph('$a$b')} {ph('$a$%%')} {ph('{a} of {b}')}",
        "%d%s %USER%%HOST% $a$b $a$%% {a} of {b}",
        {KEPT: 5},
    ),
    "messages": (
        f"{ph('PRODUCT_NAME')} {ph('{n, plural, other {#}}')}",
        "PRODUCT_NAME {n, plural, other {#}}",
        {KEPT: 2},
    ),
    "equivalent text": ("See <ph equiv-text='Figure 1'/>.", "See Figure 1.", {KEPT: 1}),
    "equivalent markup": ("a<x equiv-text='&lt;br/&gt;'/>b<x equiv-text='&lt;b&gt;'/>c", "a bc", {BREAKS: 1, PAIRS: 1}),
    "no equivalent": ("a<ph equiv=''/>b", "ab", {PAIRS: 1}),
    "shown": ("Hi <ph disp='{name}'/>", "Hi {name}", {KEPT: 1}),
    "Angular": ("Hi <x id='INTERPOLATION_1'/><x id='LINE_BREAK' ctype='lb'/>!", "Hi {INTERPOLATION_1} !", NEXT),
    "Angular, XLIFF 2": (
        "Hi <ph id='0' equiv='INTERPOLATION' disp='{{n}}'/><ph id='1' equiv='LINE_BREAK' disp='&lt;br/>'/>!",
        "Hi {{n}} !",
        NEXT,
    ),
    "memoQ": (f"a{ph('<mq:ch val=' + chr(34) + 'nbsp' + chr(34) + ' />')}b", "a\xa0b", {KEPT: 1}),
    "memoQ placeholder": (f"a {ph('<mq:rxt displaytext=' + chr(34) + '{0}' + chr(34) + ' />')}", "a {0}", {KEPT: 1}),
    "entity": (f"a{ph('&amp;')}b{ph('&#10;')}c {ph('&product;')}", "a&b c &product;", {KEPT: 2, BREAKS: 1}),
    "formatting": ("<g id='1'>Open</g> <bpt i='1'>{\\b </bpt>it<ept i='1'>}</ept>", "Open it", {PAIRS: 3}),
    "formatting inside a word": ("H<bpt i='1'>&lt;sub></bpt>2<ept i='1'/>O", "H2O", {PAIRS: 2}),
    "formatting as placeholders": (f"{ph('<b>')}Bo{ph('</b>')}ld", "Bold", {PAIRS: 2}),
    "image between words": (f"one{ph('<img src=x>')}two", "one two", {LOST: 1}),
    "image between Han characters": (f"点击{ph('<img/>')}按钮", "点击按钮", {LOST: 1}),
    "image beside a space": (f"one {ph('<img/>')}two {ph('<img/>')} three", "one two  three", {LOST: 2}),
    "image before a full stop": (f"one{ph('<img/>')}.", "one.", {LOST: 1}),
    "bookmark inside a word": (f"Mar{ph('<text:bookmark/>')}ket", "Market", {PAIRS: 1}),
    "comment": (f"Mar{ph('<!-- x -->')}ket", "Market", {PAIRS: 1}),
    "text in a code": (
        "See <ph>&lt;img alt='<sub>the <hi>red</hi> button</sub>'/></ph>.",
        "See the red button.",
        SEEN | {PAIRS: 1},
    ),
    "text in a code between words": ("See<ph>&lt;img alt='<sub>it</sub>'/></ph>now", "See it now", SEEN),
    "deleted": ("a<mrk mtype='x-sdl-deleted'>b</mrk><mrk mtype='x-sdl-added'>c</mrk>", "ac", {DELETED: 1}),
    "character": ("a<cp hex='0009'/>b", "a\tb", {}),
    "control character": ("a<cp hex='0001'/>b<cp hex='E4'/>", "a bä", {LOST: 1}),
    "comments and instructions": ("a<!-- c -->b<?p x?>c", "abc", {}),
    "CDATA": ("a <![CDATA[<b> & ]]>c", "a <b> & c", {}),
    "nested": ("<g><g><mrk>a</mrk></g></g><pc>b<ph type='lb'/></pc>c", "ab c", {PAIRS: 3, BREAKS: 1}),
    "markers": ("<sm id='1'/>a<em/><sc/>b<ec/>", "ab", {PAIRS: 4}),
    "native code kept elsewhere": ("a<ph dataRef='d1'/>b", "a b", {BREAKS: 1}),
}


@pytest.mark.parametrize("name", CASES)
def test_codes(name: str) -> None:
    xml, expected, counted = CASES[name]
    codes = Codes(Counter(), natives={"d1": "<br/>"})
    assert inline_text(parse_bytes(f"<source>{xml}</source>".encode(), "a"), codes, "a:1") == expected
    assert dict(codes.counts) == counted


@pytest.mark.parametrize(
    "native", ["A" * 5_000, "AB_" * 1_500, "%d" * 2_000, "{}" * 2_000, " " * 5_000, "%AA%" * 1_000]
)
def test_a_long_code_that_is_nearly_a_placeholder_takes_no_time(native: str) -> None:
    codes = Codes(Counter())
    started = time.process_time()
    inline_text(parse_bytes(f"<source>a{ph(native + 'é')}b</source>".encode(), "a"), codes, "a:1")
    assert time.process_time() - started < 1
    assert dict(codes.counts) == {LOST: 1}


@pytest.mark.parametrize("written", ["", "zz", "FFFFFFFF"])
def test_characters_that_there_are_not(written: str) -> None:
    with pytest.raises(DataError, match="is not a character"):
        inline_text(parse_bytes(f"<source>a<cp hex='{written}'/></source>".encode(), "a"), Codes(Counter()), "a:1")


def test_elements_that_a_format_does_not_have() -> None:
    with pytest.raises(DataError, match="a:1: <x> is not allowed"):
        inline_text(parse_bytes(b"<seg>a<x/></seg>", "a"), Codes(Counter(), TMX_CODES), "a:1")


@pytest.mark.parametrize(
    ("text", "spaces", "expected"),
    [
        (" a  b\n c ", "default", "a b c"),
        (" a  b\n c ", "preserve", "a  b c"),
        ("a\u2028b\x85c", "preserve", "a b c"),
        ("a\tb", "preserve", "a\tb"),
        (" \u200b ", "default", ""),
        (" \n ", "preserve", ""),
    ],
)
def test_white_space(text: str, spaces: str, expected: str) -> None:
    element = parse_bytes(f'<a xml:space="{spaces}"><b/></a>'.encode(), "a")[0]
    assert one_line(text, element) == (expected, expected != text)
