"""Redirects are followed with care, and the token stays with the hub."""

from __future__ import annotations

import httpx2
import pytest
from Testing.unit.catalog.certificates import a_server_named_localhost
from Testing.unit.catalog.file_server import FileServer, cut_half_way, healthy, redirects_to
from Testing.unit.catalog.parts import elsewhere, hub_entry, hub_files, serving

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


def test_who_cannot_be_reached_after_a_redirect_is_named(get, liver):
    with FileServer({}, [redirects_to("http://127.0.0.2:9{path}")]) as server:
        with pytest.raises(FetchError, match=r"^127\.0\.0\.2 cannot be reached"):
            get(server)
        assert server.requests


def test_whoever_cuts_the_connection_after_a_redirect_is_named(get, liver):
    with (
        FileServer(hub_files(liver), [cut_half_way], host="127.0.0.2") as other,
        FileServer({}, [redirects_to(other.url + "{path}")]) as hub,
        pytest.raises(FetchError, match=r"^the connection to 127\.0\.0\.2 was cut"),
    ):
        get(hub)


def test_a_redirect_to_an_encrypted_server_is_followed_with_the_certificates_of_the_environment(
    get, liver, tmp_path, monkeypatch
):
    tls, certificate = a_server_named_localhost(tmp_path)
    with FileServer(hub_files(liver), tls=tls) as secure, FileServer({}, [redirects_to(secure.url + "{path}")]) as hub:
        with pytest.raises(FetchError, match="the certificate of localhost is not trusted.*SSL_CERT_FILE"):
            get(hub)
        assert secure.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert get(hub).name == "liver"


def test_an_encrypted_connection_does_not_lead_to_a_plain_one(get, liver, tmp_path, monkeypatch):
    tls, certificate = a_server_named_localhost(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(liver) as plain, FileServer({}, [redirects_to(plain.url + "{path}")], tls=tls) as hub:
        with pytest.raises(
            FetchError, match=r"^https://localhost.* leads to http://.*not encrypted; it was not followed"
        ):
            get(hub)
        assert len(hub.requests) == 1
        assert plain.requests == []


def test_where_a_redirect_leads_is_judged_by_the_whole_address():
    secure = httpx2.URL("https://hub.example/models/liver")
    assert str(redirect_target(secure, "//mirror.example/x")) == "https://mirror.example/x"
    with pytest.raises(FetchError, match="not encrypted; it was not followed"):
        redirect_target(secure, "http://hub.example/models/liver")
