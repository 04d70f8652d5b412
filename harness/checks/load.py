"""The checks there are: those of the harness in a fixed order, then those of plug-ins by name."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from harness.errors import ConfigError, UsageError
from harness.workspace import registry
from harness.workspace.registry import suggestion

if TYPE_CHECKING:
    from harness.checks.interface import AnyCheck

GLOSSARY = "glossary"
"""The one check that needs something from the user, and finds nothing without it."""

MISPLACED = "misplaced"
"""The one check that needs an extra, and finds nothing without it."""

OURS = (
    "empty",
    "refusal",
    "copied_source",
    "wrong_language",
    "preamble",
    "repetition",
    "truncated",
    "length",
    "omission",
    "addition",
    "number",
    "date",
    "url",
    "email",
    "placeholder",
    "tag",
    "artefact",
    GLOSSARY,
    "merged_or_split",
    MISPLACED,
)
"""The order in which segments are checked and flags are listed: the first ones make the others superfluous."""

NOT_CHECKED = "not_checked"
"""Not a fault of the translation: one of the checks failed on it."""


def kinds() -> tuple[str, ...]:
    """Every kind of flag, in the order of reports; nothing is imported."""
    return (*_ordered(tuple(registry.names("checks"))), NOT_CHECKED)


def check_kinds(names: tuple[str, ...], where: str) -> None:
    """Refuse a kind of flag that no check finds: a misspelt limit would change nothing and look kept.

    Raises:
        ConfigError: there is none of that name.
    """
    known = list(kinds())
    for kind in names:
        if kind not in known:
            raise ConfigError(f"{where}: unknown flag '{kind}'", hint=suggestion(kind, known))


def load_checks() -> Mapping[str, AnyCheck]:
    """Kind of flag to the check that finds it, in the order in which they are applied.

    Raises:
        UsageError: a plug-in cannot be imported, or the installation lacks checks of the harness.
    """
    return _loaded(_ordered(tuple(registry.names("checks"))))


def load_plugins() -> Mapping[str, AnyCheck]:
    """The same of the checks of plug-ins alone: ours need not be imported where flags are kept.

    Raises:
        UsageError: as for :func:`load_checks`.
    """
    return _loaded(tuple(kind for kind in _ordered(tuple(registry.names("checks"))) if kind not in OURS))


def plugin_rules() -> dict[str, str]:
    """Kind to the version of what finds it, for checks of plug-ins: flags of other rules are never taken for theirs."""
    return {kind: f"{registry.provider('checks', kind)} {_code_of(check)}" for kind, check in load_plugins().items()}


def _ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    missing = [kind for kind in OURS if kind not in names]
    if missing:
        raise UsageError(
            f"the installed translation-harness does not register the checks {', '.join(missing)}",
            hint="pip install --force-reinstall --no-deps translation-harness, or in a checkout: pip install -e .",
        )
    return (*OURS, *(name for name in names if name not in OURS))


@cache
def _loaded(names: tuple[str, ...]) -> Mapping[str, AnyCheck]:
    return MappingProxyType({name: _made(registry.load("checks", name)) for name in names})


def _made(given: Any) -> AnyCheck:
    return cast("AnyCheck", given() if inspect.isclass(given) else given)


def _code_of(check: AnyCheck) -> str:
    """A digest of the module of a check, or of the whole package that it is in."""
    from harness.checks.screen import Screened

    if isinstance(check, Screened):
        check = check.check
    target = check if inspect.isfunction(check) else type(check)
    top = inspect.getmodule(target)
    package = (top.__name__ if top else "").partition(".")[0]
    file = Path(inspect.getfile(target))
    whole = next((folder for folder in file.parents if folder.name == package), None)
    digest = hashlib.blake2b(digest_size=20)
    for path in sorted(whole.rglob("*.py")) if whole else [file]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
