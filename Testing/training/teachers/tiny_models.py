"""Models of transformers with random weights, small enough for a test, saved as any other is."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    Dinov2WithRegistersConfig,
    Dinov2WithRegistersModel,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
    ViTConfig,
    ViTImageProcessorPil,
    ViTModel,
)

WORDS = ["the", "left", "right", "kidney", "liver", "lung", "is", "seen", "in", "an", "axial", "coronal", "slice"]
WORDS += ["with", "bright", "dark", "small", "lesion", "of", "and"]
SENTENCES = [f"{a} {b} {c} {d}" for a in WORDS for b in WORDS[:6] for c in WORDS[3:7] for d in WORDS[8:12]]
SIZE = 32
_SMALL = {"hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
_VISION = {**_SMALL, "image_size": SIZE, "patch_size": 8}


def word_tokenizer(limit: int) -> PreTrainedTokenizerFast:
    """Whole words, [CLS] before and [SEP] behind."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: number for number, word in enumerate([*special, *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=limit, **names)


def save_clip(folder: Path, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    # Text is read out at [SEP], number 3.
    text = {
        **_SMALL,
        "vocab_size": 40,
        "max_position_embeddings": 12,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "pad_token_id": 0,
    }
    CLIPModel(CLIPConfig(text_config=text, vision_config=_VISION, projection_dim=20)).eval().save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE}).save_pretrained(
        folder
    )
    word_tokenizer(12).save_pretrained(folder)
    return folder


def save_siglip(folder: Path, seed: int = 0) -> Path:
    """With a sentencepiece vocabulary, as SigLIP and MedSigLIP ship it."""
    torch.manual_seed(seed)
    text = {
        **_SMALL,
        "vocab_size": 64,
        "max_position_embeddings": 12,
        "bos_token_id": None,
        "eos_token_id": 1,
        "pad_token_id": 1,
    }
    SiglipModel(SiglipConfig(text_config=text, vision_config=_VISION)).eval().save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": SIZE, "width": SIZE}).save_pretrained(folder)
    sentencepiece_tokenizer(folder)
    return folder


def sentencepiece_tokenizer(folder: Path) -> None:
    import sentencepiece
    from transformers import SiglipTokenizer

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES),
        model_prefix=str(folder / "spiece"),
        vocab_size=64,
        hard_vocab_limit=False,
        unk_id=2,
        eos_id=1,
        pad_id=0,
        bos_id=-1,
        minloglevel=2,
    )
    SiglipTokenizer(str(folder / "spiece.model"), model_max_length=12).save_pretrained(folder)


def save_vit(folder: Path, seed: int = 0, pooler: bool = False) -> Path:
    torch.manual_seed(seed)
    ViTModel(ViTConfig(**_VISION), add_pooling_layer=pooler).eval().save_pretrained(folder)
    ViTImageProcessorPil(size={"height": SIZE, "width": SIZE}).save_pretrained(folder)
    return folder


def save_dino(folder: Path, seed: int = 0) -> Path:
    """DINOv2 with four registers."""
    torch.manual_seed(seed)
    config = Dinov2WithRegistersConfig(**{**_VISION, "num_register_tokens": 4})
    Dinov2WithRegistersModel(config).eval().save_pretrained(folder)
    ViTImageProcessorPil(size={"height": SIZE, "width": SIZE}).save_pretrained(folder)
    return folder


def save_bert(folder: Path, seed: int = 0, limit: int = 12) -> Path:
    torch.manual_seed(seed)
    config = BertConfig(**{**_SMALL, "hidden_size": 16, "vocab_size": 40, "max_position_embeddings": 16})
    BertModel(config, add_pooling_layer=False).eval().save_pretrained(folder)
    word_tokenizer(limit).save_pretrained(folder)
    return folder


def png_of(picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()


def grey_picture(seed: int = 0, rows: int = 40, columns: int = 48) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)
