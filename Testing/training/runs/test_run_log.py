"""The log of a run that is taken up again."""

from __future__ import annotations

import json

from med3dtrain.runs.run_log import RunLog


def lines_of(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_steps_behind_the_checkpoint_are_logged_anew_and_notes_stay(tmp_path):
    log = RunLog(tmp_path, 0)
    log.note("skipped: a.nii: empty")
    for step in range(5):
        log.write(step, {"loss": 1.0 + step})
    with open(tmp_path / "log.jsonl", "ab") as stream:
        stream.write(b'{"step": 5, "lo')  # a kill in the middle of a line
    RunLog(tmp_path, 3).write(3, {"loss": 9.0})
    assert [line.get("step") for line in lines_of(tmp_path)] == [None, 0, 1, 2, 3]
    assert lines_of(tmp_path)[0]["note"] == "skipped: a.nii: empty"
    assert lines_of(tmp_path)[-1]["loss"] == 9.0


def test_a_figure_that_is_not_a_number_does_not_spoil_the_line(tmp_path):
    RunLog(tmp_path, 0).write(0, {"loss": 1.0, "position error": float("nan")})
    assert "position error" not in lines_of(tmp_path)[0]


def test_tensorboard_gets_the_same_figures(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = RunLog(tmp_path, 0, tensorboard=True)
    for step in range(3):
        log.write(step, {"text loss": 0.5 * step})
    log.close()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("text loss")] == [(0, 0.0), (1, 0.5), (2, 1.0)]
