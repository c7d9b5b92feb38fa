"""The log of a run, killed or not, becomes a picture of its figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.image import imread

from med3dtrain.runs.errors import RunError
from med3dtrain.runs.log_chart import draw_log, read_log
from med3dtrain.runs.run_log import RunLog

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def a_log(tmp_path):
    log = RunLog(tmp_path, 0)
    log.note("skipped: a.nii.gz")
    for step in range(60):
        log.write(step, {"text loss": 4.0 - step / 30, **({"text R@10": step / 60} if step % 10 == 9 else {})})
    return tmp_path


def test_figures_are_read_by_step(a_log):
    curves = read_log(a_log)
    assert curves["text R@10"] == (
        [10, 20, 30, 40, 50, 60],
        pytest.approx([0.15, 0.316667, 0.483333, 0.65, 0.816667, 0.983333]),
    )
    assert len(curves["text loss"][0]) == 60
    assert set(curves) == {"text loss", "text R@10"}


def test_panels_without_figures_are_left_out(a_log):
    curves = read_log(a_log)
    draw_log(curves, [["text loss"], ["text R@10", "image R@10"]], a_log / "two.png")
    draw_log(curves, [["text loss"], ["image loss"]], a_log / "one.png")
    two, one = imread(a_log / "two.png"), imread(a_log / "one.png")
    assert two.shape[1] == 2 * one.shape[1]
    assert two.std() > 0.05


def test_the_command_draws_a_run(a_log):
    command = [sys.executable, REPOSITORY / "training" / "log_curves.py", a_log, "--output", a_log / "new" / "c.png"]
    done = subprocess.run(
        [*map(str, command), "--panel", "text loss", "--panel", "text R@10"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (a_log / "new" / "c.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_without_a_log_is_named(tmp_path):
    with pytest.raises(RunError, match=r"log\.jsonl: the log cannot be read"):
        read_log(tmp_path)
    RunLog(tmp_path, 0).note("nothing yet")
    with pytest.raises(RunError, match="the log has no steps"):
        read_log(tmp_path)
