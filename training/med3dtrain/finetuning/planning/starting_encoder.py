"""The encoder that fine-tuning begins with."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.utils.data import Dataset

from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.networks.backbones.backbone import Backbone
from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.factory import encoder_of, load_network

from ...loops.even_levels import even_levels
from ...loops.examples import Example
from ..errors import FineTuningError
from ..settings.network import NetworkSettings
from ..settings.start import StartSettings
from .low_rank import add_low_rank_updates

_LEAST_SHARE = 0.5


def starting_architecture(network: NetworkSettings, start: StartSettings, levels: int) -> tuple[str, dict[str, Any]]:
    """Name and arguments of the backbone: that of the bundle to start from, else the recipe's.

    levels is how many a segresnet gets if the recipe does not say it. Raises BundleError for a bundle that is none.
    """
    if start.bundle is not None:
        architecture = InstalledModels().find(start.bundle).card.architecture
        return architecture.backbone, dict(architecture.backbone_arguments)
    arguments = dict(network.arguments)
    if network.backbone == "segresnet":
        arguments.setdefault("blocks", (1, *(2,) * (levels - 1)))
    return network.backbone, arguments


def starting_backbone(
    name: str, arguments: Mapping[str, Any], start: StartSettings, report: Callable[[str], None]
) -> Backbone:
    """The backbone with the weights to start from, or fresh ones.

    Raises BundleError for a damaged bundle, FineTuningError for a backbone that cannot be built or a checkpoint
    that does not fit it.
    """
    try:
        backbone = build_backbone(name, **arguments)
    except ValueError as error:
        raise FineTuningError(str(error), next_step="change network.backbone or network.arguments") from error
    if start.bundle is not None:
        loaded = load_network(InstalledModels().find(start.bundle))
        backbone.load_state_dict(encoder_of(loaded).state_dict())
    elif start.checkpoint is not None:
        _load_foreign(backbone, start.checkpoint, _prefixes(start.key_map), report)
    return backbone


def begin_teaching(backbone: Backbone, start: StartSettings, steps: int, examples: Dataset[Example]) -> None:
    """Fit a backbone with the weights to start from to a new head and these examples, and to how it is to learn.

    One that rests all the steps stays as it is, so that models with the same encoder can share its features.
    """
    has_learnt = start.bundle is not None or start.checkpoint is not None
    if has_learnt and start.frozen_steps < steps:
        even_levels(backbone, examples)
    if start.rank:
        add_low_rank_updates(backbone, start.rank)


def learnt_by_start(start: StartSettings, measured: Sequence[str], report: Callable[[str], None]) -> tuple[str, ...]:
    """Hashes of the images that the bundle to start from has learnt from; those that are measured with are told."""
    if start.bundle is None:
        return ()
    learnt = InstalledModels().find(start.bundle).card.learnt_from
    known = len(set(learnt) & set(measured))
    if known:
        report(
            f"{start.bundle}: its encoder learnt from {known} of the {len(measured)} cases to measure with; figures "
            "will be better than with new patients"
        )
    return learnt


def _load_foreign(backbone: Backbone, path: Path, prefixes: Mapping[str, str], report: Callable[[str], None]) -> None:
    """Take over every tensor whose renamed key and shape fit; at least half of the backbone's weights have to."""
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise FineTuningError(
            f"cannot be read as safetensors ({error})",
            path,
            "convert the weights to .safetensors with the other program",
        ) from error
    wanted = backbone.state_dict()
    renamed = {_renamed(name, prefixes): tensor for name, tensor in tensors.items()}
    fitting = {
        name: tensor for name, tensor in renamed.items() if name in wanted and tensor.shape == wanted[name].shape
    }
    taken, whole = _size(fitting), _size(wanted)
    if taken < _LEAST_SHARE * whole:
        first = next(iter(sorted(tensors)), "nothing")
        raise FineTuningError(
            f"only {taken / whole:.0%} of the backbone's weights are in it by name and shape; it has '{first}', the "
            f"backbone '{min(wanted)}'",
            path,
            "write a key map (start.key_map), or choose the backbone the weights are of",
        )
    broken = next((name for name, tensor in fitting.items() if not tensor.isfinite().all()), None)
    if broken is not None:
        raise FineTuningError(
            f"'{broken}' holds numbers that are NaN or infinite", path, "export the weights again, or choose others"
        )
    backbone.load_state_dict({**wanted, **fitting})
    report(
        f"{path}: {taken / whole:.1%} of the backbone's weights taken over, {len(tensors) - len(fitting)} entries left"
    )


def _prefixes(key_map: Path | None) -> dict[str, str]:
    if key_map is None:
        return {}
    try:
        entries = tomllib.loads(key_map.read_text(encoding="utf-8"))["prefixes"]
        return {str(old): str(new) for old, new in entries.items()}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise FineTuningError(
            f"cannot be read as a key map ({error})", key_map, 'write a table [prefixes] with "encoder." = ""'
        ) from error


def _renamed(name: str, prefixes: Mapping[str, str]) -> str:
    """The name with its longest known beginning replaced."""
    for old in sorted(prefixes, key=len, reverse=True):
        if name.startswith(old):
            return prefixes[old] + name[len(old) :]
    return name


def _size(tensors: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors.values())
