"""A job that is killed at any moment goes on without losing or repeating a slice."""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

from Med3DInsightLib.captions.files import read_captions

from .parts import LABELS, command, write_study

KILLS = int(os.environ.get("CAPTION_KILLS", "2"))
"""20 are asked for before a release; the start of each process costs seconds."""


def test_a_thousand_slices_are_described_once_however_often_the_job_is_killed(tmp_path):
    write_study(tmp_path, tuple(f"v{number}" for number in range(10)), (100, 4, 4))
    job = command("scans", *LABELS, "--choice", "all", "--coronal", "0", "--sagittal", "0", "--output", "c.jsonl")
    path = tmp_path / "c.jsonl"
    generator = random.Random(0)
    kills = 0
    for kill in range(KILLS):
        begun = path.stat().st_size if path.exists() else 0
        # So many bytes more, that all kills together stay within the job, and moments of the start too.
        wanted = begun + generator.randrange(0, 800_000 // (2 * KILLS))
        process = subprocess.Popen(job, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if kill % 5 == 4:
            time.sleep(generator.uniform(0.0, 1.5))
        else:
            while process.poll() is None and not (path.exists() and path.stat().st_size >= wanted):
                time.sleep(generator.uniform(0.0, 0.01))
        process.kill()
        kills += process.wait() == -9
        process.stderr.close()
    assert kills >= KILLS - 1
    done = subprocess.run(job, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    captions = list(read_captions(path))
    assert len(captions) == 1000
    assert {(each.volume_id, each.index) for each in captions} == {
        (f"v{number}", index) for number in range(10) for index in range(100)
    }
    assert len({each.key for each in captions}) == 1000
    again = subprocess.run(job, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert again.stdout.startswith("0 captions written")
    assert [each.name for each in tmp_path.glob("*.partial")] == []
    assert Path(tmp_path / "c.summary.json").is_file()
