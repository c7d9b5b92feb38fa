"""What the library calls things, in the language of the user."""

from __future__ import annotations

import re
from collections.abc import Callable

from slicer.i18n import tr

from ..catalog.entry import Task
from ..volumes import Plane

_: Callable[[str], str] = tr  # under the name that the search for texts knows, with the types that it has

_CHECKED = "checking "
_TRANSFER = re.compile(r"(?P<stage>.+), (?P<done>[\d.]+) of (?P<total>[\d.]+) MB")


def plane_word(plane: Plane) -> str:
    """The adjective for a plane, in the middle of a sentence."""
    words = {
        Plane.AXIAL: _("axial"),
        Plane.CORONAL: _("coronal"),
        Plane.SAGITTAL: _("sagittal"),
        Plane.OBLIQUE: _("oblique"),
    }
    return words[plane]


def outdated_text(outdated: bool) -> str:
    """The end of what is told of a result: a warning if the volume was changed while it was computed."""
    warning: str = _(" The volume was changed meanwhile: this is about what it was before.")
    return warning if outdated else ""


def task_word(task: Task) -> str:
    """What a model does, in one word."""
    words = {
        Task.SEGMENTATION: _("segmentation"),
        Task.CLASSIFICATION: _("classification"),
        Task.ENCODER: _("encoder"),
    }
    return words[task]


def stage_text(stage: str) -> str:
    """A stage of an analysis or of a transfer, as the beginning of a line; what is not known stays as it is."""
    words = {
        "answering": _("Answering"),
        "checking": _("Checking"),
        "classifying": _("Classifying"),
        "comparing": _("Comparing"),
        "connecting": _("Connecting"),
        "copying": _("Copying"),
        "describing": _("Describing"),
        "downloading": _("Downloading"),
        "encoding": _("Encoding"),
        "explaining": _("Explaining"),
        "finding": _("Finding"),
        "hiding": _("Hiding"),
        "preparing": _("Preparing"),
        "reading": _("Reading"),
        "restoring": _("Restoring"),
        "segmenting": _("Segmenting"),
        "waiting for another process": _("Waiting for another process"),
        "waiting to try again": _("Waiting to try again"),
        "writing the report": _("Writing the report"),
    }
    return words.get(stage, f"{stage[:1].upper()}{stage[1:]}")


def transfer_text(stage: str) -> str:
    """A stage of a transfer with the bytes that have come, if the worker tells them."""
    told = _TRANSFER.fullmatch(stage)
    if told is None:
        return stage_text(stage)
    text = _("{stage}, {done} of {total} MB")
    return text.format(stage=stage_text(told["stage"]), done=told["done"], total=told["total"])


def case_text(stage: str) -> str:
    """The stage of a run over a folder: the name of a case that is computed, or that is checked."""
    if not stage.startswith(_CHECKED):
        return stage
    return _("checking {case}").format(case=stage.removeprefix(_CHECKED))
