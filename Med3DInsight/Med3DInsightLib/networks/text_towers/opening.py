"""The text tower of a bundle's teacher, from a folder on this computer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ...bundles import Bundle
from ...bundles.vocabulary import Vocabulary
from .errors import TeacherError
from .joint_text_tower import is_joint, joint_text_tower
from .model_files import ModelFiles
from .placement import Placement
from .pretrained import PretrainedModel
from .sentence_encoder import text_tower
from .tower import TextTower

_PHRASES = 3
_SAME = 0.99  # of the cosine: vocabularies are stored as float16
_HASH_DIGITS = 12


def open_text_tower(folder: str | Path, bundle: Bundle, device: torch.device) -> TextTower:
    """The text tower in a folder of transformers, if it is that of the bundle's teacher.

    A CLIP or SigLIP is opened by its texts' half, every other model as a sentence encoder. It is the teacher's
    if its width is that of PSAT's read-outs, and phrases of the bundle's vocabulary get the embeddings they have
    there; without a vocabulary, if its weights or its revision are those that the card names behind the "@".

    Raises TeacherError if it is another model, or cannot be opened; BundleError if the vocabulary is damaged.
    """
    model = PretrainedModel(ModelFiles.in_folder(folder), Placement(device))
    tower: TextTower = joint_text_tower(model) if is_joint(model) else text_tower(model)
    card = bundle.card
    width = 0 if card.architecture.psat is None else card.architecture.psat.embedding
    if tower.identity.width != width:
        raise _another(
            bundle, folder, f"its embeddings have {tower.identity.width} dimensions, those of the model {width}"
        )
    vocabulary = Vocabulary.of(bundle)
    if vocabulary is not None:
        cosines = (tower.embed(vocabulary.phrases[:_PHRASES]).numpy() * vocabulary.embeddings[:_PHRASES]).sum(-1)
        if float(np.min(cosines)) < _SAME:
            raise _another(bundle, folder, "it gives phrases of the model's vocabulary other embeddings")
    elif not _is_revision(card.teacher, tower, model.files.folder):
        raise _another(bundle, folder, "its weights are not those of the revision that the card names")
    return tower


def _is_revision(teacher: str, tower: TextTower, folder: Path) -> bool:
    """Whether a card's id@revision is this tower; the cache of the hub names folders by revision."""
    revision = teacher.rpartition("@")[2]
    known = (tower.identity.weights_sha256[:_HASH_DIGITS], tower.identity.revision, folder.resolve().name)
    return bool(revision) and revision in known


def _another(bundle: Bundle, folder: str | Path, why: str) -> TeacherError:
    return TeacherError(
        f"this is not the text tower of the teacher of '{bundle.card.name}': {why}",
        folder,
        f"name the folder of {bundle.card.teacher}",
    )
