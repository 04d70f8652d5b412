"""Which company a model comes from: judges tend to favour texts of their own house."""

from __future__ import annotations

import re
from collections.abc import Mapping

HOUSES: Mapping[str, str] = {
    "Alibaba": r"qwen|alibaba",
    "Amazon": r"amazon|nova-(micro|lite|pro|premier)",
    "Anthropic": r"claude|anthropic",
    "Cohere": r"command-|c4ai|aya-|cohere",
    "DeepL": r"deepl",
    "DeepSeek": r"deepseek",
    "Google": r"gemini|gemma|madlad|google",
    "Meta": r"llama|nllb|m2m100|seamless",
    "Microsoft": r"azure|phi-\d",
    "Mistral": r"mistral|mixtral|ministral|magistral",
    "OpenAI": r"gpt|chatgpt|\bo[1345](-|$)|davinci",
    "Tencent": r"hunyuan|hy-mt|tencent",
    "Unbabel": r"tower",
}

_HOSTS: Mapping[str, str] = {"anthropic": "Anthropic", "gemini": "Google"}
"""Engines that serve the models of one house only."""


def house_of(engine: str, model: str) -> str:
    """The company behind a model; empty where the names do not tell.

    Args:
        engine: name of the engine.
        model: the service's name of the model; empty for services that have one.
    """
    for text in (model.rpartition("/")[2], model, engine):
        for house, names in HOUSES.items():
            if text and re.search(names, text.lower()):
                return house
    return _HOSTS.get(engine, "")
