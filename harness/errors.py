"""Every error the harness raises on purpose, and the exit code each one ends in.

::

    HarnessError                 exit 4   (never raised itself)
    ├── UsageError               exit 2   a flag, a name or a combination that makes no sense
    │   ├── ConfigError          exit 2   a TOML file: unknown key, wrong type, unknown engine
    │   └── DataError            exit 2   an input file: encoding, alignment, duplicate ids
    ├── StoreError               exit 2   the cache or a run directory cannot be read
    ├── IncompleteError          exit 3   something is missing, so no result can be given
    │   └── BatchesUnderWay      exit 3   answers were bought and come later; the same command collects them
    ├── IncomparableError        exit 3   texts or signatures differ, so numbers cannot be set against each other
    ├── WorkersLost              (caught) a cluster cannot do the work; becomes a Missing in the report
    ├── MetricUnavailable        (caught) a metric cannot run here; becomes a Missing in the report
    │   └── ModelElsewhere       (caught) its model is not on this machine, but another one can send it
    └── EngineError              (caught) raised by engines only; becomes a Failed or Refused outcome
        ├── EngineUnavailable             program, package, key or model is not here
        ├── Fatal                         nothing more will come from this engine
        │   ├── AuthFailed                the key is wrong
        │   └── QuotaExhausted            the account is empty
        ├── Unsupported                   this pair or option is not served
        ├── Transient                     worth asking again: time-out, connection, overload
        │   └── RateLimited               asked too fast; nothing was charged
        ├── BadRequest                    this batch can never succeed
        ├── TooLarge                      too long for one request; smaller ones may succeed
        ├── BadOutput                     the answer does not fit the question; smaller batches may succeed
        └── Declined                      the engine refuses the batch: content filter, refusal

Exit codes: 0 ok, 1 regression, 2 usage or configuration, 3 inconclusive, incomplete or incomparable,
4 internal error, 130 interrupted (143 by SIGTERM, 129 by SIGHUP). ``harness.cli`` is the only place that turns errors
into exit codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from harness.workspace.redaction import REDACTOR


def so_many(number: int, noun: str) -> str:
    """``1 segment``, ``1,200 segments``: how messages outside the reports count, for nouns that take an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class HarnessError(Exception):
    """Base of the tree. The message says what and where; ``hint`` says what to do next."""

    exit_code: ClassVar[int] = 4

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(REDACTOR(message))
        self.hint = REDACTOR(hint)

    def __reduce__(self) -> tuple[Any, ...]:
        """For workers in other processes: the usual way calls the constructor, which has other parameters by class."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[HarnessError], args: tuple[Any, ...], state: Mapping[str, Any]) -> HarnessError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(HarnessError):
    """The user asked for something that cannot be done."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration file is wrong; the message names file and key."""


class DataError(UsageError):
    """An input file is wrong; the message names file and line."""


class StoreError(HarnessError):
    """The cache or a run directory is damaged, locked, or from another version."""

    exit_code = 2


class IncompleteError(HarnessError):
    """Something needed for an answer is missing."""

    exit_code = 3


class BatchesUnderWay(IncompleteError):  # noqa: N818 - a state, not a fault
    """Batch jobs have not ended. The same command collects their results later, and buys nothing twice."""


class IncomparableError(HarnessError):
    """Texts, signatures or scored segments differ: the numbers are not of the same thing."""

    exit_code = 3


class WorkersLost(HarnessError):  # noqa: N818 - a state of the cluster, not a fault
    """A cluster gave no workers, or lost too many of them at the same work."""


class MetricUnavailable(HarnessError):  # noqa: N818 - a state of the machine, not a fault
    """A metric cannot run here. The run goes on and reports why."""

    def __init__(self, why: str, *, fix: str) -> None:
        super().__init__(why, hint=fix)


class ModelElsewhere(MetricUnavailable):
    """A node of a cluster lacks a model that the machine which gives the tasks has."""


class EngineError(HarnessError):
    """Base of what an engine may raise from ``translate``."""


class EngineUnavailable(EngineError):  # noqa: N818 - a state of the machine, not a fault
    """The engine cannot run on this machine; ``hint`` is the install line or the name of the variable."""

    exit_code = 2


class Transient(EngineError):  # noqa: N818 - named like the outcome it leads to
    """Asking again may help.

    Args:
        message: what happened.
        hint: what to do next.
        retry_after: seconds the service asked to wait; negative when it did not say.
        charged: whether the service may have done, and billed, the work; True when that cannot be known.
    """

    def __init__(self, message: str, *, hint: str = "", retry_after: float = -1.0, charged: bool = True) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after
        self.charged = charged


class Garbled(Transient):
    """A success that cannot be read, and that may have been billed.

    Asked again once: a service whose answers always look so would be paid again and again.
    """


class RateLimited(Transient):
    """Asked too fast. Nothing was done and nothing charged."""

    def __init__(self, message: str, *, hint: str = "", retry_after: float = -1.0) -> None:
        super().__init__(message, hint=hint, retry_after=retry_after, charged=False)


class Fatal(EngineError):  # noqa: N818 - named like the outcome it leads to
    """No further request to this engine can succeed; the other engines go on."""


class AuthFailed(Fatal):
    """The service does not accept the key."""


class QuotaExhausted(Fatal):
    """The account's quota or balance is used up; waiting a little does not help."""


class BadRequest(EngineError):  # noqa: N818 - named like the outcome it leads to
    """The service refuses the request as wrong, and would again."""


class TooLarge(EngineError):  # noqa: N818 - named like the outcome it leads to
    """More text than the service takes at once."""


class BadOutput(EngineError):  # noqa: N818 - named like the outcome it leads to
    """The engine's answer does not match what was asked, so none of it can be trusted.

    The work was done, and may have been billed: ``usage`` is what the service reported, in the units of
    ``harness.engines.interface.Receipt.usage``; empty when it did not say.
    """

    def __init__(self, message: str, *, hint: str = "", usage: Mapping[str, int] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.usage = dict(usage or {})


class Declined(BadOutput):
    """The engine will not translate this: content filter or refusal. The work may have been billed."""


class Unsupported(EngineError):  # noqa: N818 - named like the outcome it leads to
    """The engine does not serve this pair or option."""
