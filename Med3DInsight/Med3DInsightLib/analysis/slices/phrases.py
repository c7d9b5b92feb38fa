"""Phrases in the space of a teacher."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...bundles import Bundle, ModelCard
from ...bundles.vocabulary import Vocabulary
from ...errors import UserError

if TYPE_CHECKING:  # results travel to where there is no torch
    from ...networks.text_towers.tower import TextTower


@dataclass(frozen=True, eq=False)
class Phrase:
    """A phrase, its embedding (D,) of length 1, and whether it is one of the model's vocabulary."""

    text: str
    embedding: NDArray[np.float32]
    of_vocabulary: bool


def phrase_of(bundle: Bundle, text: str, tower: Callable[[], TextTower] | None = None) -> Phrase:
    """The embedding of a phrase: from the bundle's vocabulary if it is there, whatever its case, else by a tower.

    The tower is asked for only if it is needed. Raises UserError if the text is empty, or if it is not in the
    vocabulary and there is no tower; BundleError if the vocabulary is damaged.
    """
    wanted = " ".join(text.split())
    if not wanted:
        raise UserError("there is no phrase to look for", next_step="type one")
    vocabulary = Vocabulary.of(bundle)
    numbers = {} if vocabulary is None else {known.casefold(): n for n, known in enumerate(vocabulary.phrases)}
    if vocabulary is not None and wanted.casefold() in numbers:
        number = numbers[wanted.casefold()]
        return Phrase(vocabulary.phrases[number], vocabulary.embeddings[number], True)
    if tower is None:
        raise _needs_tower(bundle.card, wanted, len(numbers))
    return Phrase(wanted, tower().embed([wanted])[0].numpy(), False)


def _needs_tower(card: ModelCard, text: str, phrases: int) -> UserError:
    return UserError(
        f"'{text}' is not one of the {phrases} phrases of model '{card.name}'",
        next_step=f"choose one of them; free text needs the text tower of the teacher, {card.teacher}: name its folder",
    )
