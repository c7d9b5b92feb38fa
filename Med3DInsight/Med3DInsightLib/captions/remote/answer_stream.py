"""An answer that comes piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..backends.backend import Finish
from .api_key import ApiKey
from .chat_format import ChatAnswer, MalformedAnswer, error_message, finish_of, json_object, text_of, tokens_of

_END = b"[DONE]"


class AnswerStream:
    r"""Puts a streamed answer of the chat API together: server-sent events, one chunk in the data of each.

        stream = AnswerStream(key)
        for text in stream.texts_in(b'data: {"choices": [{"delta": {"content": "The liver"}}]}\n\n'): ...
        stream.answer()

    Lines end with a line feed; those without data, such as comments that keep a connection alive, are passed over. A
    chunk is one line, as all servers write it. How much may come is for the caller to limit. No error tells the key.
    """

    def __init__(self, key: ApiKey) -> None:
        self._key = key
        self._rest = bytearray()
        self._texts: list[str] = []
        self._finish: Finish | None = None
        self._tokens: tuple[int | None, int | None] = (None, None)
        self.ended = False
        """Whether the server has said that nothing more comes."""

    def texts_in(self, content: bytes) -> Iterator[str]:
        """The pieces of text that content completes; raises MalformedAnswer for a chunk that is none, or an error."""
        *lines, tail = content.split(b"\n")
        for line in lines:
            text = self._text_in(bytes(self._rest) + line)
            self._rest.clear()
            if text:
                self._texts.append(text)
                yield text
        self._rest += tail

    def answer(self) -> ChatAnswer:
        """The whole answer; raises MalformedAnswer if its end has not come."""
        if self._finish is None and not self.ended:
            raise MalformedAnswer("the answer broke off")
        return ChatAnswer("".join(self._texts), self._finish or Finish.UNKNOWN, *self._tokens)

    def _text_in(self, line: bytes) -> str:
        name, _, value = line.rstrip(b"\r").partition(b":")
        if name != b"data" or self.ended:
            return ""
        if value.strip() == _END:
            self.ended = True
            return ""
        return self._text_of(json_object(value), value)

    def _text_of(self, chunk: dict[str, Any], value: bytes) -> str:
        if chunk.get("error"):
            told = error_message(value, self._key) or "the server reports an error"
            raise MalformedAnswer(f"the answer broke off ({told})")
        if chunk.get("usage"):
            self._tokens = tokens_of(chunk["usage"])
        try:
            if not chunk["choices"]:  # the last chunk of some servers, which only counts
                return ""
            choice = chunk["choices"][0]
            if choice.get("finish_reason") is not None:
                self._finish = finish_of(choice["finish_reason"])
            delta = choice.get("delta") or {}
            return text_of(delta, delta.get("content"))
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise MalformedAnswer("a piece of the answer has no choices with a delta") from error
