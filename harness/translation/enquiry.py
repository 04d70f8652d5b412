"""Questions of metrics, asked through the runner like segments to translate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.engines.chat.engine import ChatEngine
from harness.engines.chat.question import FOR_TRANSLATION, QuestionEngine, QuestionForm
from harness.engines.interface import EngineContext
from harness.engines.keys import check_addresses, learn_keys
from harness.engines.load import merged_limits
from harness.errors import ConfigError, EngineUnavailable, MetricUnavailable
from harness.metrics.interface import AskingMetric, Enquiry, Metric, Replies, Respondent
from harness.store.cache.answers import Cache
from harness.translation.job import Job, look_up
from harness.translation.pricing import tariff_of
from harness.translation.runner import translate
from harness.translation.session import Session
from harness.translation.traffic import total
from harness.types import Article, ArticleId, Corpus, LangPair, Segment, SegmentId, SystemName
from harness.workspace import registry
from harness.workspace.config import SystemFile, parse_model
from harness.workspace.progress import Progress

QUESTIONS = ArticleId("questions")


def chat_engines() -> list[str]:
    """The engines that can be asked."""
    return [name for name in registry.names("engines") if _is_chat(registry.load("engines", name))]


def _is_chat(factory: object) -> bool:
    return isinstance(factory, type) and issubclass(factory, ChatEngine)


@dataclass(frozen=True, slots=True)
class _Known:
    """A respondent, checked."""

    file: SystemFile
    chat: ChatEngine


def _known(respondent: Respondent) -> _Known:
    """Make the engine of a respondent.

    Raises:
        UsageError: it cannot be asked, or its options are wrong.
    """
    where = respondent.where
    given: dict[str, Any] = {
        "engine": respondent.engine,
        "options": dict(respondent.options),
        "limits": dict(respondent.limits),
        "api_key_env": respondent.api_key_env,
        **({"price": dict(respondent.price)} if respondent.price else {}),
    }
    file = parse_model(SystemFile, given, where)
    if file.engine not in registry.names("engines"):
        hint = registry.suggestion(file.engine, registry.names("engines"))
        raise ConfigError(f"{where}: key 'engine': unknown engine '{file.engine}'", hint=hint)
    factory = registry.load("engines", file.engine)
    if not _is_chat(factory):
        raise ConfigError(
            f"{where}: key 'engine': '{file.engine}' translates, and cannot be asked questions",
            hint=f"use {', '.join(chat_engines())}",
        )
    for name in file.options:
        if name in FOR_TRANSLATION:
            raise ConfigError(f"{where}: key '{name}' only says how the engine translates", hint="remove it")
    check_addresses(file.options, where)
    options = parse_model(factory.Options, file.options, where)
    name = SystemName(respondent.recorded_as)
    chat = factory(options, EngineContext(name, Path(), file.api_key_env))
    learn_keys((file.api_key_env, *chat.key_variables))
    return _Known(file, chat)


def check_respondents(metrics: Mapping[str, Metric]) -> None:
    """Return if everybody whom metrics ask can be asked, as far as their options go; nothing is sent.

    Raises:
        UsageError: somebody cannot.
    """
    for metric in metrics.values():
        if isinstance(metric, AskingMetric):
            for respondent in metric.respondents:
                _known(respondent)


def check_respondent(respondent: Respondent) -> None:
    """Return if a model can be asked, as far as its options go; nothing is sent.

    Raises:
        UsageError: it cannot.
    """
    _known(respondent)


def job_of(enquiry: Enquiry, pair: LangPair) -> Job:
    """The questions as what the runner is asked to do."""
    known, prompt = _known(enquiry.respondent), enquiry.prompt
    form = QuestionForm(prompt.name, prompt.instructions, prompt.schema, prompt.answer_tokens)
    known.chat.limits = merged_limits(known.chat, known.file.limits)
    engine = QuestionEngine(known.chat, form, known.chat.limits)
    segments = tuple(
        Segment(SegmentId(QUESTIONS, number), number, 1, question, ())
        for number, question in enumerate(enquiry.questions, start=1)
    )
    return Job(
        SystemName(enquiry.respondent.recorded_as),
        Corpus(pair, (Article(QUESTIONS, pair, segments),)),
        engine,
        engine.identity(pair),
        engine.limits,
        tariff_of(engine, known.file.price),
        sample=enquiry.sample,
    )


class RunnerEnquirer:
    """Asks through the runner, and pays from the purse that translations were paid from."""

    def __init__(self, cache: Cache, progress: Progress, session: Session, *, offline: bool) -> None:
        self._cache, self._progress, self._session, self._offline = cache, progress, session, offline
        self.stopped: dict[LangPair, dict[str, str]] = {}
        """By pair and respondent, as it is recorded, why questions were left out that the same run again would ask."""

    def ask(self, enquiry: Enquiry, pair: LangPair) -> Replies:
        """See :class:`harness.metrics.interface.Enquirer`."""
        job = job_of(enquiry, pair)
        if unknown := len(look_up(job, self._cache).requests):
            if self._offline:
                raise MetricUnavailable(
                    f"{unknown} of {len(enquiry.questions)} answers are not in the cache, and --offline allows no "
                    "requests",
                    fix="run without --offline",
                )
            try:
                job.engine.ready()  # type: ignore[attr-defined]  # it is a QuestionEngine
            except EngineUnavailable as error:
                raise MetricUnavailable(str(error), fix=error.hint) from error
        (done,) = translate([job], self._cache, self._progress, self._session.purse)
        if done.stopped:
            self.stopped.setdefault(pair, {})[enquiry.respondent.recorded_as] = done.stopped
        return Replies(
            self._session.bought(job, done),
            len(done.records),
            total([record.cost for record in done.records]),
            done.stopped,
        )
