"""A hundred texts that want to do harm come over the network and end as inert text, or as one inert line."""

from __future__ import annotations

import json
import tracemalloc

from Med3DInsightLib.captions import Caption
from Med3DInsightLib.captions.backends import PictureBackend, PictureUnanswered, Undescribed
from Med3DInsightLib.captions.files import CaptionsFile, read_captions
from Med3DInsightLib.captions.inert_text import MOST_CHARACTERS, InertText, is_inert
from Med3DInsightLib.captions.quality import CaptionJudge, captions_of
from Med3DInsightLib.volumes import Plane, slices_of

from ..parts import a_subject
from ..quality.test_hostile_texts import HOSTILE
from .fault_server import FaultServer, answer_of
from .parts import a_model, answers_to, some_pictures


def saying(content, status=200):
    return lambda exchange: exchange.say(content, status)


TOO_LARGE = [text for text in HOSTILE if len(answer_of(text)) > 4_000_000]


def test_all_answers_are_stored_as_inert_text_or_refused_for_their_size(tmp_path):
    subject = a_subject(with_labels=False)
    places = [*slices_of(subject.volume.grid, Plane.SAGITTAL), *slices_of(subject.volume.grid, Plane.CORONAL)]
    slices = list(subject.slices(places[: len(HOSTILE)]))
    with FaultServer([saying(answer_of(text)) for text in HOSTILE]) as server:
        backend = PictureBackend(a_model(server.url))
        results = list(captions_of(backend, slices, CaptionJudge()))
    with CaptionsFile.open(tmp_path / "captions.jsonl") as captions:
        captions.append([result for result in results if isinstance(result, Caption)])
    refused = [text for text, result in zip(HOSTILE, results, strict=True) if isinstance(result, Undescribed)]
    assert refused == TOO_LARGE
    assert len(TOO_LARGE) == 3
    stored = list(read_captions(tmp_path / "captions.jsonl"))
    assert len(stored) == len(HOSTILE) - 3 >= 97
    kept = [text for text in HOSTILE if text not in TOO_LARGE]
    assert [caption.text for caption in stored] == [InertText.of(text).text for text in kept]
    assert all(is_inert(caption.text) and len(caption.text) <= MOST_CHARACTERS for caption in stored)


def test_ten_megabytes_are_refused_without_being_kept():
    flood = b"A" * 10_000_000
    with FaultServer([lambda exchange: exchange.say(b'"' + flood + b'"', headers=["X: y"])]) as server:
        tracemalloc.start()
        (answer,) = answers_to(server, some_pictures(), most_bytes=100_000)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert isinstance(answer, PictureUnanswered)
    # The server of this test is in the same process, and copies what it sends once.
    assert most < 2.5 * len(flood)


def test_an_error_message_becomes_one_short_inert_line():
    messages = [json.dumps({"error": {"message": text}}).encode() for text in HOSTILE]
    with FaultServer([saying(message, 400) for message in messages]) as server:
        answers = answers_to(server, some_pictures(len(HOSTILE)))
    assert len(answers) == len(HOSTILE)
    for answer in answers:
        assert answer.reason.startswith("127.0.0.1 answers 400")
        assert is_inert(answer.reason)
        assert "\n" not in answer.reason
        assert len(answer.reason) < 300
