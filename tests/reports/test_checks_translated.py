"""The checks in another language: each of their sentences is a message, and nothing of it is left in English."""

from __future__ import annotations

import pytest

from harness.checks.interface import CheckContext, Flag, Item, Neighbour
from harness.checks.length_model import LengthModel
from harness.checks.load import load_checks
from harness.checks.merged_or_split import merged_or_split
from harness.checks.misplaced import misplaced_flag
from harness.checks.run import check_segment
from harness.reports.words.messages import Catalogue, english, speaking
from harness.reports.words.reasons import sentence, worded
from harness.types import LangPair, Part, Reason

from .greek import latin
from .test_translated import accented

__all__ = ["accented"]

USUAL = LengthModel(ratio=0.05, scale=0.8, pairs=100)
PLANT = "Der Vorstand hat gestern beschlossen, das Werk im kommenden Jahr zu schließen."
TRAIN = "Wir wissen nicht, ob der Zug heute noch kommt und wer ihn fährt, aber wir warten."

SEGMENTS = [
    ("de-en", PLANT, " "),
    ("de-en", PLANT, " . "),
    ("de-en", PLANT, PLANT),
    ("de-en", TRAIN, "We do not know, ob der Zug heute noch kommt und wer ihn fährt, but we wait."),
    ("de-en", TRAIN, TRAIN.replace("wissen", "know").replace("kommt", "comes").replace("warten", "wait")),
    ("de-uk", PLANT, "Yesterday the board decided to close the plant in the coming year."),
    (
        "es-en",
        "La junta decidió ayer cerrar la planta.",
        "Der Vorstand hat gestern beschlossen, das Werk zu schließen.",
    ),
    ("de-en", f"{PLANT} Die Gewerkschaft will das nicht hinnehmen.", "Yesterday the board decided to close the"),
    ("de-en", f"{PLANT} Die Gewerkschaft will das nicht hinnehmen.", "Yesterday the board decided to close,"),
    ("de-en", PLANT, "I'm sorry, but I can't help with that."),
    ("de-en", PLANT, "Sure! Here is the translation: The board"),
    ("de-en", "Der Rat tagte.", "The council met. Let me know if you need anything else."),
    ("de-en", PLANT, "The board and the board and the board and the board has decided to close it."),
    ("de-en", "Es waren 340 Gäste.", "There were 430 guests."),
    ("de-en", "Es waren 340 Gäste.", "There were 430 guests.", "340 guests came."),
    ("de-en", "Es waren 340 Gäste.", "There were many guests."),
    ("en-de", "It is 20 years old.", "Es ist 20 Jahre alt und hat 32 Räume.", "Es ist 20 Jahre alt."),
    ("en-de", "It is 20 years old.", "Es ist 20 Jahre alt und hat 32 Räume."),
    ("de-en", "Sie siegten mit 33:32.", "They won 32–33.", "They won 33–32."),
    ("de-en", "Er wird bis zu 180 °C heiß.", "It gets as hot as 180 °F."),
    ("de-en", "Am 31. Dezember 2026 ist Schluss.", "It ends on 21 December 2026."),
    ("de-en", "Siehe https://example.org/a.", "See https://example.org/b."),
    ("de-en", "An info@example.org.", "To inf@example.org."),
    ("de-en", "Mit {device_name} starten", "Start with {name_of_device}"),
    ("de-en", "Mit <b>Speichern</b> sichern", "Save with <em>Save</em>"),
    ("de-fr", "Das ist es.", "C&#39;est ça."),
    ("de-en", "Das ist wichtig.", "That is **important**."),
    ("de-en", PLANT, "The works will close."),
    ("de-en", PLANT, "The board has decided to close it. " * 6),
    ("de-en", PLANT, "The works will close.", "The board decided yesterday to close the works in the coming year."),
    ("de-en", PLANT, "The board has decided to close it. " * 6, "The board decided yesterday to close the works."),
    ("de-en", "Der Betriebsrat sprach.", "The committee spoke."),
    ("en-cs", "A café.", "Kavárna je otevřena\u0301."),
    ("en-de", "Over there.", "DrÃ¼ben ist grÃ¼n."),
    ("de-en", "Die Ärzte.", "The doctors.<|im_end|>"),
    ("de-en", "Die Ärzte.", "The doctors.\\n"),
    ("de-en", "Die Ärzte.", "The\ndoctors."),
    ("de-en", "Die Ärzte.", "The doct\ufffdrs."),
    ("de-en", "Die Ärzte.", "The doct\x07rs."),
]
"""Pair, source, translation and reference, so that every message of the checks is needed at least once."""


def flags() -> list[Flag]:
    found: list[Flag] = []
    for pair, source, text, *references in SEGMENTS:
        context = CheckContext(LangPair(*pair.split("-")), {"Betriebsrat": "works council|staff council"}, USUAL)
        found += check_segment(Item(source, text, tuple(references)), context)
    apart = [Neighbour(0, 1, PLANT, "Yes."), Neighbour(1, 2, PLANT, f"{PLANT} {PLANT}")]
    return [*found, *(flag for _, flag in merged_or_split(apart, USUAL)), misplaced_flag(2)]


def own_words(why: Reason) -> str:
    """What is said of a reason besides what its fields put in."""
    text = sentence(why)
    fields = [worded(value) if isinstance(value, Part) else f"{value}" for value in why.fields.values()]
    for field in sorted(fields, key=len, reverse=True):
        text = text.replace(field, "")
    return text


def test_every_sentence_of_a_check_is_a_message(accented: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(item: Item, _context: CheckContext) -> list[Flag]:
        raise ZeroDivisionError(item.text)

    found = flags()
    monkeypatch.setattr("harness.checks.run.load_checks", lambda: {**load_checks(), "number": broken})
    found += check_segment(Item(PLANT, "The board met.", ()), CheckContext(LangPair("de", "en"), {}, USUAL))
    reasons = [flag.why for flag in found if isinstance(flag.why, Reason)]
    assert len(reasons) == len(found)
    assert {why.key for why in reasons} == {key for key in english().texts if key.startswith("flag.")}
    with speaking(accented):
        said = {own_words(why) for why in reasons}
    assert all(text.startswith("⟦") for text in said)
    assert {word: text for text in said for word in latin(text)} == {}
