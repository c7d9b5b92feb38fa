"""Volumes cross between processes to the bit, and nothing stays behind."""

from __future__ import annotations

import gc
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from Testing.unit.volumes.strategies import grids

from Med3DInsightLib.engine.exchange import ExchangeFolder, VolumeReference, is_exchange_folder
from Med3DInsightLib.volumes import Grid, Modality, Volume, VolumeError


@given(grid=grids())
def test_the_place_of_a_volume_crosses_to_the_bit(grid):
    folder = ExchangeFolder()
    array = np.random.default_rng(0).normal(size=grid.shape_kji).astype(np.float32)
    back = VolumeReference.store(Volume(array, grid, Modality.CT), folder.path / "volume.nrrd").load()
    folder.close()
    assert np.array_equal(back.grid.ijk_to_ras, grid.ijk_to_ras)
    assert np.array_equal(back.array_kji, array)
    assert back.modality == Modality.CT


@pytest.mark.parametrize("kind", ["bool", "uint8", "int16", "uint16", "int32", "int64", "float32", "float64", ">i2"])
def test_voxels_of_every_type_keep_their_values(tmp_path, kind):
    array = np.random.default_rng(1).integers(0, 2, (3, 4, 5)).astype(kind)
    volume = Volume(array, Grid((3, 4, 5), np.eye(4)))
    assert np.array_equal(VolumeReference.store(volume, tmp_path / "volume.nrrd").load().array_kji, array)


def test_a_file_that_is_gone_is_one_clear_error(tmp_path, a_volume):
    reference = VolumeReference.store(a_volume, tmp_path / "volume.nrrd")
    (tmp_path / "volume.nrrd").unlink()
    with pytest.raises(VolumeError, match="temporary file cannot be read"):
        reference.load()
    with pytest.raises(VolumeError, match="temporary file could not be written"):
        VolumeReference.store(a_volume, tmp_path / "nowhere" / "volume.nrrd")


def test_the_folder_is_private_and_goes_when_it_is_closed_or_forgotten(tmp_path):
    closed, forgotten = ExchangeFolder(tmp_path), ExchangeFolder(tmp_path)
    assert stat.S_IMODE(closed.path.stat().st_mode) == 0o700
    job = closed.new()
    (job / "volume.nrrd").write_text("voxels")
    assert is_exchange_folder(job)
    assert not is_exchange_folder(tmp_path)
    closed.discard(job)
    assert not job.exists()
    closed.close()
    del forgotten
    gc.collect()
    assert not list(tmp_path.iterdir())


_KILLED = """
import os, signal, sys
from pathlib import Path
from Med3DInsightLib.engine.exchange import ExchangeFolder
folder = ExchangeFolder(Path(sys.argv[1]))
(folder.new() / "volume.nrrd").write_text("voxels")
print(folder.path, flush=True)
if sys.argv[2] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_a_process_that_ends_leaves_nothing_for_long(tmp_path, end):
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), end], capture_output=True, check=False)
    assert done.returncode == (-signal.SIGKILL if end == "kill" else 0)
    mine = ExchangeFolder(tmp_path)
    assert list(tmp_path.iterdir()) == [mine.path]
    assert mine.path.name.split("-")[1] == str(os.getpid())


_IN_A_CONTAINER = """
import os, sys, time
from pathlib import Path
from Med3DInsightLib.engine.exchange import ExchangeFolder
os.getpid = lambda: 2**30  # no process of that number is seen from outside
mine = ExchangeFolder(Path(sys.argv[1]))
print(mine.new(), flush=True)
time.sleep(600)
"""


def test_the_folder_of_a_process_that_is_not_seen_stays_as_long_as_it_lives(tmp_path):
    command = [sys.executable, "-c", _IN_A_CONTAINER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        theirs = Path(process.stdout.readline().strip())
        try:
            ExchangeFolder(tmp_path).close()
            assert theirs.is_dir()
        finally:
            process.kill()
    ExchangeFolder(tmp_path).close()
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_lock_is_removed_only_after_a_day(tmp_path):
    being_made, old = tmp_path / "med3dinsight-7-a", tmp_path / "med3dinsight-7-b"
    for folder in (being_made, old):
        folder.mkdir()
    yesterday = time.time() - 90_000
    os.utime(old, (yesterday, yesterday))
    ExchangeFolder(tmp_path).close()
    assert list(tmp_path.iterdir()) == [being_made]
