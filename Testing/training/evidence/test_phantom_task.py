"""A student learns phantoms, and every arm of the study can be trained."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from med3dtrain.evidence.phantoms import arms
from med3dtrain.evidence.phantoms.anatomy import PhantomSettings
from med3dtrain.evidence.phantoms.pairs import PhantomPairsSettings
from med3dtrain.evidence.phantoms.study import PhantomRun, train_phantom_task
from med3dtrain.evidence.phantoms.tables import Measured, aims_of, table
from med3dtrain.evidence.phantoms.task import PhantomScores, PhantomTask, PhantomTaskSettings

TINY = PhantomTaskSettings(
    PhantomPairsSettings(PhantomSettings(training=4, test=2)), batch=4, epochs=1, measure_every=1, slices=4
)
ALL = [
    arm
    for section in (
        arms.conditionings,
        arms.kinds,
        arms.queries,
        arms.reconstructions,
        arms.terms,
    )
    for arm in section(TINY)
]


@pytest.mark.parametrize("arm", ALL, ids=[f"{arm.name}, {arm.wrong}" for arm in ALL])
def test_every_arm_trains_and_is_scored(arm):
    run = asdict(PhantomRun(arm.task, arm.wrong, seed=0))
    (scores,) = train_phantom_task(run)
    assert scores["epoch"] == 1
    assert (scores["caption_recall"] is None) == (arm.name == "pictures")
    assert (scores["memorised"] is None) == (arm.wrong == 0.0)


def test_a_student_that_is_told_the_slice_finds_captions_and_one_that_is_not_does_not():
    task = PhantomTaskSettings(epochs=12, measure_every=12, pairs=PhantomPairsSettings(PhantomSettings(test=8)))
    untold = next(arm.task for arm in arms.conditionings(task) if arm.name == "not told")
    told = list(PhantomTask(task, wrong=0.0, seed=0).run())[-1]
    blind = list(PhantomTask(replace(untold, epochs=12), wrong=0.0, seed=0).run())[-1]
    assert told.caption_recall > 0.4
    assert blind.caption_recall < 0.2
    assert told.plane_accuracy == 1.0
    assert told.position_error < 0.03


def measured(name, wrong, recall, memorised=None, position=0.01):
    scores = [
        PhantomScores(epoch, recall, recall, 0.1, 1.0, position, 0.2, memorised and memorised * epoch, None)
        for epoch in (1, 2)
    ]
    return Measured(name, wrong, [scores, scores])


def rows(noisy, position=0.01):
    return [
        measured("infonce", 0.4, 0.5, 0.1),
        measured("robust", 0.0, 0.8, position=position),
        measured("robust", 0.4, noisy),
    ]


@pytest.mark.parametrize(
    ("noisy", "untold", "position", "missed"),
    [(0.7, 0.1, 0.01, []), (0.5, 0.1, 0.01, [1]), (0.7, 0.2, 0.01, [2]), (0.7, 0.1, 0.05, [4])],
)
def test_aims_are_met_or_missed_by_what_was_measured(noisy, untold, position, missed):
    told = [measured("not told", 0.0, untold), measured("position in mm", 0.0, 0.8)]
    aims = aims_of(rows(noisy, position), told)
    assert [number for number, aim in enumerate(aims) if not aim.met] == missed


def test_the_table_leaves_empty_what_was_not_measured():
    lines = table(rows(0.7)).splitlines()
    assert lines[2].startswith("| infonce | 40% | 0.500 ± 0.000 | 0.500 ± 0.000 |")
    assert lines[2].endswith("| 0.200 |  |")
    assert len({line.count("|") for line in lines}) == 1
