"""What is compared on phantoms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from Med3DInsightLib.bundles import ConditioningKind

from ...alignment.settings import AlignmentSettings, ModeName
from ...reconstruction.settings import ReconstructionForm, ReconstructionSettings
from ..arms import Arm
from .slice_contents import WrongCaption
from .task import PhantomTaskSettings

_WRONG = 0.4


def modes(task: PhantomTaskSettings, shares: Sequence[float]) -> list[Arm[PhantomTaskSettings]]:
    """InfoNCE, the paper's loss and robust with every share of swapped captions; the others clean and with 40 %."""
    names: tuple[ModeName, ...] = ("infonce", "paper", "robust")
    others: tuple[ModeName, ...] = ("siglip", "ot")
    arms = [Arm(name, _with_mode(task, name), wrong) for name in names for wrong in sorted(shares)]
    return arms + [Arm(name, _with_mode(task, name), wrong) for name in others for wrong in (0.0, _WRONG)]


def kinds(task: PhantomTaskSettings) -> list[Arm[PhantomTaskSettings]]:
    """InfoNCE and robust, 40 % of the captions wrong in every way there is."""
    names: tuple[ModeName, ...] = ("infonce", "robust")
    return [
        Arm(f"{name}, {kind}", replace(_with_mode(task, name), kind=kind), _WRONG)
        for kind in WrongCaption
        for name in names
    ]


def conditionings(task: PhantomTaskSettings) -> list[Arm[PhantomTaskSettings]]:
    """How PSAT is told the slice: not at all, by the published table, by position in mm."""
    kinds_told = {
        "not told": ConditioningKind.NONE,
        "joint table (published)": ConditioningKind.JOINT_TABLE,
        "position in mm": ConditioningKind.CONTINUOUS,
    }
    return [
        Arm(name, replace(task, psat=replace(task.psat, conditioning=kind)), 0.0) for name, kind in kinds_told.items()
    ]


def queries(task: PhantomTaskSettings) -> list[Arm[PhantomTaskSettings]]:
    """How many queries PSAT has; one is read out."""
    return [
        Arm(f"{count} queries", replace(task, psat=replace(task.psat, queries=count)), 0.0) for count in (1, 4, 300)
    ]


def reconstructions(task: PhantomTaskSettings) -> list[Arm[PhantomTaskSettings]]:
    """Beside the alignment: nothing, hidden cubes, the whole volume that was seen."""
    forms = {
        "alignment alone": None,
        "60 % hidden": ReconstructionSettings(cube=8),
        "nothing hidden (published)": ReconstructionSettings(form=ReconstructionForm.UNMASKED),
    }
    return [Arm(name, replace(task, reconstruction=form), 0.0) for name, form in forms.items()]


def terms(task: PhantomTaskSettings) -> list[Arm[PhantomTaskSettings]]:
    """Aligned with captions, with pictures, with both."""
    weights = {"captions": (0.0, 1.0), "pictures": (1.0, 0.0), "both": (1.0, 1.0)}
    return [
        Arm(name, replace(task, alignment=AlignmentSettings(image_weight=image, text_weight=text)), wrong)
        for name, (image, text) in weights.items()
        for wrong in ((0.0, _WRONG) if text else (0.0,))
    ]


def _with_mode(task: PhantomTaskSettings, mode: ModeName) -> PhantomTaskSettings:
    return replace(task, alignment=AlignmentSettings(mode=mode))
