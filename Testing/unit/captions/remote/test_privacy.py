"""Nothing leaves but pixels, prompt and place, and nothing at all without consent."""

from __future__ import annotations

import base64
import re
from contextlib import nullcontext

import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.backends import PictureBackend
from Med3DInsightLib.captions.prompting import Sampling, ShippedPrompts
from Med3DInsightLib.captions.remote import ApiKey, ChatModel, ChatSettings, UploadConsent
from Med3DInsightLib.captions.slices import CaptionSubject
from Med3DInsightLib.volumes import Plane, read_volume, slice_of
from Med3DInsightLib.volumes.files.writing import write_volume

from ..parts import a_trunk
from .fault_server import FaultServer
from .parts import a_model, answers_to, some_pictures

PROMPT = ShippedPrompts().find("plain")


@pytest.fixture(autouse=True)
def _no_key_of_this_computer(monkeypatch):
    monkeypatch.delenv("MED3DINSIGHT_API_KEY", raising=False)


def test_a_request_holds_pixels_prompt_model_and_limits_and_not_a_byte_more(tmp_path):
    (picture,) = some_pictures()
    with FaultServer() as server:
        answers_to(server, [picture], key=ApiKey("sk-1"))
        (exchange,) = server.exchanges
        assert exchange.request == {
            "model": "tiny",
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "image_url",
                            "image_url": {"url": "data:image/png;base64," + base64.b64encode(picture.png).decode()},
                        },
                        {"type": "text", "text": PROMPT.text_for(picture)},
                    ],
                }
            ],
            "max_tokens": 64,
            "temperature": 0.0,
            "stream": False,
        }
        first, *headers = exchange.head.decode().split("\r\n")
        assert first == "POST /v1/chat/completions HTTP/1.1"
        names = {header.split(":")[0].lower() for header in headers}
        usual = {"host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "connection"}
        assert names == usual | {"authorization"}


def test_no_name_path_or_header_of_a_volume_is_among_the_bytes(tmp_path):
    folder = tmp_path / "Doe_Jane_19700101"
    folder.mkdir()
    path = folder / "PATIENT-4711.nii.gz"
    volume, _ = a_trunk()
    write_volume(volume, path)
    subject = CaptionSubject("Jane Doe, MRN 4711", read_volume(path))
    slices = list(subject.slices([slice_of(subject.volume.grid, plane, 9) for plane in list(Plane)[:3]]))
    with FaultServer() as server:
        list(PictureBackend(a_model(server.url)).describe(slices))
        sent = b"".join(server.received)
        texts = [exchange.request["messages"][0]["content"][1]["text"] for exchange in server.exchanges]
    assert len(texts) == 3
    decoded = sent + b"".join(base64.b64decode(found) for found in re.findall(rb"base64,([A-Za-z0-9+/=]+)", sent))
    names = ("Doe", "Jane", "4711", "1970", "PATIENT-", ".nii", str(tmp_path), subject.volume_hash, "pytest")
    for name in names:
        assert name.encode() not in decoded, name
    assert all(str(path.parent) not in text for text in texts)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.org/v1",
        "http://192.168.1.20:8000/v1",
        "http://127.0.0.1.example.org/v1",
        "http://localhost.example.org/v1",
        "http://0.0.0.0:8000/v1",
        "http://[fe80::1]:8000/v1",
        "https://hospital.example.org.evil.example/v1",
        "https://sub.hospital.example.org/v1",
        "https://hospital.example.orgx/v1",
        "https://hospital.example.org@evil.example/v1",
        "https://key:secret@hospital.example.org/v1",
        "https://hospital.example.org/v1?key=secret",
        "ftp://hospital.example.org/v1",
        "file:///etc/passwd",
        "hospital.example.org/v1",
        "http://",
        "",
    ],
)
def test_a_host_that_was_not_named_is_refused_at_once(url):
    consent = UploadConsent(["hospital.example.org"])
    with pytest.raises(CaptionError) as raised:
        ChatModel(ChatSettings(url, "m"), PROMPT, consent)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://hospital.example.org/v1",
        "https://HOSPITAL.example.org.:8443/v1",
        "http://192.168.1.20:8000/v1",
        "http://[2001:db8::1]:8000/v1",
        "https://bücher.example/v1",
        "http://localhost:11434/v1",
        "http://127.0.0.2/v1",
        "http://[::1]:8000/v1",
    ],
)
def test_named_hosts_and_this_computer_are_allowed(url):
    consent = UploadConsent(["Hospital.Example.org", "192.168.1.20", "2001:db8::1", "bücher.example"])
    assert ChatModel(ChatSettings(url, "m"), PROMPT, consent).source.model == "m"


@pytest.mark.parametrize("host", ["", "https://a.example", "a.example/v1", "*", "*.example", "a.example:443", "u@a.b"])
def test_consent_names_whole_hosts(host):
    with pytest.raises(CaptionError, match="is not the name of a host"):
        UploadConsent([host])


def test_without_consent_no_byte_is_sent(monkeypatch):
    with FaultServer() as server:
        # Whatever this computer thinks of the name, it is not the loopback interface that was named.
        url = server.url.replace("127.0.0.1", "0.0.0.0")
        with pytest.raises(CaptionError, match="may leave this computer for 0.0.0.0"):
            a_model(url)
        assert (server.connections, server.received) == (0, [])
        assert len(answers_to(server)) == 1
        monkeypatch.setattr(server, "url", url)
        assert len(answers_to(server, consent=UploadConsent(["0.0.0.0"]))) == 1
        assert server.connections == 2


def test_this_computer_has_to_be_named_too_where_it_may_be_the_end_of_a_tunnel():
    for hosts, allowed in (([], False), (["127.0.0.1"], True), (["localhost"], False)):
        consent = UploadConsent(hosts, trust_loopback=False)
        with nullcontext() if allowed else pytest.raises(CaptionError, match="may leave this computer for 127.0.0.1"):
            a_model("http://127.0.0.1:8000/v1", consent=consent)


def test_proxies_and_log_ins_of_the_environment_are_not_used(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login jane password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with FaultServer() as server, FaultServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        answers_to(server)
        assert (proxy.connections, server.connections) == (0, 1)
        assert b"authorization" not in b"".join(server.received).lower()
        monkeypatch.setattr(server, "url", server.url.replace("127.0.0.1", "localhost"))
        answers_to(server, proxy=proxy.url.removesuffix("/v1"))
        assert (proxy.connections, server.connections) == (1, 1)
    with pytest.raises(CaptionError, match="sent to proxy.example.org"):
        a_model("http://localhost/v1", proxy="http://proxy.example.org:3128")


def test_a_redirect_to_another_computer_gets_nothing():
    with FaultServer() as other:
        target = f"Location: {other.url.replace('127.0.0.1', 'localhost')}/chat/completions"
        for status in (301, 302, 303, 307, 308):
            with FaultServer([lambda exchange, status=status: exchange.say(b"", status, headers=[target])]) as server:
                with pytest.raises(CaptionError, match="on to localhost, which is not followed"):
                    answers_to(server)
                assert len(server.exchanges) == 1
        assert other.connections == 0


def test_a_source_tells_model_revision_prompt_and_draw_but_neither_host_nor_key():
    drawn = Sampling(temperature=0.7, seed=3)
    model = a_model("http://localhost/secret-path", key=ApiKey("k-1"), sampling=drawn, revision="r1\x1b")
    source = model.source
    assert (source.backend, source.model, source.model_revision) == ("openai", "tiny", "r1\ufffd")
    assert source.prompt == f"{PROMPT.name} (temperature 0.7, top_p 1, seed 3)"
    assert not re.search("localhost|secret-path|k-1", repr(source))
    with FaultServer() as server:
        answers_to(server, sampling=drawn)
        request = server.exchanges[0].request
    assert (request["temperature"], request["top_p"], request["seed"]) == (0.7, 1.0, 3)
