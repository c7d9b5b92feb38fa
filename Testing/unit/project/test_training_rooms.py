"""Arrows between the rooms of the training package point one way."""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from Testing.unit.project.rooms import Rooms

TEACHING = {
    *("datasets", "evaluation", "finetuning/learning", "finetuning/planning", "finetuning/settings", "loops", "runs"),
}
TRAINING = Rooms(
    Path(__file__).resolve().parents[3] / "training" / "med3dtrain",
    {
        "runs": set(),
        "figures": set(),
        "loops": set(),
        "alignment": set(),
        "reconstruction": set(),
        "teachers": set(),
        "bundling": set(),
        "datasets": {"runs"},
        "synthesis": {"runs"},
        "captioned_set": {"runs", "synthesis"},
        "head_contrasts": {"datasets", "runs", "synthesis"},
        "from_label_maps": {"loops", "runs", "synthesis"},
        "captioning/options": set(),
        "captioning/reporting": set(),
        "captioning/subjects": {"captioning/options", "datasets"},
        "captioning": {"captioning/options", "captioning/reporting", "captioning/subjects", "datasets", "teachers"},
        "evaluation": {"datasets", "runs"},
        "pretraining/samples": {"datasets"},
        "pretraining/targets": {"pretraining/samples", "teachers"},
        "pretraining/learning": {
            *("alignment", "loops", "pretraining/samples", "pretraining/targets", "reconstruction"),
        },
        "pretraining/measuring": {"datasets", "pretraining/learning", "pretraining/samples", "pretraining/targets"},
        "pretraining": {
            *("alignment", "datasets", "loops", "pretraining/learning", "pretraining/measuring", "pretraining/samples"),
            *("pretraining/targets", "reconstruction", "runs", "teachers"),
        },
        "finetuning/settings": {"datasets", "loops", "runs"},
        "finetuning/planning": {"datasets", "finetuning/settings", "loops"},
        "finetuning/learning": {"finetuning/planning", "finetuning/settings", "loops", "runs"},
        "finetuning/segmentation": TEACHING,
        "finetuning/classification": TEACHING,
        "finetuning/series": {
            *(
                "datasets",
                "evaluation",
                "figures",
                "finetuning/learning",
                "finetuning/segmentation",
                "finetuning/settings",
            ),
            *("loops", "runs"),
        },
        "finetuning": {
            *("finetuning/classification", "finetuning/learning", "finetuning/segmentation", "finetuning/series"),
            *("finetuning/settings", "runs"),
        },
        "evidence": {
            *("alignment", "figures", "pretraining/learning", "pretraining/measuring", "pretraining/samples"),
            *("reconstruction", "runs"),
        },
    },
)


@pytest.mark.parametrize("room", sorted(TRAINING.may_know))
def test_a_room_of_training_knows_only_the_rooms_below_it(room):
    assert len(TRAINING.files_of(room)) > 1
    assert list(TRAINING.strangers(room)) == []


def test_no_room_of_training_knows_itself_by_a_detour():
    assert len(list(TopologicalSorter(TRAINING.may_know).static_order())) == len(TRAINING.may_know)


def test_every_room_of_training_is_in_the_picture():
    rooms = {path.name for path in TRAINING.folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == {room.split("/")[0] for room in TRAINING.may_know}


def test_every_room_of_training_is_in_the_architecture_of_the_readme():
    readme = (TRAINING.folder.parents[1] / "README.md").read_text(encoding="utf-8")
    lines = "".join(line for line in readme.splitlines() if line.startswith("| `training/med3dtrain`"))
    assert [room for room in TRAINING.may_know if f"`{room.split('/')[0]}`" not in lines] == []
