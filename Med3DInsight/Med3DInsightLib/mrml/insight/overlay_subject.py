"""What an overlay shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...errors import UserError
from ...volumes import Plane
from ..node_errors import named
from ..translation import tr as _
from .records import record, set_record

_RECORD = "Overlay"


@dataclass(frozen=True)
class OverlaySubject:
    """The method, such as "attention", and the model with its hash; the slice, layer and head it was asked about.

    layer and head are None for the mean of all; plane and index are None for a method that explains the whole
    volume. target is the class or phrase that is explained.
    """

    method: str
    bundle: str
    bundle_sha256: str
    plane: Plane | None = None
    index: int | None = None
    layer: int | None = None
    head: int | None = None
    rollout: bool = False
    target: str = ""


def set_subject(node: Any, subject: OverlaySubject) -> None:
    """Note in a node what it shows; a scene that is saved keeps it."""
    set_record(node, _RECORD, asdict(subject))


def subject_of(node: Any) -> OverlaySubject:
    """What set_subject() noted; raises UserError, naming the node, for another node."""
    kept = record(node, _RECORD)
    try:
        plane = kept["plane"]
        return OverlaySubject(**{**kept, "plane": None if plane is None else Plane(plane)})
    except (TypeError, KeyError, ValueError) as error:
        raise UserError(_("is not an overlay of this module"), named(node), _("choose another volume")) from error
