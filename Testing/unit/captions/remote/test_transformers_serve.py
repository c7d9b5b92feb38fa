"""A server that other people wrote gives the answers of the model itself."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time

import pytest

from Med3DInsightLib.captions.backends import PictureUnanswered
from Med3DInsightLib.captions.local import TransformersModel, TransformersSettings
from Med3DInsightLib.captions.prompting import Sampling, ShippedPrompts
from Med3DInsightLib.captions.remote import ChatModel, ChatSettings, UploadConsent

from ..local.tiny_vision_language import save_idefics3
from .parts import QUICK, some_pictures

# What transformers[serving] brings beside transformers itself.
MISSING = [name for name in ("fastapi", "openai", "uvicorn") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"transformers[serving] is not installed: {', '.join(MISSING)}")
SECONDS_TO_START = 120
SIX = Sampling(most_tokens=6)


@pytest.fixture(scope="module")
def a_folder(tmp_path_factory):
    return save_idefics3(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def a_server(a_folder):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(a_folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    server = subprocess.Popen(command, env={**os.environ, "HF_HUB_OFFLINE": "1"}, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + SECONDS_TO_START
        while server.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.2)
        assert server.poll() is None, "transformers serve ended"
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(20)


def ask(url, model, pictures):
    settings = ChatSettings(url, str(model), concurrency=2, sampling=SIX, retry=QUICK)
    return list(ChatModel(settings, ShippedPrompts().find("plain"), UploadConsent()).answer(pictures))


def test_transformers_serve_answers_as_the_model_does_in_this_process(a_server, a_folder):
    pictures = some_pictures(3)
    model = TransformersModel(
        TransformersSettings(str(a_folder), sampling=SIX, batch=1), ShippedPrompts().find("plain")
    )
    local = {id(each.picture): each.text for each in model.answer(pictures)}
    served = ask(a_server, a_folder, pictures)
    assert {id(each.picture): each.text.strip() for each in served} == local
    for each in served:
        assert each.tokens_in > 40
        assert 1 <= each.tokens_out <= 6


def test_a_model_that_it_does_not_have_is_one_clear_line(a_server):
    (answer,) = ask(a_server, "someone/another", some_pictures(1))
    assert isinstance(answer, PictureUnanswered)
    assert answer.reason.startswith("127.0.0.1 answers 400: ")
    assert "\n" not in answer.reason


def test_transformers_serve_streams_what_the_model_says_here_about_several_pictures(a_server, a_folder):
    prompt = ShippedPrompts().find("slices").asking("Is the liver on the left?")
    pictures, told = some_pictures(2), []
    settings = ChatSettings(a_server, str(a_folder), sampling=SIX, retry=QUICK)
    served = ChatModel(settings, prompt, UploadConsent()).reply(pictures, told.append)
    here = TransformersModel(TransformersSettings(str(a_folder), sampling=SIX), prompt)
    assert served.text.strip() == here.reply(pictures, told.append).text
    assert "".join(told).startswith(served.text)
    assert len(told) > 2
