"""Files are complete or not there."""

from __future__ import annotations

import resource
import subprocess
import sys

import numpy as np
import pytest

from Med3DInsightLib.volumes import Grid, Volume, VolumeError, write_volume

_FILL_THE_DISK = """
import resource, signal, sys
import numpy as np
from Med3DInsightLib.volumes import Grid, Volume, VolumeError, write_volume
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
noise = np.random.default_rng(0).integers(0, 255, (20, 20, 20)).astype(np.uint8)
try:
    write_volume(Volume(noise, Grid((20, 20, 20), np.eye(4))), sys.argv[1])
except VolumeError as error:
    print("refused:", error)
"""


@pytest.mark.parametrize("suffix", [".nii.gz", ".nii", ".nrrd", ".mha"])
def test_a_file_that_does_not_fit_on_the_disk_is_not_left_in_part(tmp_path, suffix):
    """A limit on the size of files stands for a full disk: writes fail half-way in the same calls."""
    path = tmp_path / f"v{suffix}"
    done = subprocess.run([sys.executable, "-c", _FILL_THE_DISK, str(path)], capture_output=True, text=True)
    assert "refused:" in done.stdout, done.stderr
    assert str(path) in done.stdout
    assert not path.exists()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


def test_writing_into_a_folder_that_is_not_there_is_refused(tmp_path):
    volume = Volume(np.zeros((2, 2, 2), np.uint8), Grid((2, 2, 2), np.eye(4)))
    with pytest.raises(VolumeError, match="could not be written"):
        write_volume(volume, tmp_path / "nowhere" / "v.nii.gz")
