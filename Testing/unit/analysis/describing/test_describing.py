"""Slices described through the service: by label maps, by a model on this computer, by a server that was allowed."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from Testing.unit.captions.local.tiny_vision_language import save_llava
from Testing.unit.captions.parts import a_trunk
from Testing.unit.captions.quality.test_hostile_texts import HOSTILE
from Testing.unit.captions.remote.fault_server import FaultServer, answer_of

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled
from Med3DInsightLib.analysis.describing.backend_choice import ChatServer, LabelMapSentences, LocalModel
from Med3DInsightLib.analysis.describing.shown import pictures_to_describe
from Med3DInsightLib.analysis.describing.slices_asked import ListedSlices, SliceIndex, SpreadSlices
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.captions import CaptionError, Flag
from Med3DInsightLib.captions.backends import LabelsBackend
from Med3DInsightLib.captions.errors import UploadNotAllowed
from Med3DInsightLib.captions.inert_text import is_inert
from Med3DInsightLib.captions.local import TransformersSettings
from Med3DInsightLib.captions.local.model_folder import ModelFolder
from Med3DInsightLib.captions.prompting import Sampling
from Med3DInsightLib.captions.slices import CaptionSubject
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Plane, VolumeError, slice_of

from .parts import chat_server, describe_request

VOLUME, LAYER = a_trunk()


@pytest.fixture
def service():
    return AnalysisService(Bundle.open)


def test_label_maps_are_told_in_the_sentences_of_their_backend(service):
    told, reports = [], []
    request = describe_request(LabelMapSentences(seed=3), SpreadSlices((Plane.AXIAL, Plane.SAGITTAL), 3))
    described = service.describe(request, VOLUME, [LAYER], reports.append, tell=told.append)
    assert [caption.plane for caption in described.captions] == [Plane.AXIAL] * 3 + [Plane.SAGITTAL] * 3
    assert described.missing == ()
    subject = CaptionSubject("trunk", VOLUME, [LAYER])
    expected = [each.text for each in LabelsBackend(3).describe(subject.slices(places_of(described)))]
    assert [caption.text for caption in described.captions] == expected
    assert [caption.text for caption in told] == expected
    assert [report.fraction for report in reports] == pytest.approx([number / 6 for number in range(7)])


def places_of(described):
    return [slice_of(VOLUME.grid, caption.plane, caption.index) for caption in described.captions]


def test_without_a_label_map_there_are_no_sentences(service):
    with pytest.raises(CaptionError, match="no label map"):
        service.describe(describe_request(LabelMapSentences()), VOLUME)


def test_a_server_describes_the_slices_that_are_named_in_their_order_whoever_is_faster(service):
    def slow(exchange):
        time.sleep(0.3)
        exchange.say(answer_of("Sagittal CT slice of the liver."))

    with FaultServer([slow, lambda exchange: exchange.say(answer_of("Axial CT slice of the spleen."))]) as server:
        told = []
        request = describe_request(chat_server(server, concurrency=2), volume_id="Jane Doe 4711")
        described = service.describe(request, VOLUME, tell=told.append)
        texts = [exchange.request["messages"][0]["content"][1]["text"] for exchange in server.exchanges]
        shown = list(pictures_to_describe(request, VOLUME))
    assert [(caption.plane, caption.index) for caption in described.captions] == [
        (Plane.SAGITTAL, 40),
        (Plane.AXIAL, 12),
    ]
    assert {caption.text for caption in described.captions} == {caption.text for caption in told}
    assert sorted(texts) == sorted(each.prompt for each in shown)
    caption = described.captions[0]
    assert (caption.volume_id, caption.backend, caption.model) == ("Jane Doe 4711", "openai", "tiny")
    assert b"Jane Doe" not in b"".join(server.received)


def test_a_slice_without_an_answer_is_told_with_the_reason(service):
    faults = [lambda exchange: exchange.say(b'{"error": "\x1b[2J no"}', 400), lambda e: e.say(answer_of("The liver."))]
    with FaultServer(faults) as server:
        described = service.describe(describe_request(chat_server(server, concurrency=1)), VOLUME)
    (missing,) = described.missing
    assert (missing.plane, missing.index) == (Plane.SAGITTAL, 40)
    assert missing.reason.startswith("127.0.0.1 answers 400")
    assert is_inert(missing.reason)
    assert [caption.index for caption in described.captions] == [12]


def test_a_host_that_was_not_allowed_gets_not_a_byte(service):
    with FaultServer() as server:
        for hosts in ((), ("localhost",), ("127.0.0.1.example",)):
            with pytest.raises(CaptionError, match="not allowed"):
                service.describe(describe_request(chat_server(server, allowed_hosts=hosts)), VOLUME)
        proxied = chat_server(server, proxy="http://proxy.example:3128")
        with pytest.raises(CaptionError, match=r"proxy\.example, and that was not allowed"):
            service.describe(describe_request(proxied), VOLUME)
        assert (server.connections, server.received) == (0, [])


def test_this_computer_needs_no_naming_only_where_it_is_trusted():
    choice = ChatServer("http://localhost:8000/v1", "tiny")
    with pytest.raises(UploadNotAllowed, match="may leave this computer for localhost") as refused:
        choice.check_consent()
    assert "--" not in str(refused.value)  # panels have no options
    replace(choice, trust_loopback=True).check_consent()
    assert choice.host == "localhost"


def test_the_same_text_for_distant_slices_is_flagged_in_all_of_them(service):
    both = ListedSlices((SliceIndex(Plane.AXIAL, 5), SliceIndex(Plane.AXIAL, 30)))
    said = [lambda exchange: exchange.say(answer_of("The liver and the spleen of the patient are normal."))]
    with FaultServer(said) as server:
        described = service.describe(describe_request(chat_server(server), both), VOLUME)
    assert [Flag.NEAR_DUPLICATE in caption.flags for caption in described.captions] == [True, True]


def test_hostile_answers_become_inert_captions(service):
    texts = [text for text in HOSTILE if len(text) < 100_000][:40]
    places = ListedSlices(tuple(SliceIndex(Plane.AXIAL, index) for index in range(len(texts))))
    with FaultServer([lambda exchange, text=text: exchange.say(answer_of(text)) for text in texts]) as server:
        told = []
        request = describe_request(chat_server(server, concurrency=1), places)
        described = service.describe(request, VOLUME, tell=told.append)
    assert len(described.captions) == len(told) == len(texts) == 40
    assert all(is_inert(caption.text) for caption in (*described.captions, *told))


def test_cancelling_ends_the_wait_for_a_slow_server(service):
    cancel = threading.Event()
    with FaultServer([lambda exchange: time.sleep(10)]) as server:
        threading.Timer(0.3, cancel.set).start()
        started = time.monotonic()
        with pytest.raises(AnalysisCancelled):
            service.describe(describe_request(chat_server(server)), VOLUME, cancel=cancel)
    assert time.monotonic() - started < 2.3


def test_a_slice_that_is_not_there_is_an_error_before_anything_is_sent(service):
    with FaultServer() as server:
        beyond = ListedSlices((SliceIndex(Plane.AXIAL, 4000),))
        with pytest.raises(VolumeError, match="no axial slice 4000"):
            service.describe(describe_request(chat_server(server), beyond), VOLUME)
        assert server.connections == 0


@pytest.mark.parametrize(
    ("changes", "cause"),
    [({"model": " "}, "no model is named"), ({"concurrency": 0}, "asks nothing"), ({"attempts": 0}, "attempts")],
)
def test_settings_that_cannot_be_are_one_line(service, changes, cause):
    choice = ChatServer(**{"url": "http://127.0.0.1/v1", "model": "m", "trust_loopback": True, **changes})
    with pytest.raises(UserError, match=cause):
        service.describe(describe_request(choice), VOLUME)


def test_a_local_model_describes_slices_and_stays_loaded(service, tmp_path):
    folder = save_llava(tmp_path / "tiny")
    choice = LocalModel(str(folder), device=Device.CPU, sampling=Sampling(most_tokens=6))
    told = []
    first = service.describe(describe_request(choice), VOLUME, tell=told.append)
    assert [caption.text for caption in first.captions] == [caption.text for caption in told]
    assert {caption.model for caption in first.captions} == {"tiny"}
    (folder / "tokenizer.json").write_text("broken since then")
    assert service.describe(describe_request(choice), VOLUME) == first
    with pytest.raises(UserError, match="number format 'float13'"):
        service.describe(describe_request(replace(choice, dtype="float13")), VOLUME)
    service.release_memory()
    with pytest.raises(CaptionError, match="cannot be opened"):
        service.describe(describe_request(choice), VOLUME)


def test_other_weights_in_the_same_folder_are_another_model(service, tmp_path):
    folder = save_llava(tmp_path / "tiny")
    choice = LocalModel(str(folder), device=Device.CPU, sampling=Sampling(most_tokens=6))
    first = service.describe(describe_request(choice), VOLUME).captions[0]
    save_llava(folder, seed=1)
    second = service.describe(describe_request(choice), VOLUME).captions[0]
    assert first.model_revision.startswith("sha256 ")
    assert second.model_revision != first.model_revision
    assert ModelFolder.find(TransformersSettings(str(folder))).revision == second.model_revision


def test_cancelling_ends_a_local_model_between_two_words(service, tmp_path):
    choice = LocalModel(str(save_llava(tmp_path / "tiny")), device=Device.CPU, sampling=Sampling(most_tokens=50))
    cancel = threading.Event()
    told = []
    with pytest.raises(AnalysisCancelled):
        service.describe(describe_request(choice), VOLUME, (), lambda report: cancel.set(), cancel, told.append)
    assert told == []  # a caption that was finished would have been told before anybody looked again
