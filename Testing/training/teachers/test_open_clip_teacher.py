"""A model built like BiomedCLIP: a vision transformer of timm and a BERT, with random weights."""

from __future__ import annotations

import json
import logging

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch.nn.functional import normalize
from transformers import BertConfig

from Med3DInsightLib.networks.text_towers.errors import TeacherError
from med3dtrain.teachers.registry import TeacherBackend, TeacherSettings, open_teacher

from .tiny_models import grey_picture, word_tokenizer

try:
    import open_clip
except (ImportError, RuntimeError) as error:  # RuntimeError: torchvision was built for another torch
    pytest.skip(f"open_clip is not installed ({error})", allow_module_level=True)

CONFIG = {
    "model_cfg": {
        "embed_dim": 24,
        "vision_cfg": {"timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear", "image_size": 160},
        "text_cfg": {
            "hf_model_name": "some/bert",
            "hf_tokenizer_name": "some/bert",
            "hf_proj_type": "mlp",
            "hf_pooler_type": "cls_last_hidden_state_pooler",
            "context_length": 12,
        },
    },
    "preprocess_cfg": {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]},
}
TEXTS = ["the left kidney", "liver"]


@pytest.fixture
def biomed_folder(tmp_path):
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    BertConfig(**small, vocab_size=40, max_position_embeddings=32).save_pretrained(tmp_path)
    word_tokenizer(32).save_pretrained(tmp_path)
    (tmp_path / "open_clip_config.json").write_text(json.dumps(CONFIG))
    torch.manual_seed(0)
    weights = by_hand(tmp_path)[0].state_dict()
    # The checkpoint of BiomedCLIP has this entry, which BERT no longer has.
    weights["text.transformer.embeddings.position_ids"] = torch.arange(32)[None]
    save_file(weights, tmp_path / "open_clip_model.safetensors")
    return tmp_path


def by_hand(folder):
    text = {**CONFIG["model_cfg"]["text_cfg"], "hf_model_name": str(folder), "hf_model_pretrained": False}
    model, _, transform = open_clip.create_model_and_transforms(
        f"local-dir:{folder}", load_weights=False, pretrained_text=False, text_cfg=text
    )
    return model.eval(), transform


@torch.no_grad()
def test_pictures_and_texts_are_embedded_as_by_hand(biomed_folder):
    from safetensors.torch import load_file

    model, transform = by_hand(biomed_folder)
    model.load_state_dict(load_file(biomed_folder / "open_clip_model.safetensors"), strict=False)
    teacher = open_teacher(TeacherSettings(TeacherBackend.OPEN_CLIP, str(biomed_folder)))
    picture = grey_picture()
    expected = model.encode_image(transform(Image.fromarray(picture).convert("RGB"))[None])
    assert teacher.projection_widths == (24,)
    assert torch.allclose(teacher.embed_pictures([picture]), normalize(expected), atol=1e-6)
    tokens = open_clip.get_tokenizer(f"local-dir:{biomed_folder}")(TEXTS)
    assert tokens.shape == (2, 12)
    assert torch.allclose(teacher.embed_texts(TEXTS), normalize(model.encode_text(tokens)), atol=1e-6)


def test_texts_beyond_the_context_are_counted(biomed_folder, caplog):
    teacher = open_teacher(TeacherSettings(TeacherBackend.OPEN_CLIP, str(biomed_folder)))
    ten_words = "the left kidney and the right kidney and the liver"
    with caplog.at_level(logging.WARNING, "Med3DInsightLib"):
        cut, fits = teacher.embed_texts([f"{ten_words} in slice", ten_words])
    assert torch.equal(cut, fits)
    assert "1 of these 2 texts" in caplog.text


def test_pickled_weights_are_not_opened(biomed_folder):
    (biomed_folder / "open_clip_model.safetensors").rename(biomed_folder / "open_clip_pytorch_model.bin")
    with pytest.raises(TeacherError, match="open_clip_pytorch_model.bin is pickled"):
        open_teacher(TeacherSettings(TeacherBackend.OPEN_CLIP, str(biomed_folder)))
