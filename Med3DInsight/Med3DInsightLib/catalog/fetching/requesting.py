"""Asking for a file, wherever it has moved to."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2

from ... import __version__
from ..errors import FetchError
from .access import Access, is_loopback, origin_of, shown, web_address
from .failures import PassingFailure

_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429, 500, 502, 503, 504}


@asynccontextmanager
async def requested(url: str, access: Access, headers: Mapping[str, str]) -> AsyncIterator[httpx2.Response]:
    """The answer to a request for url, its content not yet read; its status is 200, 206 or 416.

    Redirects are followed, not from https to http, and not without end. The token goes to the hub only, and no longer
    once a redirect has led away from it. Certificates and proxies are those of the environment, as a hospital sets them
    up; this computer is asked directly. Raises FetchError, or PassingFailure.
    """
    async with AsyncExitStack() as clients:
        response = await _followed(clients, web_address(url), access, headers)
        try:
            _check_status(response, access)
            yield response
        except httpx2.TransportError as error:
            raise _failure(error, response.url, access) from error
        finally:
            await response.aclose()


async def _followed(
    clients: AsyncExitStack, address: httpx2.URL, access: Access, headers: Mapping[str, str]
) -> httpx2.Response:
    token = access.token_for(address)
    client = await clients.enter_async_context(_client_of(address, access))
    for _ in range(access.most_redirects + 1):
        credentials = {"Authorization": f"Bearer {token}"} if token else {}
        request = client.build_request("GET", address, headers={**headers, **credentials})
        try:
            response = await client.send(request, stream=True)
        except httpx2.TransportError as error:
            raise _failure(error, address, access) from error
        if response.status_code not in _REDIRECTS:
            return response
        await response.aclose()
        target = redirect_target(address, response.headers.get("location", ""))
        if origin_of(target) != origin_of(address):
            token = ""
            client = await clients.enter_async_context(_client_of(target, access))
        address = target
    raise FetchError(f"{shown(address)} leads from one address to the next without end", next_step="try again later")


def _client_of(address: httpx2.URL, access: Access) -> httpx2.AsyncClient:
    """A client for one origin: another one may need certificates or a proxy, and must not get the cookies of this."""
    return httpx2.AsyncClient(
        headers={"User-Agent": f"med3dinsight/{__version__}", "Accept-Encoding": "identity"},
        timeout=httpx2.Timeout(access.silence_s, connect=access.connect_s),
        verify=_certificates_for(address),
        follow_redirects=False,
        trust_env=not is_loopback(address),
    )


def redirect_target(address: httpx2.URL, location: str) -> httpx2.URL:
    """Where a redirect from address leads; raises FetchError for what is not followed."""
    target = web_address(str(address.join(location)))
    if address.scheme == "https" and target.scheme != "https":
        raise FetchError(
            f"{shown(address)} leads to {shown(target)}, which is not encrypted; it was not followed",
            next_step="tell whoever keeps the catalogue",
        )
    return target


def _check_status(response: httpx2.Response, access: Access) -> None:
    status, place = response.status_code, shown(response.url)
    if status in (200, 206, 416):
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise FetchError(f"{place} comes compressed, though it was asked not to", next_step="try another mirror")
        return
    if status in _PASSING:
        raise PassingFailure(f"{place} answers {status}")
    if status in (401, 403):
        ask = "set HF_TOKEN to a token that may read it, and accept the terms of the repository in a browser"
        raise FetchError(
            f"{place} refuses access ({status})",
            next_step=ask if origin_of(response.url) == origin_of(web_address(access.hub)) else "ask who keeps it",
        )
    if status in (404, 410):
        raise FetchError(f"{place} does not exist ({status})", next_step="check the address, or the catalogue")
    raise FetchError(f"{place} answers {status}", next_step="try again later, or check the address")


def _certificates_for(address: httpx2.URL) -> ssl.SSLContext:
    """Those of the environment; none where nothing is encrypted, as reading them would only take time."""
    if address.scheme == "http" and is_loopback(address):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx2.create_ssl_context()


def _failure(error: httpx2.TransportError, address: httpx2.URL, access: Access) -> Exception:
    host = address.host
    if isinstance(error, httpx2.ConnectTimeout):
        return PassingFailure(f"{host} does not answer within {access.connect_s:g} s")
    if isinstance(error, httpx2.TimeoutException):
        return PassingFailure(f"{host} was silent for {access.silence_s:g} s")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchError(
                f"the certificate of {host} is not trusted ({cause.verify_message})",
                next_step="name the file with the certificate of its authority in SSL_CERT_FILE",
            )
        cause = cause.__cause__ or cause.__context__
    line = " ".join(str(error).split())[:150] or type(error).__name__
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError):
        return PassingFailure(f"{host} cannot be reached ({line})")
    return PassingFailure(f"the connection to {host} was cut ({line})")
