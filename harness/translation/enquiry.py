"""Questions of metrics, asked through the runner like segments to translate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.engines.interface import EngineContext
from harness.engines.keys import check_addresses, learn_keys
from harness.engines.load import merged_limits
from harness.errors import ConfigError, EngineUnavailable, MetricUnavailable
from harness.metrics.interface import AskingMetric, Enquiry, Metric, Replies, Respondent
from harness.metrics.scoring import scoring_items
from harness.store.cache.answers import Cache
from harness.translation.batches import check_ended
from harness.translation.job import Job, look_up
from harness.translation.pricing import tariff_of
from harness.translation.request import RunRequest
from harness.translation.runner import Done, translate
from harness.translation.session import Session
from harness.translation.traffic import total
from harness.types import Article, ArticleId, Corpus, LangPair, Outcome, Segment, SegmentId, SystemName
from harness.workspace import registry
from harness.workspace.config import parse_model
from harness.workspace.file_models import SystemFile
from harness.workspace.progress import Progress

if TYPE_CHECKING:
    from harness.engines.chat.engine import ChatEngine

QUESTIONS = ArticleId("questions")


def chat_engines() -> list[str]:
    """The engines that can be asked."""
    return [name for name in registry.names("engines") if _is_chat(registry.load("engines", name))]


def _is_chat(factory: object) -> bool:
    from harness.engines.chat.engine import ChatEngine  # most runs ask nobody anything

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
    from harness.engines.chat.question import FOR_TRANSLATION

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


def job_of(enquiry: Enquiry, pair: LangPair, *, batch: bool = False) -> Job:
    """The questions as what the runner is asked to do; ``batch``: through a batch API, where the service has one."""
    from harness.engines.chat.question import QuestionEngine, QuestionForm

    known, prompt = _known(enquiry.respondent), enquiry.prompt
    form = QuestionForm(prompt.name, prompt.instructions, prompt.schema, prompt.answer_tokens)
    known.chat.limits = merged_limits(known.chat, known.file.limits)
    engine = QuestionEngine(known.chat, form, known.chat.limits)
    batched = (batch or engine.wants_batches) and engine.batch_service() is not None
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
        tariff_of(engine, known.file.price, batch=batched),
        sample=enquiry.sample,
        batched=batched,
    )


class RunnerEnquirer:
    """Asks through the runner, and pays from the purse that translations were paid from."""

    def __init__(self, cache: Cache, progress: Progress, session: Session, request: RunRequest) -> None:
        self._cache, self._progress, self._session, self._request = cache, progress, session, request
        self._ahead: dict[tuple[LangPair, str, str, int], tuple[Enquiry, Done]] = {}
        self.stopped: dict[LangPair, dict[str, str]] = {}
        """By pair and respondent, as it is recorded, why questions were left out that the same run again would ask."""

    def ask_ahead(self, enquiries: Sequence[tuple[Enquiry, LangPair]]) -> None:
        """Put into batch jobs what goes through a batch API, all of it before anybody waits, and collect what came.

        Args:
            enquiries: all that will be asked, as far as it is known.

        Raises:
            BatchesUnderWay: jobs have not ended.
            StoreError: the cache cannot be used.
        """
        if self._request.offline:
            return
        jobs = [(enquiry, self._job(enquiry, pair)) for enquiry, pair in enquiries]
        jobs = [(enquiry, job) for enquiry, job in jobs if self._goes_ahead(job)]
        results = translate(
            [job for _, job in jobs], self._cache, self._progress, self._session.purse, wait=self._request.wait
        )
        check_ended(one for done in results for one in done.under_way)
        for (enquiry, job), done in zip(jobs, results, strict=True):
            self._ahead[_key(enquiry, job.pair)] = enquiry, done

    def ask(self, enquiry: Enquiry, pair: LangPair) -> Replies:
        """See :class:`harness.metrics.interface.Enquirer`."""
        job = self._job(enquiry, pair)
        asked, done = self._ahead.pop(_key(enquiry, pair), (None, None))
        if done is None or asked != enquiry:
            done = self._translate(job)
        if done.stopped:
            self.stopped.setdefault(pair, {})[enquiry.respondent.recorded_as] = done.stopped
        costs = total([record.cost for record in done.records])
        return Replies(self._session.bought(job, done), len(done.records), costs, done.stopped)

    def _job(self, enquiry: Enquiry, pair: LangPair) -> Job:
        return job_of(enquiry, pair, batch=self._request.batch and enquiry.respondent.batches)

    def _goes_ahead(self, job: Job) -> bool:
        """Whether there is a batch job to submit or to collect."""
        lookup = look_up(job, self._cache)
        if not (lookup.jobs or (job.batched and lookup.requests)):
            return False
        try:
            job.engine.ready()  # type: ignore[attr-defined]  # it is a QuestionEngine
        except EngineUnavailable:
            return False  # whoever asks is told
        return True

    def _translate(self, job: Job) -> Done:
        lookup = look_up(job, self._cache)
        if unknown := len(lookup.requests) + len(lookup.waiting):
            if self._request.offline:
                raise MetricUnavailable(
                    f"{unknown} of {len(job.corpus.segments)} answers are not in the cache, and --offline allows no "
                    "requests",
                    fix="run without --offline",
                )
            try:
                job.engine.ready()  # type: ignore[attr-defined]  # it is a QuestionEngine
            except EngineUnavailable as error:
                raise MetricUnavailable(str(error), fix=error.hint) from error
        results = translate([job], self._cache, self._progress, self._session.purse, wait=self._request.wait)
        check_ended(one for done in results for one in done.under_way)
        return results[0]


def _key(enquiry: Enquiry, pair: LangPair) -> tuple[LangPair, str, str, int]:
    return pair, enquiry.respondent.recorded_as, enquiry.prompt.name, enquiry.sample


def enquiries_of(
    metrics: Mapping[str, Metric], corpus: Corpus, outcomes: Mapping[SystemName, Sequence[Outcome]]
) -> Iterator[tuple[Enquiry, LangPair]]:
    """What metrics will ask about the outcomes of one pair."""
    asking = [metric for metric in metrics.values() if isinstance(metric, AskingMetric)]
    if asking:
        items, _ = scoring_items(corpus, outcomes)
        for metric in asking:
            yield from ((enquiry, corpus.pair) for enquiry in metric.enquiries(items, corpus.pair))
