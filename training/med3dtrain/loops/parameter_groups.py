"""Which parameters learn how fast, and from which step on."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from Med3DInsightLib.networks.backbones.backbone import Backbone


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters with their weight decay, their share of the usual learning rate, and the step they begin at."""

    parameters: list[nn.Parameter]
    weight_decay: float
    rate: float = 1.0
    first_step: int = 0

    def freeze(self, step: int) -> None:
        """Let the parameters have gradients, unless their first step is still to come."""
        for parameter in self.parameters:
            parameter.requires_grad_(step >= self.first_step)


def parameter_groups(
    objective: nn.Module, backbone: Backbone, weight_decay: float, layer_decay: float = 1.0, frozen_steps: int = 0
) -> list[ParameterGroup]:
    """Everything that is trained, each parameter once; those without requires_grad stay as they are for good.

    What is not of the backbone learns at the usual rate. The backbone begins after frozen_steps; of its parts, in
    the order in which they are defined, the last learns at layer_decay times the usual rate, the one
    before at its square, and so on (Clark et al. 2020, arXiv 2003.10555, for encoders in general). Biases and norms
    are not decayed.
    """
    of_backbone = {id(parameter) for parameter in backbone.parameters()}
    others = [parameter for parameter in objective.parameters() if id(parameter) not in of_backbone]
    groups = _by_decay(others, weight_decay, 1.0, 0)
    parts = _parts(backbone)
    for depth, part in enumerate(parts):
        groups += _by_decay(part, weight_decay, layer_decay ** (len(parts) - depth), frozen_steps)
    return groups


def _parts(backbone: nn.Module) -> list[list[nn.Parameter]]:
    """The parameters of the backbone's blocks: children of lists and sequences count one by one."""
    parts: list[list[nn.Parameter]] = []
    seen: set[int] = set()
    for child in _blocks(backbone):
        new = [parameter for parameter in child.parameters() if id(parameter) not in seen]
        seen |= {id(parameter) for parameter in new}
        if new:
            parts.append(new)
    rest = [parameter for parameter in backbone.parameters() if id(parameter) not in seen]
    return [rest, *parts] if rest else parts


def _blocks(module: nn.Module) -> list[nn.Module]:
    children = list(module.children())
    if len(children) == 1:
        return _blocks(children[0])
    return [
        block
        for child in children
        for block in (list(child) if isinstance(child, nn.ModuleList | nn.Sequential) else [child])
    ]


def _by_decay(
    parameters: list[nn.Parameter], weight_decay: float, rate: float, first_step: int
) -> list[ParameterGroup]:
    learning = [parameter for parameter in parameters if parameter.requires_grad]
    matrices = [parameter for parameter in learning if parameter.ndim > 1]
    others = [parameter for parameter in learning if parameter.ndim <= 1]
    groups = [(matrices, weight_decay), (others, 0.0)]
    return [ParameterGroup(members, decay, rate, first_step) for members, decay in groups if members]
