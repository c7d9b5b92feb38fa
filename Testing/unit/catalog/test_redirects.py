"""Redirects are followed with care, and the token stays with the hub."""

from __future__ import annotations

import httpx2
import pytest
from Testing.unit.catalog.file_server import FileServer, healthy, redirects_to
from Testing.unit.catalog.parts import elsewhere, hub_entry, serving

from Med3DInsightLib.catalog.errors import FetchError
from Med3DInsightLib.catalog.fetching.requesting import redirect_target
from Med3DInsightLib.catalog.sources import WebSource


def test_redirects_are_followed_but_the_token_goes_to_the_hub_only(get, liver):
    with serving(liver) as other, FileServer({}, [redirects_to(other.url + "{path}")]) as hub:
        get(hub, token="secret")
    assert {headers.get("Authorization") for _, headers in hub.requests} == {"Bearer secret"}
    assert {headers.get("Authorization") for _, headers in other.requests} == {None}
    assert len(other.requests) == 2


def test_the_token_does_not_come_back_from_elsewhere(get, liver):
    with serving(liver) as hub, FileServer({}, [redirects_to(hub.url + "{path}?back")]) as other:
        hub.behaviours = [redirects_to(other.url + "{path}"), healthy] * 2
        get(hub, token="secret")
    back = [headers for path, headers in hub.requests if path.endswith("?back")]
    assert len(back) == 2
    assert not any("Authorization" in headers for headers in back)


def test_the_token_is_not_for_other_servers(get, liver):
    files = {f"/models/{path.name}": path.read_bytes() for path in liver.folder.iterdir()}
    with FileServer(files) as server, FileServer({}) as hub:
        entry = elsewhere(hub_entry(liver), WebSource(f"{server.url}/models"))
        get(hub, entry=entry, token="secret")
    assert not any("Authorization" in headers for _, headers in server.requests)


@pytest.mark.parametrize(
    ("target", "cause"),
    [("{path}", "without end"), ("file:///etc/passwd", "not an http"), ("http://a:b@127.0.0.1/", "without user")],
)
def test_redirects_to_nowhere_are_refused(get, liver, target, cause):
    with FileServer({}, [redirects_to(target)]) as server, pytest.raises(FetchError, match=cause):
        get(server)
    assert len(server.requests) <= 6


def test_an_encrypted_connection_does_not_lead_to_a_plain_one():
    secure = httpx2.URL("https://hub.example/models/liver")
    assert str(redirect_target(secure, "//mirror.example/x")) == "https://mirror.example/x"
    with pytest.raises(FetchError, match="not encrypted; it was not followed"):
        redirect_target(secure, "http://hub.example/models/liver")
