"""Every option of every engine for a service, with two values for it, as lines of ``[options]``."""

from __future__ import annotations

from collections.abc import Mapping

CHAT: Mapping[str, tuple[str, str]] = {
    "model": ('model = "m"', 'model = "n"'),
    "mode": ('mode = "sentence"', 'mode = "article"'),
    "window": ('mode = "window"\nwindow = 1', 'mode = "window"\nwindow = 2'),
    "prompt": ('prompt = "a"', 'prompt = "b"'),
    "instructions": ("", 'instructions = "Be brief."'),
    "glossary": ("", '[glossary]\nEins = "One"'),
    "temperature": ("", "temperature = 0.5"),
    "max_output_tokens": ("", "max_output_tokens = 99"),
    "reasoning_tokens": ("", "reasoning_tokens = 1"),
    "reasoning_effort": ("", 'reasoning_effort = "low"'),
    "structured": ("", 'structured = "none"'),
    "template": ('mode = "plain"\ntemplate = "tower-plus"', 'mode = "plain"\ntemplate = "eurollm"'),
    "languages": (
        'mode = "plain"\ntemplate = "tower-plus"',
        'mode = "plain"\ntemplate = "tower-plus"\nlanguages = { en = "American" }',
    ),
}
VERTEX = 'platform = "vertex"\n'
CLOUD: Mapping[str, tuple[str, str]] = {
    "platform": ("", f'{VERTEX}region = "global"\nproject = "p"'),
    "region": (f'{VERTEX}region = "global"\nproject = "p"', f'{VERTEX}region = "eu"\nproject = "p"'),
    "project": (f'{VERTEX}region = "eu"\nproject = "p"', f'{VERTEX}region = "eu"\nproject = "q"'),
}
DEPLOYED = 'deployment_name = "d"\n'
TWO_PAIRS = 'reference_pairs = [["Eins", "One"], ["Zwei", "Two"]]'
OTHER_PAIRS = 'reference_pairs = [["Zwei", "Two"], ["Eins", "One"]]'
VALUES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "openai": {
        **CHAT, "seed": ("", "seed = 1"), "output_limit": ("", 'output_limit = "max_completion_tokens"'),
        "context_tokens": ("context_tokens = 3000", "context_tokens = 4000"),
    },
    "anthropic": {
        **CHAT, **CLOUD, "thinking": ("", 'thinking = "adaptive"'), "thinking_budget": ("", "thinking_budget = 2000"),
    },
    "gemini": {**CHAT, **CLOUD, "seed": ("", "seed = 1"), "thinking_budget": ("", "thinking_budget = 2000")},
    "bedrock": {
        **CHAT,
        "structured": ("", 'structured = "json_schema"'),
        "region": ('region = "eu-west-1"', 'region = "us-east-1"'),
        "request_fields": ("", "request_fields = { top_k = 5 }"),
    },
    "deepl": {
        "target_variants": ("", 'target_variants = { en = "en-GB" }'),
        "formality": ("", 'formality = "more"'),
        "model_type": ("", 'model_type = "latency_optimized"'),
        "glossary_id": ("", 'glossary_id = "g"'),
        "glossary_ids": ('glossary_ids = ["a", "b"]', 'glossary_ids = ["b", "a"]'),
        "translation_memory_id": ("", 'translation_memory_id = "t"'),
        "translation_memory_threshold": (
            'translation_memory_id = "t"',
            'translation_memory_id = "t"\ntranslation_memory_threshold = 80',
        ),
        "tag_handling_version": ('tag_handling = "xml"', 'tag_handling = "xml"\ntag_handling_version = "v2"'),
        "style_id": ("", 'style_id = "s"'),
        "context": ("", 'context = "A letter."'),
        "custom_instructions": ("", 'custom_instructions = ["Be brief."]'),
        "split_sentences": ("", 'split_sentences = "0"'),
        "preserve_formatting": ("", "preserve_formatting = true"),
        "tag_handling": ("", 'tag_handling = "xml"'),
    },
    "azure": {
        "region": ("", 'region = "eastus"'),
        "deployment_name": ("", 'deployment_name = "d"'),
        "tone": ("", 'tone = "formal"'),
        "gender": ("", 'gender = "female"'),
        "reference_pairs": (f"{DEPLOYED}{TWO_PAIRS}", f"{DEPLOYED}{OTHER_PAIRS}"),
        "adaptive_dataset_id": (DEPLOYED, f'{DEPLOYED}adaptive_dataset_id = "a"'),
    },
    "google": {
        "project": ('project = "p"', 'project = "q"'),
        "location": ("", 'location = "us-central1"'),
        "model": ("", 'model = "general/translation-llm"'),
        "glossary": ('location = "eu"', 'location = "eu"\nglossary = "g"'),
        "adaptive_dataset": ('location = "eu"', 'location = "eu"\nadaptive_dataset = "a"'),
        "reference_pairs": (f'location = "eu"\n{TWO_PAIRS}', f'location = "eu"\n{OTHER_PAIRS}'),
    },
    "amazon": {
        "region": ("", 'region = "us-east-1"'),
        "terminology": ("", 'terminology = "t"'),
        "formality": ("", 'formality = "formal"'),
        "profanity": ("", 'profanity = "mask"'),
        "brevity": ("", 'brevity = "on"'),
    },
    "yandex": {
        "languages": ("", 'languages = { en = "eng" }'),
        "folder": ("", 'folder = "b1g"'),
        "key_type": ("", 'key_type = "bearer"'),
        "model": ("", 'model = "m"'),
        "glossary": ("", 'glossary = { Eins = "One" }'),
        "speller": ("", "speller = true"),
    },
    "modernmt": {
        "languages": ("", 'languages = { en = "eng" }'),
        "hints": ("hints = [1, 2]", "hints = [2, 1]"),
        "context_vector": ("", 'context_vector = "1:0.5"'),
        "glossaries": ("", 'glossaries = ["g"]'),
        "ignore_glossary_case": ("", "ignore_glossary_case = true"),
        "mask_profanities": ("", "mask_profanities = true"),
    },
    "lara": {
        "languages": ("", 'languages = { en = "eng" }'),
        "style": ("", 'style = "faithful"'),
        "adapt_to": ("", 'adapt_to = ["m"]'),
        "glossaries": ("", 'glossaries = ["g"]'),
        "instructions": ("", 'instructions = ["Be brief."]'),
        "styleguide_id": ("", 'styleguide_id = "s"'),
    },
    "alibaba": {
        "languages": ("", 'languages = { en = "eng" }'),
        "edition": ("", 'edition = "translate_ecommerce"'),
        "scene": ("", 'scene = "title"'),
    },
    "tencent": {
        "languages": ("", 'languages = { en = "eng" }'),
        "region": ("", 'region = "ap-beijing"'),
        "project": ("", "project = 1"),
        "glossaries": ('glossaries = ["a", "b"]', 'glossaries = ["b", "a"]'),
        "example_repositories": ("", 'example_repositories = ["s"]'),
    },
    "libretranslate": {
        "version": ("", 'version = "2"'),
        "languages": ("", 'languages = { en = "eng" }'),
    },
    "http": {
        "method": ("", 'method = "PUT"'),
        "headers": ("", 'headers = { X-Model = "big ${env:EXAMPLE_MT_KEY}" }'),
        "query": ("", 'query = { v = "2" }'),
        "body": ("", 'body = { items = [{ text = "{text}" }], to = "{target}", formal = true }'),
        "response": ("", 'response = "data.translations[*].[text][]"'),
        "languages": ("", 'languages = { en = "eng" }'),
        "version": ("", 'version = "2"'),
        "errors": ("", 'errors = { 418 = "quota" }'),
    },
}  # fmt: skip
