"""Content filters in the words of the vendors' languages, and errors that use the same words for something else."""

from __future__ import annotations

import json
import time
import tomllib
from pathlib import Path

import pytest

from harness.engines.wire.errors import classify
from harness.engines.wire.wordings import refuses_the_text
from harness.errors import AuthFailed, BadRequest, Declined, EngineError, QuotaExhausted, RateLimited, TooLarge

WORDINGS = tomllib.loads(Path(__file__).with_name("moderation_wordings.toml").read_text(encoding="utf-8"))

OTHERS = [
    (403, "Your account has been suspended for violating our terms of service", AuthFailed),
    (403, "This organization has been disabled because it violated our usage policies", AuthFailed),
    (403, "Your API key was blocked: it was flagged by our safety system", AuthFailed),
    (403, "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x", AuthFailed),
    (403, "Access denied: your IP address is blacklisted", AuthFailed),
    (403, "permission denied: identity-based policy does not allow translate:TranslateText", AuthFailed),
    (403, "Your project does not have access to the moderation endpoint", AuthFailed),
    (403, "账号因违规已被封禁", AuthFailed),
    (403, "应用审核未通过", AuthFailed),
    (403, "IP不在安全白名单", AuthFailed),
    (403, "アカウントは利用規約違反のため停止されています", AuthFailed),
    (403, "계정이 약관 위반으로 정지되었습니다", AuthFailed),
    (403, "Аккаунт заблокирован за нарушение правил", AuthFailed),
    (403, "Ihr Konto wurde wegen Verstoßes gegen die Nutzungsbedingungen gesperrt", AuthFailed),
    (403, "Votre compte a été suspendu pour violation des conditions d'utilisation", AuthFailed),
    (403, "Su cuenta ha sido suspendida por infringir las normas", AuthFailed),
    (403, "Доступ запрещён", BadRequest),
    (403, "접근 금지", BadRequest),
    (403, "Acceso prohibido", BadRequest),
    (403, "Accès interdit", BadRequest),
    (403, "Zugriff verboten", BadRequest),
    (403, "禁止访问", BadRequest),
    (401, "The content of the token is invalid: blocked by policy", AuthFailed),
    (400, "Insufficient balance. Content moderation is billed, too", QuotaExhausted),
    (400, "账户余额不足,内容审核", QuotaExhausted),
    (403, "You have exceeded your monthly quota: monthly limit exceeded", QuotaExhausted),
    (400, "Rate limit exceeded for content moderation requests", RateLimited),
    (429, "Request violates our rate limiting policy", RateLimited),
    (429, "请求过于频繁,触发风控", RateLimited),
    (429, "The content moderation service is throttled", RateLimited),
    (400, "context_length_exceeded: the prompt is too long for moderation", TooLarge),
    (413, "Content too large", TooLarge),
]


def kinds(status: int, text: str) -> set[type[EngineError]]:
    """Of a text as a message, as servers write it that escape what is not ASCII, and bare."""
    bodies = ({"error": {"message": text}}, json.dumps({"message": text}), text.encode())
    return {type(classify(status, body, {})) for body in bodies}


@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_filter_in_any_words_refuses_one_text(status: int) -> None:
    assert len(WORDINGS["filtered"]) > 150
    assert [text for text in WORDINGS["filtered"] if kinds(status, text) != {Declined}] == []


def test_a_wrong_request_is_no_refusal() -> None:
    assert len(WORDINGS["wrong_request"]) > 80
    assert [text for text in WORDINGS["wrong_request"] if kinds(400, text) != {BadRequest}] == []


@pytest.mark.parametrize(("status", "text", "expected"), OTHERS)
def test_key_quota_rate_and_length_are_no_refusals(status: int, text: str, expected: type[EngineError]) -> None:
    assert kinds(status, text) == {expected}


@pytest.mark.parametrize("piece", ["a ", "опасн", "content ", "violat ", "内容", "unknown ", "организац", "limit: 1 "])
def test_words_without_end_take_no_time(piece: str) -> None:
    began = time.process_time()
    assert not refuses_the_text(piece * 20_000)
    assert time.process_time() - began < 3
