"""A teacher that cannot be opened says why and what to do; nothing of it is executed or fetched."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from Med3DInsightLib.networks.text_towers.errors import TeacherError
from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.pretrained import PretrainedModel
from Med3DInsightLib.networks.text_towers.sentence_encoder import ReadOut, text_tower
from med3dtrain.teachers.model_search import find_model
from med3dtrain.teachers.registry import NumberFormat, TeacherBackend, TeacherSettings, open_teacher
from med3dtrain.teachers.teacher import Teacher
from med3dtrain.teachers.vision_transformer import picture_tower

from .tiny_models import grey_picture, png_of


def joint(folder, **settings):
    return open_teacher(TeacherSettings(TeacherBackend.JOINT, str(folder), **settings))


@pytest.fixture
def a_copy(clip_folder, tmp_path):
    return shutil.copytree(clip_folder, tmp_path / "clip")


def embed_both(teacher):
    return teacher.embed_pictures([grey_picture()]), teacher.embed_texts(["liver"])


def rewrite(path, **entries):
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def test_a_model_that_is_not_here_is_named_with_the_command_and_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(TeacherError, match="google/medsiglip-448.*not on this computer") as caught:
        joint("google/medsiglip-448")
    assert "hf download google/medsiglip-448" in str(caught.value)
    assert "config.json, model.safetensors, preprocessor_config.json" in str(caught.value)
    assert list(tmp_path.rglob("*.*")) == []


def test_a_download_that_fails_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(TeacherError, match="google/medsiglip-448"):
        joint("google/medsiglip-448", allow_download=True)


@pytest.mark.parametrize(
    ("name", "message"), [("", "no model is named"), ("no such/folder/at all", "neither a folder")]
)
def test_a_name_that_cannot_be_a_model_is_refused(name, message):
    with pytest.raises(TeacherError, match=message):
        joint(name)


def test_the_commit_of_a_model_from_the_hub_is_its_revision(clip_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--some--clip"
    shutil.copytree(clip_folder, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    teacher = joint("some/clip")
    assert teacher.pictures.identity.revision == commit
    assert torch.equal(teacher.embed_texts(["liver"]), joint(clip_folder).embed_texts(["liver"]))
    assert teacher.pictures.identity.key == joint(clip_folder).pictures.identity.key


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"])
def test_a_missing_file_is_named(a_copy, name):
    (a_copy / name).unlink()
    with pytest.raises(TeacherError, match=name):
        embed_both(joint(a_copy))


def test_pickled_weights_are_not_opened(a_copy):
    (a_copy / "model.safetensors").rename(a_copy / "pytorch_model.bin")
    with pytest.raises(TeacherError, match="pytorch_model.bin is pickled"):
        joint(a_copy).embed_texts(["liver"])


def test_damaged_weights_are_an_error(a_copy):
    weights = a_copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(TeacherError, match="cannot be opened"):
        joint(a_copy).embed_texts(["liver"])


def test_weights_that_lack_a_layer_are_not_filled_with_random_numbers(a_copy):
    weights = load_file(a_copy / "model.safetensors")
    del weights["text_projection.weight"]
    save_file(weights, a_copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TeacherError, match="lack 1 entries, such as text_projection.weight"):
        joint(a_copy).embed_texts(["liver"])


@pytest.mark.parametrize("kind", ["clip", "something_new"])
def test_code_that_comes_with_a_model_is_never_run(a_copy, kind):
    trace = a_copy / "was_run"
    (a_copy / "modeling_evil.py").write_text(f"open({str(trace)!r}, 'w')\nclass Evil: pass\n")
    evil = "modeling_evil.Evil"
    rewrite(a_copy / "config.json", model_type=kind, auto_map={"AutoConfig": evil, "AutoModel": evil})
    rewrite(a_copy / "preprocessor_config.json", auto_map={"AutoImageProcessor": evil})
    rewrite(a_copy / "tokenizer_config.json", auto_map={"AutoTokenizer": [evil, evil]})
    if kind == "clip":
        assert joint(a_copy).embed_pictures([grey_picture()]).shape == (1, 20)
        assert joint(a_copy).embed_texts(["liver"]).shape == (1, 20)
    else:
        with pytest.raises(TeacherError, match="cannot be opened"):
            joint(a_copy)
    assert not trace.exists()


def test_a_model_without_a_shared_space_is_no_joint_teacher(bert_folder):
    with pytest.raises(TeacherError, match="kind 'bert'"):
        joint(bert_folder)


def test_an_unaligned_teacher_asks_for_its_second_model(vit_folder):
    with pytest.raises(TeacherError, match="text_model"):
        open_teacher(TeacherSettings(TeacherBackend.UNALIGNED, str(vit_folder)))


def test_a_shared_space_has_one_width(vit_folder, bert_folder):
    teacher = open_teacher(TeacherSettings(TeacherBackend.UNALIGNED, str(vit_folder), str(bert_folder)))
    with pytest.raises(ValueError, match="24 and 16"):
        Teacher(teacher.pictures, teacher.texts, shares_space=True)


def test_open_clip_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "open_clip", None)
    (tmp_path / "open_clip_config.json").write_text('{"model_cfg": {"embed_dim": 8}}')
    with pytest.raises(TeacherError, match="pip install open_clip_torch"):
        open_teacher(TeacherSettings(TeacherBackend.OPEN_CLIP, str(tmp_path)))


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (grey_picture().astype("float32"), "float32"),
        (grey_picture()[None], r"\(1, 40, 48\)"),
        (grey_picture()[:0], r"\(0, 48\)"),
        (b"not a picture", "13 bytes"),
        (png_of(grey_picture())[:200], "not a readable PNG"),
        (png_of(grey_picture().astype("uint16") * 200), "mode I;16"),
    ],
)
def test_what_is_not_an_8_bit_picture_is_refused(clip_folder, picture, message):
    with pytest.raises(TeacherError, match=message):
        joint(clip_folder).embed_pictures([grey_picture(), picture])


def test_an_embedding_that_is_not_finite_is_refused(a_copy):
    weights = load_file(a_copy / "model.safetensors")
    weights["visual_projection.weight"][0, 0] = float("nan")
    save_file(weights, a_copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TeacherError, match="no finite embedding for number 0 of 1 pictures"):
        joint(a_copy).embed_pictures([grey_picture()])


def test_the_identity_changes_with_what_can_change_an_embedding_and_with_nothing_else(clip_folder, a_copy):
    def keys(**settings):
        teacher = joint(a_copy, **settings)
        return teacher.pictures.identity.key, teacher.texts.identity.key

    pictures, texts = keys()
    assert pictures != texts
    assert (pictures, texts) == (joint(clip_folder).pictures.identity.key, joint(clip_folder).texts.identity.key)
    assert (pictures, texts) == keys(batch=3)
    assert set(keys(number_format=NumberFormat.FLOAT16)).isdisjoint((pictures, texts))
    rewrite(a_copy / "preprocessor_config.json", image_mean=[0.5, 0.5, 0.5])
    assert keys()[0] != pictures
    assert keys()[1] == texts
    shutil.copy(clip_folder / "preprocessor_config.json", a_copy)
    rewrite(a_copy / "tokenizer_config.json", model_max_length=10)
    assert keys()[0] == pictures
    assert keys()[1] != texts
    weights = load_file(a_copy / "model.safetensors")
    weights["logit_scale"] += 1
    save_file(weights, a_copy / "model.safetensors", metadata={"format": "pt"})
    assert keys()[0] != pictures


def test_the_identity_tells_read_outs_apart(vit_folder, bert_folder):
    def model(folder):
        return PretrainedModel(find_model(str(folder)), Placement())

    assert len({picture_tower(model(vit_folder), read_out).identity.key for read_out in ReadOut}) == 2
    assert len({text_tower(model(bert_folder), read_out).identity.key for read_out in ReadOut}) == 2
    identity = picture_tower(model(vit_folder)).identity
    assert replace(identity, name="elsewhere", revision="1").key == identity.key


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({"weight_map": {"a": "../secret.safetensors"}}, "names '../secret.safetensors', which is not in its folder"),
        ({"weight_map": {"a": 5}}, "names '5', which is not in its folder"),
        ({"weight_map": {"a": ["b"]}}, "the list of weight files cannot be read"),
        ([], "the list of weight files cannot be read"),
    ],
)
def test_a_list_of_weight_files_stays_in_its_folder(a_copy, listed, message):
    (a_copy / "model.safetensors").rename(a_copy.parent / "secret.safetensors")
    (a_copy / "model.safetensors.index.json").write_text(json.dumps(listed))
    with pytest.raises(TeacherError, match=message):
        embed_both(joint(a_copy))


def test_weights_in_several_files_are_hashed_and_loaded_together(clip_folder, a_copy):
    from transformers import CLIPModel

    (a_copy / "model.safetensors").unlink()
    CLIPModel.from_pretrained(clip_folder).save_pretrained(a_copy, max_shard_size="20kB")
    assert len(find_model(str(a_copy)).weights) > 2
    # Weights that lie elsewhere in memory may be multiplied in another order.
    torch.testing.assert_close(joint(a_copy).embed_texts(["liver"]), joint(clip_folder).embed_texts(["liver"]))
    lost = find_model(str(a_copy)).weights[1]
    lost.unlink()
    with pytest.raises(TeacherError, match=lost.name):
        joint(a_copy)
