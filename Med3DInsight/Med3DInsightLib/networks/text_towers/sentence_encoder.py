"""Sentence encoders of transformers: BERT and its kin."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from torch import Tensor

from .errors import TeacherError
from .frozen_text_tower import FrozenTextTower, Tokens
from .pretrained import PretrainedModel
from .token_limit import TokenLimit
from .tokenizing import Tokenizing
from .tower import TowerIdentity, TowerKind, digest_of


class ReadOut(StrEnum):
    """How the tokens of a picture or text become one embedding: the class token, or the mean of all."""

    CLASS_TOKEN = "class_token"  # noqa: S105 - a token of a transformer
    MEAN = "mean"


def text_tower(model: PretrainedModel, read_out: ReadOut | None = None) -> FrozenTextTower:
    """A sentence encoder (BERT and its kin).

    Without a read_out it is the one that the files of sentence-transformers name (1_Pooling/config.json),
    and the mean over the tokens of the text if there are none.
    """
    chosen = read_out or _trained_read_out(model)
    limit = TokenLimit(_token_limit(model), model.files.name)

    def encode(tokens: Tokens) -> Tensor:
        module: Any = model.module
        hidden: Tensor = module(**tokens).last_hidden_state
        if chosen == ReadOut.CLASS_TOKEN:
            return hidden[:, 0]
        weights = tokens["attention_mask"][..., None].float()
        return (hidden.float() * weights).sum(1) / weights.sum(1).clamp_min(1.0)

    settings = digest_of(
        files=model.files.text_settings, read_out=chosen, dtype=str(model.placement.dtype), limit=limit.tokens
    )
    identity = transformer_identity(TowerKind.TEXTS, model, settings)
    return FrozenTextTower(identity, Tokenizing(model, limit), encode, model.placement)


def transformer_identity(kind: TowerKind, model: PretrainedModel, settings: str) -> TowerIdentity:
    """The identity of a transformer whose tokens have one width; raises TeacherError if they have not."""
    files = model.files
    width = getattr(model.config, "hidden_size", None)
    if not isinstance(width, int):
        raise TeacherError(
            f"'{files.name}' is a model of kind '{model.config.model_type}' whose tokens have no one width",
            files.folder,
            "choose a transformer encoder",
        )
    return TowerIdentity(kind, files.name, files.revision, files.weights_sha256, settings, width)


def _trained_read_out(model: PretrainedModel) -> ReadOut:
    pooling = model.files.read_json("1_Pooling/config.json")
    return ReadOut.CLASS_TOKEN if pooling.get("pooling_mode_cls_token") is True else ReadOut.MEAN


def _token_limit(model: PretrainedModel) -> int:
    """The least of what network, tokenizer and sentence-transformers say; some tokenizers say 10^30."""
    stated = (
        getattr(model.config, "max_position_embeddings", None),
        model.files.read_json("tokenizer_config.json").get("model_max_length"),
        model.files.read_json("sentence_bert_config.json").get("max_seq_length"),
    )
    limits = [int(limit) for limit in stated if isinstance(limit, int | float)]
    if not limits:
        raise TeacherError(f"no file of '{model.files.name}' says how many tokens it can read", model.files.folder)
    return min(limits)
