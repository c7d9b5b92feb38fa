"""python -m Testing.minislicer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_panel_is_photographed_from_the_command_line(tmp_path):
    picture = tmp_path / "panel.png"
    module = "Med3DInsight/Med3DInsight.py"
    command = [sys.executable, "-m", "Testing.minislicer", module, "--screenshot", str(picture), "--size", "640x480"]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    finished = subprocess.run([*command, "--no-views"], cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert int.from_bytes(picture.read_bytes()[16:20]) == 640
