"""How language models begin what is no translation; checks look for it in every output, so nothing else is imported."""

from __future__ import annotations

import re

from harness.types.patterns import on_demand

REFUSAL = on_demand(
    r"(I['’]m (really )?sorry|I am sorry|Sorry|I apologi[sz]e),? but (I|as an AI)\b"
    r"|(I['’]m sorry[,.]? )?(I can['’]?t|I cannot|I can not|I['’]m unable to|I am unable to|I won['’]t) "
    r"(help|assist|comply|translate|provide|fulfil)"
    r"|As an AI( language model| assistant)?,",
    re.IGNORECASE,
)
PREAMBLE = on_demand(
    r"((Sure|Certainly|Of course|Absolutely)\b[!,.]?\s*)?(Here['’]s|Here is|Below is|This is) (the|your|my|a) "
    r"((\w+ )?translat(ion|ed)|(\w+ )?translated text)\b",
    re.IGNORECASE,
)
