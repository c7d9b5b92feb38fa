"""Local models of several kinds answer about every picture, the same each time, without network."""

from __future__ import annotations

import json
import socket
from itertools import cycle, islice

import pytest
import torch

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.backends import Finish, PictureBackend
from Med3DInsightLib.captions.local import TransformersModel, TransformersSettings, transformers_model
from Med3DInsightLib.captions.prompting import Sampling, ShippedPrompts
from Med3DInsightLib.captions.quality import CaptionJudge, captions_of
from Med3DInsightLib.volumes import Plane, slices_of

from ..parts import a_subject
from . import tiny_vision_language

PROMPT = ShippedPrompts().find("plain")
FIVE = Sampling(most_tokens=5)
KINDS = {
    "llava": tiny_vision_language.save_llava,
    "idefics3": tiny_vision_language.save_idefics3,
    "qwen2_vl": tiny_vision_language.save_qwen2_vl,
}


@pytest.fixture(scope="module", params=sorted(KINDS))
def a_folder(request, tmp_path_factory):
    return KINDS[request.param](tmp_path_factory.mktemp(request.param) / "tiny")


@pytest.fixture(scope="module")
def pictures():
    subject = a_subject(with_labels=False)
    places = [
        place for plane in (Plane.AXIAL, Plane.SAGITTAL) for place in slices_of(subject.volume.grid, plane)[4::18]
    ]
    return [subject.picture(place) for place in places]


@pytest.fixture
def no_network(monkeypatch):
    def connect(self, address):
        raise AssertionError(f"something connects to {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *name, **_: connect(None, name))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


def a_model(folder, sampling=FIVE, **settings):
    return TransformersModel(TransformersSettings(str(folder), sampling=sampling, **settings), PROMPT)


def test_every_picture_is_answered_in_order_with_its_tokens_and_without_network(a_folder, pictures, no_network):
    model = a_model(a_folder, batch=2)
    answers = list(model.answer(pictures))
    assert [answer.picture for answer in answers] == pictures
    assert len(pictures) % 2 == 1
    for answer in answers:
        assert set(answer.text.split()) <= {*tiny_vision_language.WORDS, ""}
        assert answer.tokens_in > 40
        assert (answer.tokens_out, answer.finish) == (5, Finish.LIMIT) or answer.finish == Finish.COMPLETE
    assert model.source.backend == "transformers"
    assert model.source.model == "tiny"
    assert model.source.model_revision.startswith("sha256 ")
    assert model.source.prompt == PROMPT.name


def test_several_pictures_are_answered_together_in_pieces(a_folder, pictures, no_network):
    prompt = ShippedPrompts().find("slices").asking("Is the liver on the left?")
    model = TransformersModel(TransformersSettings(str(a_folder), sampling=Sampling(most_tokens=12)), prompt)
    told = []
    reply = model.reply(pictures[:3], told.append)
    assert "".join(told).strip() == reply.text
    assert len(told) > 1
    one = model.reply(pictures[:1], told.append)
    assert reply.tokens_in > one.tokens_in + 10
    assert reply.text != model.reply(pictures[2::-1], told.append).text
    assert model.source.prompt.endswith(": Is the liver on the left?")


def test_what_the_picture_shows_and_what_the_prompt_says_decide_the_answer(a_folder, pictures):
    model = a_model(a_folder, batch=4, sampling=Sampling(most_tokens=12))
    texts = {answer.text for answer in model.answer(pictures)}
    assert len(texts) > 1
    asked = ShippedPrompts().find("question").asking("the spleen is left of the liver")
    other = TransformersModel(TransformersSettings(str(a_folder), sampling=Sampling(most_tokens=12)), asked)
    assert [each.text for each in other.answer(pictures[:2])] != [each.text for each in model.answer(pictures[:2])]


def test_greedy_answers_are_the_same_again_and_in_other_batches(a_folder, pictures):
    def texts(batch):
        return [answer.text for answer in a_model(a_folder, batch=batch).answer(pictures)]

    assert texts(3) == texts(3) == texts(1)


def test_a_draw_depends_on_the_seed_and_leaves_other_draws_alone(a_folder, pictures):
    def texts(seed):
        model = a_model(a_folder, Sampling(most_tokens=8, temperature=1.5, seed=seed), batch=2)
        return [answer.text for answer in model.answer(pictures)], model.source.prompt

    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    assert texts(1) == texts(1)
    assert torch.equal(torch.rand(3), expected)
    assert texts(1)[0] != texts(2)[0]
    assert texts(1)[1] != texts(2)[1]


def test_pictures_are_taken_a_batch_at_a_time(a_folder, pictures):
    taken = []

    def stream():
        for picture in islice(cycle(pictures), 8):
            taken.append(picture)
            yield picture

    answers = a_model(a_folder, batch=3).answer(stream())
    assert taken == []
    next(answers)
    assert len(taken) == 3


def test_an_answer_ends_where_the_model_ends_it(pictures, tmp_path):
    folder = tiny_vision_language.save_llava(tmp_path / "tiny")
    (whole,) = a_model(folder, Sampling(most_tokens=3)).answer(pictures[:1])
    words = whole.text.split()
    number = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"][words[-1]]
    settings = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps({**settings, "eos_token_id": [3, number]}))
    (answer,) = a_model(folder, Sampling(most_tokens=30)).answer(pictures[:1])
    assert (whole.finish, whole.tokens_out) == (Finish.LIMIT, 3)
    assert answer.finish == Finish.COMPLETE
    assert answer.text.split() == words[: words.index(words[-1]) + 1]
    assert len(answer.text.split()) <= answer.tokens_out <= 3


def test_from_slices_to_captions(a_folder):
    subject = a_subject(with_labels=False)
    slices = list(subject.slices(slices_of(subject.volume.grid, Plane.CORONAL)[::25]))
    backend = PictureBackend(a_model(a_folder))
    captions = list(captions_of(backend, slices, CaptionJudge()))
    assert [caption.index for caption in captions] == [each.place.index for each in slices]
    assert {caption.source for caption in captions} == {backend.source}
    assert all(caption.tokens_out for caption in captions)


def test_a_batch_that_does_not_fit_is_halved_and_stays_so(a_folder, pictures, monkeypatch):
    sizes, whole = [], transformers_model.generate

    def short_of_memory(model, pngs, *rest, most=2):
        sizes.append(len(pngs))
        if len(pngs) > most:
            raise torch.OutOfMemoryError("out of memory")
        return whole(model, pngs, *rest)

    monkeypatch.setattr(transformers_model, "generate", short_of_memory)
    answers = list(a_model(a_folder, batch=4).answer(islice(cycle(pictures), 8)))
    assert len(answers) == 8
    assert sizes == [4, 2, 2, 2, 2]
    monkeypatch.setattr(transformers_model, "generate", lambda *all: short_of_memory(*all, most=0))
    with pytest.raises(CaptionError, match="the memory of cpu is too short for one picture. Choose a smaller model"):
        list(a_model(a_folder, batch=4).answer(pictures))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_number_format_is_the_chosen_one(a_folder, pictures, dtype):
    model = a_model(a_folder, dtype=dtype)
    assert len(list(model.answer(pictures[:2]))) == 2
    assert model._opened.module.dtype == getattr(torch, dtype)
    assert not model._opened.module.training
    assert not any(parameter.requires_grad for parameter in model._opened.module.parameters())
