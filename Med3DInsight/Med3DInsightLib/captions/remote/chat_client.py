"""One attempt to ask a server, and what came of it."""

from __future__ import annotations

import asyncio
import ssl

import httpx2

from ... import __version__
from ..backends.replying import Tell
from ..errors import CaptionError
from .answer_stream import AnswerStream
from .api_key import ApiKey
from .chat_format import ChatAnswer, MalformedAnswer, RefusedEntry, error_message, read_answer
from .consent import host_of
from .outcome import Hopeless, NoAnswer, Outcome, TryAgain
from .retry_after import retry_after_s
from .settings import ChatSettings

_PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 507, 508, 529}
_REFUSED = {
    401: "refuses the key",
    402: "wants to be paid",
    403: "refuses access",
    407: "is behind a proxy with a log-in",
}
_ERROR_BYTES = 100_000
_EVENTS = "text/event-stream"


class ChatClient:
    """Connections to one server, for one event loop.

        client = ChatClient(settings, key)
        outcome = await client.ask(request_body(...))
        await client.close()

    Redirects are not followed, cookies are not kept between processes, and neither proxies nor certificates
    nor log-ins of the environment are used: a request goes to settings.url or nowhere. Answers come
    uncompressed and are read only as far as they may be long.
    """

    def __init__(self, settings: ChatSettings, key: ApiKey) -> None:
        self._settings = settings
        self._key = key
        self._host = host_of(settings.url)
        self._url = f"{settings.url.rstrip('/')}/chat/completions"
        self._client = httpx2.AsyncClient(
            headers={
                "User-Agent": f"med3dinsight/{__version__}",
                "Accept-Encoding": "identity",
                "Content-Type": "application/json",
                **key.headers(),
            },
            # settings.timeout_s limits the attempt as a whole; single reads may take as long.
            timeout=httpx2.Timeout(None, connect=settings.connect_timeout_s),
            limits=httpx2.Limits(max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency),
            verify=_trusted(settings),
            proxy=settings.proxy or None,
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Ends all connections."""
        await self._client.aclose()

    async def ask(self, body: bytes, tell: Tell | None = None) -> Outcome:
        """What comes of sending body once.

        With tell, the answer may come in pieces (text/event-stream), each of which is told at once; an answer that
        comes as a whole is one piece. A failure may follow pieces that were told.
        """
        accept = "application/json" if tell is None else f"{_EVENTS}, application/json"
        try:
            async with (
                asyncio.timeout(self._settings.timeout_s),
                self._client.stream("POST", self._url, content=body, headers={"Accept": accept}) as response,
            ):
                return await self._outcome_of(response, tell)
        except TimeoutError:
            return TryAgain(f"{self._host} did not finish its answer within {self._settings.timeout_s:g} s")
        except httpx2.ConnectTimeout:
            reason = f"{self._host} does not answer within {self._settings.connect_timeout_s:g} s"
            return TryAgain(reason, befalls_all=True)
        except (httpx2.ConnectError, httpx2.ProxyError) as error:
            certificate = _certificate_error(error)
            if certificate is not None:
                return Hopeless(self._untrusted(certificate))
            return TryAgain(f"{self._host} cannot be reached ({self._line(error)})", befalls_all=True)
        except httpx2.TransportError as error:
            return TryAgain(f"the connection to {self._host} was cut ({self._line(error)})")

    async def _outcome_of(self, response: httpx2.Response, tell: Tell | None) -> Outcome:
        status = response.status_code
        if 300 <= status < 400:
            return Hopeless(self._redirected(response))
        if status != 200:
            return self._failed(status, await self._beginning_of(response), response.headers)
        kind = self._key.hidden_in(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
        streamed = tell is not None and kind == _EVENTS
        if kind != "application/json" and not streamed:
            return TryAgain(f"{self._host} answers with {kind[:60] or 'content of no type'}, not with JSON")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            return NoAnswer(f"{self._host} compresses its answers though it was asked not to")
        try:
            answer = await self._answer_in(response, tell if streamed else None)
        except MalformedAnswer as error:
            return TryAgain(f"{self._host}: {error}")
        if tell is not None and not streamed and isinstance(answer, ChatAnswer):
            tell(answer.text)
        return answer or NoAnswer(f"the answer of {self._host} is larger than {self._settings.most_bytes} bytes")

    async def _answer_in(self, response: httpx2.Response, tell: Tell | None) -> ChatAnswer | None:
        """The answer, in pieces if there is somebody to tell; None if it is too large."""
        most = self._settings.most_bytes
        if tell is None:
            content = await _read(response, most)
            return None if content is None else read_answer(content)
        stream = AnswerStream(self._key)
        size = 0
        async for content in response.aiter_raw():
            size += len(content)
            if size > most:
                return None
            for piece in stream.texts_in(content):
                tell(piece)
            if stream.ended:  # some servers leave the connection open
                break
        return stream.answer()

    def _failed(self, status: int, content: bytes, headers: httpx2.Headers) -> Outcome:
        told = error_message(content, self._key)
        reason = f"{self._host} answers {status}" + (f": {told}" if told else "")
        if status in _PASSING:
            return TryAgain(reason, retry_after_s(headers.get("retry-after", "")), befalls_all=status == 429)
        if status in _REFUSED:
            # What the server says is left out: it may repeat a part of the key.
            cause = f"{self._host} {_REFUSED[status]} ({status})"
            return Hopeless(CaptionError(cause, next_step=f"check the key and the account for {self._host}"))
        if status in (404, 405):
            return Hopeless(
                CaptionError(
                    reason,
                    next_step=f"check the name of the model, '{self._settings.model}', and the address {self._url}",
                )
            )
        return NoAnswer(reason, frozenset(entry for entry in RefusedEntry if entry in told))

    async def _beginning_of(self, response: httpx2.Response) -> bytes:
        """The content of an error answer, empty if it is long or cut."""
        try:
            return await _read(response, _ERROR_BYTES) or b""
        except httpx2.TransportError:
            return b""

    def _redirected(self, response: httpx2.Response) -> CaptionError:
        try:
            location = self._key.hidden_in(response.headers.get("location", ""))
            target = host_of(str(response.url.join(location)))
        except (CaptionError, httpx2.InvalidURL):
            target = "an address that cannot be read"
        return CaptionError(
            f"{self._host} sends requests on to {target}, which is not followed",
            next_step="give the final address of the server, and allow its host",
        )

    def _line(self, error: Exception) -> str:
        # Errors about a malformed answer quote it.
        return " ".join(self._key.hidden_in(str(error)).split())[:150] or type(error).__name__

    def _untrusted(self, error: ssl.SSLError) -> CaptionError:
        why = getattr(error, "verify_message", "") or error.reason or "unknown"
        return CaptionError(
            f"the certificate of {self._host} is not trusted ({why})",
            next_step="name the file with the certificate of its authority (ca_file)",
        )


async def _read(response: httpx2.Response, most: int) -> bytes | None:
    """The content as it travels, None as soon as it is longer than most bytes."""
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > most:
            return None
    return bytes(content)


def _trusted(settings: ChatSettings) -> ssl.SSLContext | bool:
    """The certificates of the computer, or those of ca_file alone; raises CaptionError if it cannot be read.

    Without encryption nobody is trusted, which saves the time of reading them.
    """
    if settings.ca_file is None:
        plain = settings.url.lower().startswith("http:") and not settings.proxy
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        cause = f"cannot be read as certificates ({error.strerror or error})"
        raise CaptionError(cause, settings.ca_file, "give a PEM file") from error


def _certificate_error(error: BaseException) -> ssl.SSLError | None:
    """The TLS error behind a failed connection, if that is what it was."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None
