"""Vision-language models of transformers with random weights, small enough for a test, saved as any other is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import (
    CLIPImageProcessorPil,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessorPil,
    Idefics3Processor,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
)

WORDS = ["liver", "spleen", "axial", "coronal", "sagittal", "slice", "CT", "MR", "the", "of", "is", "left", "right"]
_SIZE = 28
_TEXT = {
    "initializer_range": 0.5,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}
_TEMPLATE = (
    "{% for message in messages %}{{ message.role }} "
    "{% for part in message.content %}{% if part.type == 'image' %}IMAGE {% else %}{{ part.text }}{% endif %}"
    "{% endfor %}</s>{% endfor %}{% if add_generation_prompt %}assistant {% endif %}"
)


def tokenizer_of(special: Sequence[str]) -> PreTrainedTokenizerFast:
    """Whole words and the given special tokens; every other word is <unk>."""
    names = ["<pad>", "<unk>", "<s>", "</s>", *special]
    vocabulary = {word: number for number, word in enumerate([*names, *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Split(" ", "removed")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        additional_special_tokens=list(special),
    )


def save_llava(folder: Path, seed: int = 0) -> Path:
    """A LLaVA: CLIP and Llama."""
    torch.manual_seed(seed)
    tokenizer = tokenizer_of(["<image>"])
    text = {
        "model_type": "llama",
        **_TEXT,
        "num_key_value_heads": 2,
        "vocab_size": len(tokenizer),
        "bos_token_id": 2,
        "eos_token_id": 3,
        "pad_token_id": 0,
    }
    vision = {"model_type": "clip_vision_model", **_TEXT, "image_size": _SIZE, "patch_size": 14, "projection_dim": 16}
    image = tokenizer.convert_tokens_to_ids("<image>")
    config = LlavaConfig(
        vision_config=vision, text_config=text, image_token_id=image, image_seq_length=4, eos_token_id=3, pad_token_id=0
    )
    LlavaForConditionalGeneration(config).eval().save_pretrained(folder)
    pictures = CLIPImageProcessorPil(size={"shortest_edge": _SIZE}, crop_size={"height": _SIZE, "width": _SIZE})
    LlavaProcessor(
        pictures,
        tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=_TEMPLATE.replace("IMAGE", "<image>"),
    ).save_pretrained(folder)
    return folder


def save_idefics3(folder: Path, seed: int = 0) -> Path:
    """An Idefics3, whose kind SmolVLM is: the picture is cut into tiles."""
    torch.manual_seed(seed)
    special = ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"]
    special += [f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)]
    tokenizer = tokenizer_of(special)
    text = {
        "model_type": "llama",
        **_TEXT,
        "num_key_value_heads": 2,
        "vocab_size": len(tokenizer),
        "bos_token_id": 2,
        "eos_token_id": 3,
        "pad_token_id": 0,
    }
    vision = {**_TEXT, "image_size": _SIZE, "patch_size": 14}
    image = tokenizer.convert_tokens_to_ids("<image>")
    config = Idefics3Config(
        vision_config=vision, text_config=text, image_token_id=image, scale_factor=2, eos_token_id=3, pad_token_id=0
    )
    Idefics3ForConditionalGeneration(config).eval().save_pretrained(folder)
    pictures = Idefics3ImageProcessorPil(
        size={"longest_edge": 2 * _SIZE}, max_image_size={"longest_edge": _SIZE}, do_image_splitting=True
    )
    Idefics3Processor(
        pictures, tokenizer, image_seq_len=1, chat_template=_TEMPLATE.replace("IMAGE", "<image>")
    ).save_pretrained(folder)
    return folder


def save_qwen2_vl(folder: Path, seed: int = 0) -> Path:
    """A Qwen2-VL: Qwen2.5-VL and Lingshu are of its kind. It reads videos too, which needs torchvision."""
    torch.manual_seed(seed)
    special = ["<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"]
    tokenizer = tokenizer_of(special)
    text = {
        **_TEXT,
        "num_key_value_heads": 2,
        "vocab_size": len(tokenizer),
        "bos_token_id": 2,
        "eos_token_id": 3,
        "pad_token_id": 0,
        "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0},
    }
    vision = {"depth": 2, "embed_dim": 16, "hidden_size": 16, "num_heads": 2, "mlp_ratio": 2, "patch_size": 14}
    image, video, start, end = tokenizer.convert_tokens_to_ids(special)
    config = Qwen2VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
        eos_token_id=3,
        pad_token_id=0,
    )
    Qwen2VLForConditionalGeneration(config).eval().save_pretrained(folder)
    Qwen2VLImageProcessorPil(size={"shortest_edge": 28 * 28, "longest_edge": 4 * 28 * 28}).save_pretrained(folder)
    tokenizer.chat_template = _TEMPLATE.replace("IMAGE", "<|vision_start|> <|image_pad|> <|vision_end|>")
    tokenizer.save_pretrained(folder)
    return folder
