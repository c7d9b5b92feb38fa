"""The towers of a teacher that a run needs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from Med3DInsightLib.analysis.computing.device import choose_device
from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.pretrained import PretrainedModel
from Med3DInsightLib.networks.text_towers.sentence_encoder import text_tower
from Med3DInsightLib.networks.text_towers.tower import Tower, TowerIdentity

from ...teachers.model_search import find_model
from ...teachers.pictures import Picture
from ...teachers.registry import TeacherBackend, TeacherSettings, open_teacher

IMAGE, TEXT = "image", "text"
"""The terms of the alignment."""


@dataclass(frozen=True)
class Towers:
    """Who embeds slices and who embeds captions; None where a term is not used.

    shares_space: whether both map into one space, so that one read-out serves both terms.
    """

    pictures: Tower[Picture] | None
    texts: Tower[str] | None
    shares_space: bool

    @property
    def identities(self) -> dict[str, TowerIdentity]:
        """Which tower it is, by term."""
        towers = {IMAGE: self.pictures, TEXT: self.texts}
        return {term: tower.identity for term, tower in towers.items() if tower is not None}

    @property
    def read_out(self) -> TowerIdentity:
        """The tower into whose space PSAT reads: that of the texts, which can be searched for then, if there is one."""
        identities = self.identities
        return identities[TEXT if TEXT in identities else IMAGE]

    @property
    def revision(self) -> str:
        """The revision of the tower into whose space PSAT reads, or the first digits of its weights' hash."""
        return self.read_out.revision or self.read_out.weights_sha256[:12]


def open_towers(settings: TeacherSettings, terms: Collection[str]) -> Towers:
    """The towers of the teacher for these terms; raises TeacherError or UserError if they cannot be had.

    An unaligned teacher without a model for pictures is a sentence encoder alone, if the image term is not used.
    """
    if settings.backend == TeacherBackend.UNALIGNED and not settings.model and IMAGE not in terms:
        files = find_model(settings.text_model, settings.text_revision, settings.allow_download)
        placement = Placement(choose_device(settings.device), batch=settings.batch)
        return Towers(None, text_tower(PretrainedModel(files, placement), settings.text_read_out), shares_space=True)
    teacher = open_teacher(settings)
    return Towers(
        teacher.pictures if IMAGE in terms else None, teacher.texts if TEXT in terms else None, teacher.shares_space
    )
