"""The student reads into the space of its teacher."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from Med3DInsightLib.networks.backbones.registry import BACKBONES, build_backbone
from Med3DInsightLib.volumes import Framing, Plane, slices_of
from med3dtrain.pretraining.errors import PretrainingError
from med3dtrain.pretraining.fit import require_fit
from med3dtrain.pretraining.learning.student import build_student
from med3dtrain.pretraining.samples.draws import DrawSettings
from med3dtrain.pretraining.targets.towers import Towers, open_towers
from med3dtrain.reconstruction.settings import ReconstructionSettings
from med3dtrain.teachers.registry import TeacherBackend, TeacherSettings

from ...unit.volumes.strategies import grid_of
from ..teachers import tiny_models
from .parts import a_pretraining_card

SMALL = {
    "nnformer": {"width": 12, "depths": [1, 1, 1, 1], "heads": [1, 1, 1, 1]},
    "resnet": {"depth": 10},
    "segresnet": {"init_filters": 8, "blocks": [1, 1, 1]},
    "swin_unetr": {"feature_size": 12, "depths": [1, 1, 1, 1]},
    "unetr": {"window_kji": [64, 64, 64], "feature_size": 4, "hidden_size": 24, "mlp_size": 24, "heads": 2},
}


@pytest.fixture(scope="module")
def unaligned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("towers")
    return TeacherSettings(
        TeacherBackend.UNALIGNED,
        str(tiny_models.save_vit(folder / "vit")),
        str(tiny_models.save_bert(folder / "bert")),
    )


def towers_of(folder, terms=("image", "text")):
    return open_towers(TeacherSettings(TeacherBackend.JOINT, str(folder)), terms)


def test_towers_that_share_a_space_need_no_projection(a_teacher_folder):
    towers = towers_of(a_teacher_folder)
    student = build_student(a_pretraining_card(embedding=20).architecture, towers)
    assert len(student.projections) == 0
    assert student.terms == ("image", "text")


def test_two_unaligned_towers_are_read_into_the_texts_and_projected_to_the_pictures(unaligned):
    towers = open_towers(unaligned, ("image", "text"))
    student = build_student(a_pretraining_card(embedding=16).architecture, towers)
    grid = grid_of("RAS", (16, 16, 16), (2.0, 2.0, 2.0))
    places = slices_of(grid, Plane.AXIAL)[:3]
    read = student(torch.rand(2, 1, 16, 16, 16), [grid, grid], [places, places])
    assert read["text"].shape == (6, 16)
    assert read["image"].shape == (6, 24)
    assert towers.read_out.kind == "texts"


def test_a_sentence_encoder_alone_is_a_teacher_if_pictures_are_not_used(unaligned):
    settings = replace(unaligned, model="")
    towers = open_towers(settings, ("text",))
    assert towers.pictures is None
    student = build_student(a_pretraining_card(embedding=16).architecture, towers)
    assert student.terms == ("text",)
    assert len(student.projections) == 0


def test_pictures_alone_are_read_into_their_own_space(a_teacher_folder):
    towers = towers_of(a_teacher_folder, ("image",))
    assert towers.texts is None
    assert towers.read_out.kind == "pictures"
    assert build_student(a_pretraining_card(embedding=20).architecture, towers).terms == ("image",)


def test_a_psat_of_another_width_is_refused_with_the_right_one(a_teacher_folder):
    with pytest.raises(PretrainingError, match=r"psat reads 48 dimensions, .* has 20\. Set embedding = 20"):
        build_student(a_pretraining_card(embedding=48).architecture, towers_of(a_teacher_folder))
    card = a_pretraining_card()
    with pytest.raises(PretrainingError, match="has no psat"):
        build_student(replace(card.architecture, psat=None), towers_of(a_teacher_folder))
    with pytest.raises(PretrainingError, match="there is no backbone 'vgg'"):
        build_student(replace(card.architecture, backbone="vgg"), towers_of(a_teacher_folder))


@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_any_registered_backbone_learns(name, a_teacher_folder):
    architecture = replace(a_pretraining_card().architecture, backbone=name, backbone_arguments=SMALL[name])
    student = build_student(architecture, towers_of(a_teacher_folder))
    grid = grid_of("RAS", (64, 64, 64), (2.0, 2.0, 2.0))
    crop = Framing.box(grid, (0, 0, 0), (64, 64, 64)).target
    read = student(torch.rand(1, 1, 64, 64, 64), [crop], [slices_of(crop, Plane.CORONAL)[:2]])
    read["text"].square().sum().backward()
    learning = [parameter for parameter in student.encoder.backbone.parameters() if parameter.grad is not None]
    assert sum(float(each.grad.abs().sum()) for each in learning) > 0


def test_the_towers_that_are_not_needed_are_not_there(a_teacher_folder):
    towers = towers_of(a_teacher_folder, ("text",))
    assert isinstance(towers, Towers)
    assert set(towers.identities) == {"text"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"backbone": ("unetr", SMALL["unetr"])}, r"unetr reads \[64, 64, 64\] voxels, and .* is \[16, 16, 16\]"),
        ({"backbone": ("nnformer", SMALL["nnformer"])}, r"is \[16, 16, 16\], not multiples of 32"),
        ({"reconstruction": ReconstructionSettings(cube=16)}, r"one cube of 16 voxels .* covers a crop"),
        ({"sampling": DrawSettings(batch=1, slices_per_crop=1)}, "nothing to compare it with"),
    ],
)
def test_parts_of_a_recipe_that_do_not_fit_are_named(a_recipe, change, said):
    recipe = replace(a_recipe, alignment=replace(a_recipe.alignment, queue=0))
    if "backbone" in change:
        name, arguments = change.pop("backbone")
        architecture = replace(recipe.card.architecture, backbone=name, backbone_arguments=arguments)
        recipe = replace(recipe, card=replace(recipe.card, architecture=architecture))
    recipe = replace(recipe, **change)
    architecture = recipe.card.architecture
    with pytest.raises(PretrainingError, match=said):
        require_fit(recipe, build_backbone(architecture.backbone, **architecture.backbone_arguments))
