"""Which 2D teacher judges captions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.errors import UserError


class JudgingTeacher(StrEnum):
    """The kinds of teachers whose pictures and texts can be compared."""

    JOINT = "joint"
    OPEN_CLIP = "open_clip"


@dataclass(frozen=True)
class TeacherOptions:
    """A model that compares captions with their slices; see docs/captions.md."""

    teacher: str = ""
    """A folder with a CLIP or SigLIP, or its id of the Hugging Face hub. Without it, no teacher is asked."""

    teacher_backend: JudgingTeacher = JudgingTeacher.JOINT
    """joint: CLIP, SigLIP and MedSigLIP of transformers; open_clip: BiomedCLIP and others of that package."""

    teacher_text_model: str = ""
    """Where the text tower of an open_clip teacher has its config.json, if not beside its weights."""

    teacher_revision: str = ""
    """The revision of a teacher of the hub."""

    teacher_device: Device = Device.AUTO
    """Where the teacher computes."""

    teacher_download: bool = False
    """Download the teacher from the hub if it is not on this computer."""

    def check(self) -> None:
        """Raises UserError if something is said about a teacher that is not named."""
        given = [each.name for each in fields(self) if getattr(self, each.name) != each.default]
        if given and not self.teacher:
            flag = f"--{given[0].replace('_', '-')}"
            raise UserError(f"{flag} needs --teacher", next_step="name a folder with a CLIP or SigLIP, or leave it out")
