"""Whether a recipe can be run and its parts fit each other, told before anything is computed."""

from __future__ import annotations

from Med3DInsightLib.networks.backbones.backbone import Backbone

from ..reconstruction.settings import ReconstructionForm
from .errors import PretrainingError
from .recipe import PretrainingRecipe


def require_fit(recipe: PretrainingRecipe, backbone: Backbone) -> None:
    """Raise PretrainingError, naming the entry, if crops do not suit the networks, or pairs are too few."""
    patch, coarsest = recipe.card.recipe.patch_kji, backbone.strides[-1]
    if backbone.window_kji is not None and tuple(backbone.window_kji) != tuple(patch):
        raise PretrainingError(
            f"{recipe.card.architecture.backbone} reads {list(backbone.window_kji)} voxels, and card.recipe.patch_kji "
            f"is {list(patch)}",
            next_step="make them equal",
        )
    if any(size % coarsest for size in patch):
        raise PretrainingError(
            f"card.recipe.patch_kji is {list(patch)}, not multiples of {coarsest}, the coarsest stride of "
            f"{recipe.card.architecture.backbone}"
        )
    masked = recipe.objective.reconstruction_weight > 0 and recipe.reconstruction.form == ReconstructionForm.MASKED
    if masked and recipe.reconstruction.cube >= max(patch):
        raise PretrainingError(
            f"one cube of {recipe.reconstruction.cube} voxels (reconstruction.cube) covers a crop of {list(patch)}",
            next_step="choose smaller cubes",
        )
    if recipe.sampling.batch * recipe.sampling.slices_per_crop < 2 and recipe.alignment.queue == 0:
        raise PretrainingError(
            "a step with one slice has nothing to compare it with",
            next_step="choose a larger sampling.batch or slices_per_crop, or an alignment.queue",
        )
