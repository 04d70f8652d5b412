"""What engines for services need before they can ask: an SDK and a key. Looked for when something is to be sent."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec

from harness.engines.interface import EngineContext
from harness.errors import ConfigError, EngineUnavailable
from harness.workspace.redaction import REDACTOR

SECRET_NAME = re.compile(r"(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|AUTH)$", re.IGNORECASE)

LEAST_SECRET = 12
"""Characters of a value that is taken for a secret by the name of its variable alone."""

USER_INFO = re.compile(r"\s*[a-z][a-z0-9+.-]*://[^/?#\s]*@", re.IGNORECASE)


def require(module: str, extra: str) -> None:
    """Return if an SDK is installed; it is not imported.

    Raises:
        EngineUnavailable: it is not; the hint is the install line.
    """
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:  # a parent package is missing
        spec = None
    if spec is None:
        raise EngineUnavailable(
            f"the package '{module}' is not installed", hint=f"pip install 'translation-harness[{extra}]'"
        )


def read_key(variable: str) -> str:
    """The value of an environment variable that holds a key; callers use it and do not keep it.

    White space around it is not part of it: keys are pasted with line breaks.

    Raises:
        EngineUnavailable: it is not set, or holds what cannot be sent in a header; the hint names it.
    """
    value = find_key(variable)
    if not value:
        raise EngineUnavailable(f"{variable} is not set", hint=f"put the key in the environment variable {variable}")
    if not (value.isascii() and value.isprintable()):
        strange = next(char for char in value if not (char.isascii() and char.isprintable()))
        raise EngineUnavailable(
            f"{variable} holds U+{ord(strange):04X}, which is not valid in a key",
            hint=f"set {variable} to the key alone",
        )
    return value


def find_key(variable: str) -> str:
    """The same, but empty where it is not set, and unchecked."""
    value = os.environ.get(variable, "")
    REDACTOR.learn(value)
    return value.strip()


def learn_keys(variables: Iterable[str]) -> None:
    """Have the values of these variables, and of all whose names say that they hold a secret, cut out of messages.

    The others, because SDKs and programs read their keys themselves, and under names nobody has declared.
    """
    for variable in variables:
        REDACTOR.learn(os.environ.get(variable, ""))
    for name, value in os.environ.items():
        if SECRET_NAME.search(name) and len(value.strip()) >= LEAST_SECRET and not value.startswith(("/", "~", ".")):
            REDACTOR.learn(value)


def check_addresses(options: object, where: str, key: str = "options") -> None:
    """Return if no string of the options is an address with a user or a password.

    Options are part of what a run is known by, so they are kept and shown.

    Raises:
        ConfigError: one is; the message names its key, and does not repeat it.
    """
    if isinstance(options, Mapping):
        for name, value in options.items():
            check_addresses(value, where, f"{key}.{name}")
    elif isinstance(options, list | tuple):
        for value in options:
            check_addresses(value, where, key)
    elif isinstance(options, str) and USER_INFO.match(options):
        raise ConfigError(
            f"{where}: key '{key}': the address has a user or password, which every report would show",
            hint="put the key in an environment variable and name it: api_key_env, or ${env:NAME} in a header",
        )


def refuse_key_variable(context: EngineContext, instead: str) -> None:
    """For engines that do not look for their key in one variable.

    Raises:
        ConfigError: the system file has ``api_key_env``.
    """
    if context.api_key_env:
        raise ConfigError(f"systems/{context.system}.toml: key 'api_key_env': this engine does not use it; {instead}")
