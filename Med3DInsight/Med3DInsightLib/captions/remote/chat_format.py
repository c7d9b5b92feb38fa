"""Requests and answers of the OpenAI chat API as they travel."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ..backends.backend import Finish
from ..inert_text import InertText
from ..prompting.sampling import Sampling
from .api_key import ApiKey

_FINISHES = {"stop": Finish.COMPLETE, "length": Finish.LIMIT}
_MOST_SHOWN = 200


class LimitName(StrEnum):
    """How the longest answer in tokens is called."""

    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"


class RefusedEntry(StrEnum):
    """Entries of a request that some servers do not take."""

    MAX_TOKENS = LimitName.MAX_TOKENS
    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    SEED = "seed"


@dataclass(frozen=True)
class Dialect:
    """How a request is worded: the name of the limit, and whether it says how words are drawn."""

    limit: LimitName = LimitName.MAX_TOKENS
    says_sampling: bool = True

    def without(self, refused: Collection[RefusedEntry]) -> Dialect | None:
        """The dialect without the first of these entries that it has; None if it has none of them."""
        if self.limit == LimitName.MAX_TOKENS and RefusedEntry.MAX_TOKENS in refused:
            return replace(self, limit=LimitName.MAX_COMPLETION_TOKENS)
        if self.says_sampling and set(refused) - {RefusedEntry.MAX_TOKENS}:
            return replace(self, says_sampling=False)
        return None


_COMMON = Dialect()


@dataclass(frozen=True)
class ChatAnswer:
    """What a server said, and what it counted."""

    text: str
    finish: Finish
    tokens_in: int | None
    tokens_out: int | None


class MalformedAnswer(ValueError):
    """Bytes that are no answer of this API; str() says why."""


def request_body(
    model: str,
    prompt: str,
    pngs: Sequence[bytes],
    sampling: Sampling,
    dialect: Dialect = _COMMON,
    stream: bool = False,
) -> bytes:
    """A request about pictures: the model's name, the prompt, the pixels, limits, how words are drawn; nothing else.

    stream asks for the answer in pieces; see AnswerStream.
    """
    body: dict[str, Any] = {
        "model": model,
        "messages": [
            {
                "role": "user",
                "content": [*(_image(png) for png in pngs), {"type": "text", "text": prompt}],
            }
        ],
        dialect.limit.value: sampling.most_tokens,
        "stream": stream,
    }
    if dialect.says_sampling:
        body["temperature"] = sampling.temperature
    if dialect.says_sampling and not sampling.is_greedy:
        body |= {"top_p": sampling.top_p, "seed": sampling.seed}
    return json.dumps(body).encode("ascii")


def read_answer(content: bytes) -> ChatAnswer:
    """The first choice of an answer; raises MalformedAnswer."""
    answer = json_object(content)
    try:
        choice = answer["choices"][0]
        message = choice["message"]
        text = text_of(message, message["content"])
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise MalformedAnswer("the answer has no choices with a message") from error
    return ChatAnswer(text, finish_of(choice.get("finish_reason")), *tokens_of(answer.get("usage")))


def error_message(content: bytes, key: ApiKey) -> str:
    """What an error answer says about itself, as one short inert line without the key, of which no part is left either.

    Empty if it says nothing readable.
    """
    try:
        answer = json_object(content)
    except MalformedAnswer:
        return ""
    found: Any = answer.get("error", answer)
    if isinstance(found, dict):
        found = found.get("message") or found.get("detail") or ""
    if not isinstance(found, str):
        return ""
    line = " ".join(InertText.of(key.hidden_in(found)).text.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}..."


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON object that content is; raises MalformedAnswer."""
    try:
        answer = json.loads(content)
    except RecursionError as error:
        raise MalformedAnswer("the answer is not JSON (its brackets are nested too deeply)") from error
    except ValueError as error:
        raise MalformedAnswer(f"the answer is not JSON ({' '.join(str(error).split())[:100]})") from error
    if not isinstance(answer, dict):
        raise MalformedAnswer("the answer is not a JSON object")
    return answer


def finish_of(reason: Any) -> Finish:
    """What a finish_reason says."""
    return _FINISHES.get(reason, Finish.UNKNOWN) if isinstance(reason, str) else Finish.UNKNOWN


def tokens_of(usage: Any) -> tuple[int | None, int | None]:
    """The tokens that were read and written, None where they are not told."""
    counts = usage if isinstance(usage, dict) else {}
    return _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))


def text_of(message: dict[str, Any], content: Any) -> str:
    """The text of a message or a part of one: its content, or the reason why it is refused.

    Raises KeyError or TypeError for what is neither a text, nor a list of parts, nor null.
    """
    text = _content(content)
    refusal = message.get("refusal")
    return refusal if not text and isinstance(refusal, str) else text


def _image(png: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"}}


def _content(content: Any) -> str:
    """A text, a list of parts, or null."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
