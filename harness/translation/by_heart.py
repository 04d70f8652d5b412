"""Systems whose language model is asked what it knows by heart, as respondents."""

from __future__ import annotations

from collections.abc import Collection

from harness.engines.chat.question import FOR_TRANSLATION
from harness.errors import ConfigError
from harness.metrics.interface import Respondent
from harness.translation.enquiry import check_respondent
from harness.types import SystemName
from harness.workspace.config import load_model
from harness.workspace.file_models import SystemFile
from harness.workspace.folder import Workspace
from harness.workspace.registry import suggestion

NOT_ASKED_WITH = FOR_TRANSLATION | {"batch_api"}
"""Options of a system that its questions are asked without: there are few of them, and a run waits for the answers."""

SETTING = "harness.toml [checks] memorisation"


def asked_by_heart(workspace: Workspace, systems: Collection[SystemName]) -> dict[SystemName, Respondent]:
    """The models behind the systems that ``[checks] memorisation`` names, of those that are in the run.

    Raises:
        ConfigError: there is no such system, or it has no language model that can be asked.
    """
    known = sorted(path.stem for path in workspace.systems.glob("*.toml"))
    respondents = {}
    for name in workspace.settings.checks.memorisation:
        if name not in known:
            raise ConfigError(f"{SETTING}: there is no system '{name}'", hint=suggestion(name, known))
        if name in systems:
            respondents[SystemName(name)] = _respondent(workspace, name)
    return respondents


def _respondent(workspace: Workspace, name: str) -> Respondent:
    """The model of a system file, without what only says how it translates."""
    path = workspace.systems / f"{name}.toml"
    file = load_model(SystemFile, path)
    respondent = Respondent(
        column=name,
        engine=file.engine,
        options={key: value for key, value in file.options.items() if key not in NOT_ASKED_WITH},
        limits=file.limits.model_dump(exclude_none=True),
        price=file.price.model_dump(exclude_none=True) if file.price else {},
        api_key_env=file.api_key_env,
        where=f"{SETTING}: {path}",
        asker="memorisation",
    )
    check_respondent(respondent)
    return respondent
