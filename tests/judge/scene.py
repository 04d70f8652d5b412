"""A workspace with recorded systems and a judge on loopback, which answers as the vendors' documentation says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.store.runs.directory import list_runs, load_run
from harness.store.runs.result import PairResult, Run
from tests.loopback import Response, Seen
from tests.vendors import anthropic, gemini, openai
from tests.vendors.base import Vendor
from tests.workspace import write_article, write_system

Question = Mapping[str, Any]
Answer = Callable[[Question], object]

PRICE = "{ per_million_input_tokens = 1000.0, per_million_output_tokens = 2000.0 }"
"""Of a token: 0.001 and 0.002 USD."""


@dataclass(frozen=True)
class House:
    """One vendor: where its requests have the question, and how it sends a text."""

    vendor: Vendor
    user: Callable[[Seen], str]
    system: Callable[[Seen], str]
    say: Callable[[Seen, str], Response]


HOUSES = {
    "anthropic": House(anthropic.VENDOR, anthropic.user, lambda seen: str(seen.json["system"]), anthropic.message),
    "openai": House(
        openai.VENDOR, openai.user, lambda seen: str(seen.json["messages"][0]["content"]), openai.completion
    ),
    "gemini": House(
        gemini.VENDOR,
        gemini.user,
        lambda seen: str(seen.json["systemInstruction"]["parts"][0]["text"]),
        lambda s, t: gemini.generated(s, gemini.candidate({"text": t})),
    ),
}


def error(span: str, severity: str = "minor", category: str = "fluency/grammar", **fields: str) -> dict[str, str]:
    """An error as a judge reports it."""
    marked = {"side": "translation", "span": span, "category": category, "severity": severity, "reason": "Because."}
    return {**marked, **fields}


def no_errors(question: Question) -> object:
    """The answer of a judge that likes everything."""
    del question
    return {"errors": []}


def question(house: House, seen: Seen) -> Question:
    """What the judge was asked."""
    asked: Question = json.loads(house.user(seen))
    return asked


def judge_server(house: House, answer: Answer) -> Callable[[Seen], Response]:
    """A handler that answers every question; a text is sent as it is, and a Response too."""

    def handle(seen: Seen) -> Response:
        said = answer(question(house, seen))
        if isinstance(said, Response):
            return said
        return house.say(seen, said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))

    return handle


def write_judged(root: Path, outputs: Mapping[str, Sequence[str]], sources: Sequence[str], articles: int = 1) -> None:
    """Articles, and systems whose outputs are recorded."""
    size = -(-len(sources) // articles)
    for number in range(articles):
        part = range(number * size, min((number + 1) * size, len(sources)))
        name = f"a{number:02}"
        write_article(root, name, [(sources[row], f"Reference {row}.") for row in part])
        for system, texts in outputs.items():
            folder = root / "systems" / system / "de-en"
            folder.mkdir(parents=True, exist_ok=True)
            lines = "".join(f"{texts[row]}\n" for row in part)
            (folder / f"{name}.txt").write_text(lines, encoding="utf-8")
    for system in outputs:
        write_system(root, system, 'engine = "recorded"\n')


def configure(root: Path, house: House, url: str, *, name: str = "judge", extra: str = "", price: str = PRICE) -> None:
    """``[metric.NAME]`` of the workspace."""
    options = "".join(f"{line}\n" for line in house.vendor.options(url).splitlines() if not line.startswith("model"))
    kind = "" if name == "judge" else 'metric = "judge"\n'
    table = (
        f'[metric.{name}]\n{kind}engine = "{house.vendor.engine}"\nmodel = "m"\n{extra}\n'
        + (f"price = {price}\n" if price else "")
        + f"[metric.{name}.options]\n{options}[metric.{name}.limits]\nconcurrency = 2\nattempts = 2\n"
    )
    file = root / "harness.toml"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(f"{before}{table}", encoding="utf-8")


def last_run(root: Path) -> Run:
    """The run that was made last."""
    return load_run(list_runs(root / "reports" / "runs")[-1])


def last_pair(root: Path) -> PairResult:
    """Its only pair."""
    (pair,) = last_run(root).pairs
    return pair
