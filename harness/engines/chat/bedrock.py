"""``bedrock``: Any language model on Amazon Bedrock, through the Converse API and AWS's own SDK.

The SDK blocks, so each request runs in a thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

from pydantic import BaseModel, Field, model_validator

from harness.engines.chat.answer import Said, stopped_early
from harness.engines.chat.engine import ChatEngine
from harness.engines.chat.options import ChatOptions
from harness.engines.chat.plain import refuse_chat_completions_only
from harness.engines.chat.prompt import ChatRequest
from harness.engines.clock import on_the_wire
from harness.engines.interface import EngineContext, Receipt
from harness.engines.keys import refuse_key_variable
from harness.engines.services.clouds import AWS, AWS_VARIABLES, aws_config, aws_region, check_aws
from harness.engines.wire.blocking import in_thread
from harness.engines.wire.bounded import bound_client
from harness.engines.wire.errors import garbled, lost, short
from harness.engines.wire.receipts import counts
from harness.errors import BadRequest, Declined, EngineError, Transient
from harness.types import EngineIdentity, LangPair

if TYPE_CHECKING:
    import httpx2

OK = 200
MODEL_FAILED = 424
REFUSED = frozenset({"guardrail_intervened", "content_filtered"})
COUNTS = {
    "input_tokens": "inputTokens",
    "cached_input_tokens": "cacheReadInputTokens",
    "output_tokens": "outputTokens",
}


class BedrockOptions(ChatOptions):
    """``[options]``."""

    structured: Literal["json_schema", "none"] = "none"
    """How the answer is forced into its format. Default: ``none``, because many models on Bedrock have no structured
    output."""
    region: Annotated[str, Field(pattern="^[a-z0-9-]*$")] = ""
    """Region of the service. Empty: that of the environment."""
    request_fields: dict[str, Any] = Field(default_factory=dict)
    """Request fields that only this model accepts, such as ``{ thinking = { type = "adaptive" } }``."""

    @model_validator(mode="after")
    def _template_fits(self) -> BedrockOptions:
        if self.template:
            refuse_chat_completions_only(self.plain, self.template)
        return self


class BedrockEngine(ChatEngine):
    """Models on Bedrock."""

    Options: ClassVar[type[BaseModel]] = BedrockOptions
    name = "bedrock"
    sdk = "boto3"
    usual_key = "AWS_BEARER_TOKEN_BEDROCK"
    _options: BedrockOptions
    vendor = "aws"

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        refuse_key_variable(context, AWS)
        self._region = aws_region(self._options.region)
        self.address = f"https://bedrock-runtime.{self._region}.amazonaws.com"
        self._key_required, self.key_variables = False, AWS_VARIABLES

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The same, and the region, which can have another model under the same name."""
        identity = super().identity(pair)
        return replace(identity, options={**identity.options, "region": self._region})

    def ready(self) -> None:
        """Look for the SDK, keys and a region."""
        super().ready()
        check_aws(self._region)

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connect(self) -> httpx2.AsyncClient:
        return cast("Any", None)  # the SDK has its own

    def _open(self, key: str, http: httpx2.AsyncClient) -> Any:  # noqa: ARG002 - the SDK finds keys itself
        import boto3

        config = aws_config(self.limits)
        where = self._options.endpoint or None
        client = boto3.client("bedrock-runtime", region_name=self._region, endpoint_url=where, config=config)
        client.meta.events.register("before-parse.bedrock-runtime.Converse", _spare_the_parser)
        return bound_client(client)

    async def _send(self, request: ChatRequest) -> Said:
        return await in_thread(lambda: self._ask(request))

    def _ask(self, request: ChatRequest) -> Said:
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        try:
            with on_the_wire():
                response = self._client.converse(**self._body(request))
        except ClientError as error:
            raise self._refused(error.response) from None
        except ParamValidationError as error:
            raise BadRequest(f"AWS's SDK refuses the request: {short(str(error))}") from None
        except BotoCoreError as error:
            raise lost(error) from None
        return _read(response)

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        options = self._options
        inference: dict[str, Any] = {"maxTokens": request.max_output_tokens}
        if options.temperature is not None:
            inference["temperature"] = options.temperature
        body: dict[str, Any] = {
            "modelId": options.model,
            "messages": [{"role": "user", "content": [{"text": request.user}]}],
            "inferenceConfig": inference,
        }
        if not request.plain:
            body["system"] = [{"text": request.system}]
        output: dict[str, Any] = {}
        if options.form == "json_schema":
            schema = {"schema": json.dumps(request.schema), "name": request.schema_name}
            output["textFormat"] = {"type": "json_schema", "structure": {"jsonSchema": schema}}
        if options.reasoning_effort:
            output["effort"] = options.reasoning_effort
        if output:
            body["outputConfig"] = output
        if options.request_fields:
            body["additionalModelRequestFields"] = options.request_fields
        return body

    def _refused(self, response: Mapping[str, Any]) -> EngineError:
        said, about = response.get("Error", {}), response.get("ResponseMetadata", {})
        status = int(about.get("HTTPStatusCode", 500))
        body = json.dumps({"message": f"{said.get('Message', '')} ({said.get('Code', '')})"})
        fault = self._error(status, body, about.get("HTTPHeaders", {}))
        return Transient(str(fault)) if status == MODEL_FAILED else fault


def _spare_the_parser(response_dict: dict[str, Any], **_: object) -> None:
    """Take out of a success what the SDK's parser would trip over, and with it lose the text, which is paid."""
    try:
        answer = json.loads(response_dict["body"])
    except (ValueError, RecursionError):
        return
    if not isinstance(answer, dict) or response_dict["status_code"] != OK:
        return
    reported = answer.get("usage")
    answer["usage"] = counts(
        {name: reported.get(name) for name in COUNTS.values()} if isinstance(reported, dict) else {}
    )
    kept = {name: answer[name] for name in ("output", "usage", "stopReason") if name in answer}
    response_dict["body"] = json.dumps(kept).encode()


def _read(response: Mapping[str, Any]) -> Said:
    try:
        blocks = response["output"]["message"]["content"]
        text = "".join(block["text"] for block in blocks if isinstance(block.get("text"), str))
    except (KeyError, TypeError, AttributeError):
        raise garbled("", "no message") from None
    stop = str(response.get("stopReason") or "")
    reported = response.get("usage")
    said = reported if isinstance(reported, Mapping) else {}
    usage = counts({name: said.get(key) for name, key in COUNTS.items()})
    about = response.get("ResponseMetadata", {}).get("RequestId", "")
    return Said(text, Receipt("", about, usage), _doubt(stop, usage))


def _doubt(stop: str, usage: dict[str, int]) -> EngineError | None:
    """What is wrong if the answer turns out to be incomplete."""
    if stop in REFUSED:
        return Declined(f"stopped by the service: {stop}", usage=usage)
    return stopped_early(stop, usage)
