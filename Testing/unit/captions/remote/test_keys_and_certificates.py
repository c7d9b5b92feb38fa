"""Keys are never shown, and go only to a computer that proves who it is."""

from __future__ import annotations

import json
import logging
import ssl
import subprocess
import sys
import types

import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.prompting import ShippedPrompts
from Med3DInsightLib.captions.remote import ApiKey, RetrySettings, UploadConsent

from .fault_server import FaultServer
from .parts import a_model, answers_to, some_pictures
from .test_streamed_answers import HEALTHY, streaming


@pytest.fixture(autouse=True)
def _no_key_of_this_computer(monkeypatch):
    monkeypatch.delenv("MED3DINSIGHT_API_KEY", raising=False)


def test_the_key_comes_from_the_environment_or_the_keyring_and_is_never_shown(monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")
    assert ApiKey.find("a.example") == ApiKey("")
    monkeypatch.setenv("MED3DINSIGHT_API_KEY", "sk-secret-1")
    key = ApiKey.find("a.example")
    with FaultServer([lambda exchange: exchange.say(b'{"error": "no sk-secret-1 here"}', 400)]) as server:
        (answer,) = answers_to(server, key=key)
        assert b"Bearer sk-secret-1" in server.exchanges[0].head
    assert answer.reason == "127.0.0.1 answers 400: no *** here"
    for text in (str(key), repr(key), f"{key}", repr(answer), caplog.text):
        assert "sk-secret-1" not in text
    assert ApiKey.find("a.example", "OPENAI_API_KEY").value == "sk-of-another-program"
    monkeypatch.setenv("MED3DINSIGHT_API_KEY", "sk\r\nX-Evil: 1")
    with pytest.raises(CaptionError, match="unusual characters") as raised:
        ApiKey.find("a.example")
    assert "Evil" not in str(raised.value)


KEY = "sk-Secret-" + "7" * 30


def said(content, status=200, **more):
    return lambda exchange: exchange.say(content, status, **more)


REPEATED = {
    "cut in an error": said(json.dumps({"error": {"message": "x" * 180 + KEY}}).encode(), 400),
    "error in between": streaming(HEALTHY[0], f'data: {{"error": "bad key {KEY}"}}\n\n'.encode()),
    "cut in an error in between": streaming(f'data: {{"error": "{"x" * 180}{KEY}"}}\n\n'.encode()),
    "content type": said(b"{}", kind=f"text/{KEY}"),
    "redirect": said(b"", 302, headers=[f"Location: http://{KEY}.example/"]),
    "no HTTP": lambda exchange: exchange.connection.sendall(b"x" * 70 + KEY.encode() + b"\r\n\r\n"),
}


@pytest.mark.parametrize("where", sorted(REPEATED))
def test_a_server_that_repeats_the_key_does_not_bring_a_part_of_it_to_light(where):
    prompt = ShippedPrompts().find("slices").asking("Is the liver there?")
    with FaultServer([REPEATED[where]]) as server:
        model = a_model(server.url, key=ApiKey(KEY), prompt=prompt, retry=RetrySettings(1))
        with pytest.raises(CaptionError) as raised:
            model.reply(some_pictures(1), lambda piece: None)
        assert KEY.encode() in server.exchanges[0].head
    assert KEY[:8].lower() not in str(raised.value).lower()


def test_the_keyring_is_asked_for_the_host(monkeypatch):
    class KeyringError(Exception):
        pass

    class NoKeyringError(KeyringError, RuntimeError):
        pass

    def get_password(service, user):
        if user == "locked.example":
            raise KeyringError("locked")
        if user == "none.example":
            raise NoKeyringError
        return {("med3dinsight", "a.example"): "sk-from-keyring"}.get((service, user))

    errors = types.SimpleNamespace(KeyringError=KeyringError, NoKeyringError=NoKeyringError)
    keyring = types.ModuleType("keyring")
    keyring.__spec__ = types.SimpleNamespace(name="keyring")
    keyring.get_password = get_password
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    assert ApiKey.find("a.example").value == "sk-from-keyring"
    assert ApiKey.find("b.example").value == ApiKey.find("none.example").value == ""
    with pytest.raises(CaptionError, match="the keyring does not give the key of locked.example"):
        ApiKey.find("locked.example")


def test_a_key_does_not_travel_unencrypted_to_another_computer():
    consent = UploadConsent(["llm.example.org"])
    with pytest.raises(CaptionError, match="the key would travel to llm.example.org unencrypted. Use https"):
        a_model("HTTP://llm.example.org/v1", consent=consent, key=ApiKey("k"))
    a_model("https://llm.example.org/v1", consent=consent, key=ApiKey("k"))
    a_model("http://llm.example.org/v1", consent=consent, key=ApiKey(""))


def test_a_certificate_has_to_be_trusted(tmp_path):
    certificate, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    try:
        made = subprocess.run([*command, "-keyout", private, "-out", certificate], capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not on this computer")
    assert made.returncode == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    with FaultServer(tls=context) as server:
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(CaptionError, match="the certificate of localhost is not trusted .*Name the file"):
            list(a_model(url).answer(some_pictures()))
        assert server.exchanges == []
        (answer,) = a_model(url, ca_file=certificate, key=ApiKey("k")).answer(some_pictures())
        assert answer.text == "Axial CT slice of the liver."
        # The same certificate does not speak for another name.
        other = server.url.replace("http://", "https://")
        with pytest.raises(CaptionError, match="the certificate of 127.0.0.1 is not trusted"):
            list(a_model(other, ca_file=certificate).answer(some_pictures()))
    with pytest.raises(CaptionError, match="cannot be read as certificates"):
        list(a_model(url, ca_file=private.with_name("none.pem")).answer(some_pictures()))
