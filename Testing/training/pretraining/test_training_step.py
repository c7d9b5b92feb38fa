"""What a step leaves behind in the encoder."""

from __future__ import annotations

import copy
from dataclasses import replace

import torch

from Med3DInsightLib.volumes import Plane, slices_of
from med3dtrain.alignment.alignment import Alignment
from med3dtrain.alignment.settings import AlignmentSettings
from med3dtrain.pretraining.learning.student import build_student
from med3dtrain.pretraining.learning.training_step import ObjectiveSettings, TrainingStep
from med3dtrain.pretraining.samples.batch import Batch
from med3dtrain.pretraining.targets.towers import IMAGE, TEXT, open_towers
from med3dtrain.reconstruction.reconstruction import Reconstruction
from med3dtrain.reconstruction.settings import ReconstructionSettings
from med3dtrain.teachers.registry import TeacherBackend, TeacherSettings

from ...unit.volumes.strategies import grid_of
from .parts import a_pretraining_card


def test_running_statistics_are_those_of_whole_crops_and_not_of_those_with_hidden_cubes(a_teacher_folder):
    torch.manual_seed(0)
    towers = open_towers(TeacherSettings(TeacherBackend.JOINT, str(a_teacher_folder)), (IMAGE, TEXT))
    resnet = replace(a_pretraining_card().architecture, backbone="resnet", backbone_arguments={"depth": 10})
    student = build_student(resnet, towers)
    backbone = student.encoder.backbone
    alone = copy.deepcopy(backbone).train()
    reconstruction = Reconstruction(ReconstructionSettings(cube=8), backbone.channels, backbone.strides)
    alignment = Alignment(AlignmentSettings(), {IMAGE: 20, TEXT: 20})
    step = TrainingStep(student, alignment, reconstruction, ObjectiveSettings()).train()
    grid, images = grid_of("RAS", (32, 32, 32), (2.0, 2.0, 2.0)), torch.rand(2, 1, 32, 32, 32)
    places = [slices_of(grid, Plane.AXIAL)[:3]] * 2
    batch = Batch(images, (grid, grid), places, torch.arange(6), torch.zeros(6, dtype=torch.long), ("a", "b"), (0, 1))
    step(batch, {IMAGE: torch.randn(6, 20), TEXT: torch.randn(6, 20)}).total.backward()
    alone(images)
    statistics = dict(backbone.named_buffers())
    assert statistics
    for name, buffer in alone.named_buffers():
        assert torch.equal(buffer, statistics[name]), name
