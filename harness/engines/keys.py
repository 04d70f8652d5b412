"""What engines for services need before they can ask: an SDK and a key. Looked for when something is to be sent."""

from __future__ import annotations

import os
from importlib.util import find_spec

from harness.engines.interface import EngineContext
from harness.errors import ConfigError, EngineUnavailable


def require(module: str, extra: str) -> None:
    """Return if an SDK is installed; it is not imported.

    Raises:
        EngineUnavailable: it is not; the hint is the install line.
    """
    try:
        found = find_spec(module)
    except ModuleNotFoundError:  # a parent package is missing
        found = None
    if found is None:
        raise EngineUnavailable(
            f"the package '{module}' is not installed", hint=f"pip install 'translation-harness[{extra}]'"
        )


def read_key(variable: str) -> str:
    """The value of an environment variable that holds a key; callers use it and do not keep it.

    Raises:
        EngineUnavailable: it is not set; the hint names it.
    """
    value = os.environ.get(variable, "").strip()
    if not value:
        raise EngineUnavailable(f"{variable} is not set", hint=f"put the key in the environment variable {variable}")
    return value


def refuse_key_variable(context: EngineContext, instead: str) -> None:
    """For engines that do not look for their key in one variable.

    Raises:
        ConfigError: the system file has ``api_key_env``.
    """
    if context.api_key_env:
        raise ConfigError(f"systems/{context.system}.toml: key 'api_key_env': this engine takes no such key; {instead}")
