"""Teachers of the package open_clip, BiomedCLIP above all. The package is imported only when one is opened."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from types import ModuleType
from typing import Any

import torch
from PIL import Image
from safetensors import SafetensorError
from torch import Tensor, nn

from Med3DInsightLib.networks.text_towers.errors import TeacherError
from Med3DInsightLib.networks.text_towers.frozen_text_tower import FrozenTextTower, Tokens
from Med3DInsightLib.networks.text_towers.model_files import ModelFiles
from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.token_limit import TokenLimit
from Med3DInsightLib.networks.text_towers.tower import TowerIdentity, TowerKind, digest_of

from .frozen_picture_tower import FrozenPictureTower
from .teacher import Teacher

BIOMEDCLIP = "microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224"
"""The published teacher of Med3DInsight, 512 dimensions, 256 tokens."""

_CONFIG = "open_clip_config.json"
_WEIGHTS = "open_clip_model.safetensors"
_DEFAULT_CONTEXT = 77


class OpenClipModel:
    """A folder with open_clip_config.json, open_clip_model.safetensors and tokenizer files.

        teacher = OpenClipModel(find_model(BIOMEDCLIP), Placement()).teacher()

    Where only a pickled open_clip_pytorch_model.bin is offered, its owner can convert it once; it is not
    opened here. The text tower of BiomedCLIP is a BERT whose config.json is in a model of its own:
    text_config is that model's folder, or the folder of the weights holds the config.json too.

    Raises TeacherError if the package or a file is missing.
    """

    def __init__(self, files: ModelFiles, placement: Placement, text_config: ModelFiles | None = None) -> None:
        self._files = replace(files, weights_name=_WEIGHTS)
        self._placement = placement
        self._text_config = text_config or files
        self._files.existing([_CONFIG])
        self._config: Any = self._files.read_json(_CONFIG).get("model_cfg")
        if not isinstance(self._config, dict) or not isinstance(self._config.get("embed_dim"), int):
            raise TeacherError("does not describe a model of open_clip (model_cfg)", files.folder / _CONFIG)
        self._open_clip = _imported()

    def teacher(self) -> Teacher:
        """Two towers that share a space."""
        text: dict[str, Any] = self._config.get("text_cfg", {})
        limit = TokenLimit(int(text.get("context_length", _DEFAULT_CONTEXT)), self._files.name)

        def identity(kind: TowerKind, settings: dict[str, str]) -> TowerIdentity:
            config = digest_of(config=self._files.read_json(_CONFIG))
            digest = digest_of(files=settings, config=config, dtype=str(self._placement.dtype), library="open_clip")
            files = self._files
            return TowerIdentity(
                kind, files.name, files.revision, files.weights_sha256, digest, self._config["embed_dim"]
            )

        def tokenize(texts: Sequence[str]) -> Tokens:
            # One token more than the tower reads: what stands there was cut.
            tokens: Tensor = self._tokenizer(list(texts), context_length=limit.tokens + 1)
            limit.note([limit.tokens + 1 if cut else 0 for cut in (tokens[:, -1] != self._padding).tolist()])
            return {"text": self._tokenizer(list(texts), context_length=limit.tokens)}

        def encode_pixels(pixels: Tensor) -> Tensor:
            module: Any = self._module
            embeddings: Tensor = module.encode_image(pixels)
            return embeddings

        def encode_tokens(tokens: Tokens) -> Tensor:
            module: Any = self._module
            embeddings: Tensor = module.encode_text(tokens["text"])
            return embeddings

        pictures = identity(TowerKind.PICTURES, {})
        tower_config = self._text_config.text_settings.get("config.json", "")
        texts = identity(TowerKind.TEXTS, {**self._files.text_settings, "text tower": tower_config})
        return Teacher(
            FrozenPictureTower(pictures, self._prepare, encode_pixels, self._placement),
            FrozenTextTower(texts, tokenize, encode_tokens, self._placement),
            shares_space=True,
        )

    @cached_property
    def _built(self) -> tuple[nn.Module, Any]:
        """The network with the weights of the folder, and the transform of its pictures."""
        text = {**self._config.get("text_cfg", {}), "hf_model_pretrained": False}
        if "hf_model_name" in text:
            # A folder in place of an id of the hub, so that nothing is asked there.
            text["hf_model_name"] = str(self._text_config.existing(["config.json"])[0].parent)
        try:
            module, _, transform = self._open_clip.create_model_and_transforms(
                f"local-dir:{self._files.folder}",
                load_weights=False,
                pretrained_image=False,
                pretrained_text=False,
                text_cfg=text,
            )
            # Named .safetensors, so not unpickled; it also knows the entries that older checkpoints have too many.
            self._open_clip.load_checkpoint(module, str(self._files.weights[0]), strict=True)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            cause = str(error).strip().splitlines()[0]
            raise TeacherError(f"open_clip cannot open '{self._files.name}' ({cause})", self._files.folder) from error
        frozen = module.eval().requires_grad_(False).to(self._placement.device, self._placement.dtype)
        return frozen, transform

    @property
    def _module(self) -> nn.Module:
        return self._built[0]

    def _prepare(self, pictures: list[Image.Image]) -> Tensor:
        return torch.stack([self._built[1](picture) for picture in pictures])

    @cached_property
    def _tokenizer(self) -> Any:
        return self._open_clip.get_tokenizer(f"local-dir:{self._files.folder}")

    @property
    def _padding(self) -> int:
        """The token behind the end of a text; open_clip's own tokenizer uses 0."""
        inner = getattr(self._tokenizer, "tokenizer", None)
        return int(getattr(inner, "pad_token_id", None) or 0)


def _imported() -> ModuleType:
    try:
        return importlib.import_module("open_clip")
    except (ImportError, RuntimeError, OSError) as error:
        cause = " ".join(str(error).split())
        raise TeacherError(
            f"this teacher needs the package open_clip_torch, which cannot be imported ({cause})",
            next_step="run: pip install open_clip_torch - with a torchvision that was built for the torch you have",
        ) from error
