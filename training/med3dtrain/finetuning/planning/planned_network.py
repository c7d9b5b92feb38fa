"""From the fingerprint of a data set to a network with the encoder that it starts from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import nn

from Med3DInsightLib.bundles import Architecture, HeadKind
from Med3DInsightLib.networks.backbones.backbone import Backbone
from Med3DInsightLib.networks.onednn_convolution import use_onednn_convolutions

from ...datasets.fingerprint import DatasetFingerprint
from ..settings.recipe import FineTuningRecipe
from .plan import Plan, make_plan
from .starting_encoder import starting_architecture, starting_backbone

NetworkT = TypeVar("NetworkT", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class PlannedNetwork(Generic[NetworkT]):
    """A network that is not trained yet, its backbone, how it is built, and how its inputs are prepared."""

    network: NetworkT
    backbone: Backbone
    architecture: Architecture
    plan: Plan


def planned_network(
    recipe: FineTuningRecipe,
    fingerprint: DatasetFingerprint,
    head: HeadKind,
    classes: int,
    build: Callable[[Backbone, int], NetworkT],
    report: Callable[[str], None],
) -> PlannedNetwork[NetworkT]:
    """The network build(backbone, classes) with the recipe's seed for its fresh weights.

    The plan decides the levels of an encoder that is new, and the encoder which patches are possible. Raises UserError
    for an encoder that cannot be had, or cannot read the patches of the recipe.
    """
    levels = make_plan(fingerprint, recipe.plan).levels
    name, arguments = starting_architecture(recipe.network, recipe.start, levels)
    torch.manual_seed(recipe.seed)
    backbone = starting_backbone(name, arguments, recipe.start, report)
    network = build(backbone, classes)
    use_onednn_convolutions(network)
    plan = make_plan(fingerprint, recipe.plan, backbone)
    return PlannedNetwork(network, backbone, Architecture(name, arguments, head, classes), plan)
