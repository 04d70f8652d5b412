"""Credentials of Google Cloud and AWS, and the places where they serve language models.

A cloud's credentials are found as its own tools find them; none of them is kept or shown.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from harness.engines.interface import Limits
from harness.engines.keys import find_key
from harness.engines.wire.errors import short
from harness.errors import AuthFailed, EngineUnavailable
from harness.workspace.redaction import REDACTOR

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GOOGLE = "set GOOGLE_APPLICATION_CREDENTIALS to a service account's file, or run: gcloud auth application-default login"
AWS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run: aws configure"
AWS_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK")

MULTI_REGIONS = frozenset({"us", "eu"})


def google_credentials() -> tuple[Any, str]:
    """The credentials that Google's tools would use, and the project they belong to, which may be empty.

    Raises:
        EngineUnavailable: there are none.
    """
    with warnings.catch_warnings():
        # The SDK announces years ahead which Python it will stop supporting, and comments on kinds of credentials.
        warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.")
        warnings.filterwarnings("ignore", category=UserWarning, module=r"google\.auth")
        import google.auth
        from google.auth.exceptions import DefaultCredentialsError

        try:
            credentials, project = google.auth.default(scopes=[SCOPE])
        except DefaultCredentialsError as error:
            raise EngineUnavailable(f"no Google credentials: {short(str(error))}", hint=GOOGLE) from None
    return credentials, project or ""


def vertex_credentials(endpoint: str, project: str) -> tuple[Any, str]:
    """Credentials and project for Vertex AI; with ``http://``, a proxy of one's own, it is asked without any.

    Raises:
        EngineUnavailable: there are no credentials, or no project.
    """
    if endpoint.startswith("http://"):
        from google.oauth2.credentials import Credentials

        make: Any = Credentials
        credentials, project_found = make(token="none"), ""  # noqa: S106 - what a proxy is sent
    else:
        credentials, project_found = google_credentials()
    project = project or os.environ.get("GOOGLE_CLOUD_PROJECT", "") or project_found
    if not project:
        raise EngineUnavailable(
            "no Google Cloud project", hint="set 'project' in [options], or the variable GOOGLE_CLOUD_PROJECT"
        )
    return credentials, project


def refused_by_google(error: Exception) -> AuthFailed | None:
    """What an error of Google's library for credentials means; None where it is another one."""
    if not type(error).__module__.startswith("google.auth"):
        return None
    return AuthFailed(f"Google does not accept the credentials: {short(str(error))}", hint=GOOGLE)


def vertex_address(region: str) -> str:
    """Where Vertex AI answers for a region, without a path."""
    if region == "global":
        return "https://aiplatform.googleapis.com"
    if region in MULTI_REGIONS:
        return f"https://aiplatform.{region}.rep.googleapis.com"
    return f"https://{region}-aiplatform.googleapis.com"


def aws_region(region: str) -> str:
    """The region of the options, or that of the environment; empty where neither says one."""
    return region or os.environ.get("AWS_REGION", "") or os.environ.get("AWS_DEFAULT_REGION", "")


def aws_config(limits: Limits) -> Any:
    """How clients of AWS's SDK are made: it tries once, and asks nobody but the address of the options."""
    from botocore.config import Config

    return Config(
        retries={"total_max_attempts": 1},
        connect_timeout=limits.client_timeout,
        read_timeout=limits.client_timeout,
        max_pool_connections=max(10, limits.concurrency),
        # AWS_ENDPOINT_URL and the profile would send a run elsewhere unseen.
        ignore_configured_endpoint_urls=True,
    )


def aws_credentials(session: Any) -> bool:
    """Whether a session of AWS's SDK has credentials; they are then cut out of everything that is kept or shown.

    Raises:
        BotoCoreError: they cannot be read.
    """
    credentials = session.get_credentials()
    if credentials is None:
        return False
    frozen = credentials.get_frozen_credentials()  # from a profile, a role or the environment
    for secret in (frozen.access_key, frozen.secret_key, frozen.token):
        REDACTOR.learn(secret or "")
    return True


def check_aws(region: str) -> None:
    """Return if there are credentials and a region.

    Raises:
        EngineUnavailable: there are not.
    """
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        known = aws_credentials(boto3.Session())
    except BotoCoreError as error:
        raise EngineUnavailable(f"AWS's SDK cannot start: {short(str(error))}", hint=AWS) from None
    if not known and not find_key("AWS_BEARER_TOKEN_BEDROCK"):
        raise EngineUnavailable("no AWS credentials", hint=AWS)
    if not region:
        raise EngineUnavailable("no AWS region", hint="set 'region' in [options], or the variable AWS_DEFAULT_REGION")
