"""What was read off langcodes is what it says."""

from __future__ import annotations

import langcodes
import pytest

from harness.workspace.common_languages import COMMON
from harness.workspace.languages import direction, display_name, parse_tag, script_of


@pytest.mark.parametrize("tag", COMMON)
def test_every_entry_is_what_the_library_says(tag: str) -> None:
    language = langcodes.Language.get(tag)
    assert langcodes.tag_is_valid(tag)
    assert langcodes.standardize_tag(tag) == tag == parse_tag(tag)
    assert (display_name(tag), script_of(tag)) == (language.display_name("en"), language.maximize().script)


def test_other_tags_are_looked_up() -> None:
    assert parse_tag("PT_br") == "pt-BR"
    assert display_name("pt-BR") == "Portuguese (Brazil)"
    assert script_of("zh-TW") == "Hant"
    assert script_of("sr-Latn") == "Latn"
    assert (direction("ar"), direction("pa-Arab"), direction("pa")) == ("rtl", "rtl", "ltr")
