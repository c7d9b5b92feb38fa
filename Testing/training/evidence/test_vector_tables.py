"""Tables and aims say what was measured."""

from __future__ import annotations

import pytest

from med3dtrain.evidence.arms import SHARES
from med3dtrain.evidence.vectors.arms import mends, modes
from med3dtrain.evidence.vectors.tables import Measured, aims_of, table
from med3dtrain.evidence.vectors.task import VectorScores, VectorTaskSettings


def measured(name, wrong, early, late, gap=0.5, epochs=40, seeds=3):
    """R@1 is `early` up to epoch 10 and `late` after it; seeds differ by .01."""
    return Measured(
        name,
        wrong,
        [
            [
                VectorScores(epoch, (early if epoch <= 10 else late) + 0.01 * (seed - 1), 0.9, gap, None, 0.25)
                for epoch in range(1, epochs + 1)
            ]
            for seed in range(seeds)
        ],
    )


def modes_with(robust_late, gap=0.05, epochs=40):
    return [
        measured("infonce", 0.0, 0.9, 0.9, 0.5, epochs),
        measured("infonce", 0.4, 0.4, 0.3, 0.5, epochs),
        measured("ot", 0.0, 0.95, 0.95, 0.04, epochs),
        measured("robust", 0.0, 0.9, 0.8, gap, epochs),
        measured("robust", 0.4, 0.85, robust_late, gap, epochs),
    ]


def test_the_table_has_means_and_intervals_of_both_epochs():
    text = table(modes_with(0.75)).splitlines()
    assert "R@1, 10 epochs | R@1, 40 epochs" in text[0]
    assert text[3].startswith("| infonce | 40% | 0.400 ± 0.025 | 0.300 ± 0.025 | 0.900 | 0.500 |  | 0.250 |")
    assert len({line.count("|") for line in text}) == 1


def test_aims_are_ratios_to_clean_training_and_leads():
    aims = aims_of(modes_with(0.72))
    assert [aim.measured for aim in aims] == ["94.4%", "90.0%", "0.420", "8.0%", "10.0%"]
    assert all(aim.met for aim in aims)


@pytest.mark.parametrize(("late", "gap", "missed"), [(0.64, 0.05, [1, 2]), (0.67, 0.05, [1]), (0.72, 0.2, [4])])
def test_an_aim_that_is_missed_says_so(late, gap, missed):
    assert [number for number, aim in enumerate(aims_of(modes_with(late, gap))) if not aim.met] == missed


def test_a_quick_study_has_the_aims_it_can_tell_about():
    rows = modes_with(0.7, epochs=10)
    assert len(aims_of(rows)) == 3
    assert "40 epochs" not in table(rows)


def test_every_mode_meets_every_share_and_mends_end_with_the_default():
    task = VectorTaskSettings()
    assert len(modes(task, SHARES)) == 5 * 4
    assert mends(task)[0].task.alignment.metric == "diagonal"
    assert mends(task)[-3].task == task
    assert all(arm.task.alignment.mode in {"paper", "robust"} for arm in mends(task))
