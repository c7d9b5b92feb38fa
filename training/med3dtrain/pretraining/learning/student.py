"""The network that learns to see what the teacher sees."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn

from Med3DInsightLib.bundles import Architecture
from Med3DInsightLib.networks.factory import build_network
from Med3DInsightLib.networks.pretrained_encoder import PretrainedEncoder
from Med3DInsightLib.networks.psat.psat import Places
from Med3DInsightLib.volumes import Grid

from ..errors import PretrainingError
from ..targets.towers import IMAGE, TEXT, Towers


class Student(nn.Module):
    """An encoder with PSAT, and a projection for each term whose space is not the one PSAT reads into.

        student = build_student(card.architecture, towers)
        features = student.encoder.backbone(x)                  # x (B, 1, K, J, I) seen on grids (B)
        student.read_outs(features, grids, places)["text"]      # (B * S, width of the text tower)

    Towers that share a space need no projection. Of two that do not, PSAT reads into the space of the texts,
    so that the bundle can be searched by text, and the slices' space is reached by a linear projection,
    which only pretraining needs.
    """

    def __init__(self, encoder: PretrainedEncoder, terms: Collection[str], projections: nn.ModuleDict) -> None:
        super().__init__()
        self.encoder = encoder
        self.terms = tuple(terms)
        self.projections = projections

    def read_outs(self, features: Sequence[Tensor], grids: Sequence[Grid], places: Places) -> dict[str, Tensor]:
        """Read-outs (B * S, width) by term, of the slices at places (B x S)."""
        embeddings = self.encoder.psat(features, grids, places).flatten(0, 1)
        return {
            term: self.projections[term](embeddings) if term in self.projections else embeddings for term in self.terms
        }

    def forward(self, x: Tensor, grids: Sequence[Grid], places: Places) -> dict[str, Tensor]:
        """read_outs() of x, (B, 1, K, J, I)."""
        return self.read_outs(self.encoder.backbone(x), grids, places)


def build_student(architecture: Architecture, towers: Towers) -> Student:
    """The student of an architecture with PSAT for the terms that have a tower, with fresh weights.

    Raises PretrainingError if there is no PSAT, or it does not read into the teacher's space.
    """
    try:
        encoder = build_network(architecture)
    except ValueError as error:
        raise PretrainingError(f"the network cannot be built: {error}") from error
    if architecture.psat is None or not isinstance(encoder, PretrainedEncoder):
        raise PretrainingError("the architecture has no psat", next_step="add [card.architecture.psat] to the recipe")
    wanted = towers.read_out.width
    if architecture.psat.embedding != wanted:
        raise PretrainingError(
            f"psat reads {architecture.psat.embedding} dimensions, and {towers.read_out} has {wanted}",
            next_step=f"set embedding = {wanted} in [card.architecture.psat]",
        )
    identities = towers.identities
    projections = nn.ModuleDict()
    if IMAGE in identities and TEXT in identities and not towers.shares_space:
        projections[IMAGE] = nn.Linear(wanted, identities[IMAGE].width)
    return Student(encoder, tuple(identities), projections)


def unit(x: Tensor) -> Tensor:
    """Rows of length 1, in float32."""
    return torch.nn.functional.normalize(x.float(), dim=-1)
