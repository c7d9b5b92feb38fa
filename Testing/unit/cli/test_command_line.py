"""The command does the whole job, and its errors are one line."""

from __future__ import annotations

import inspect
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from Med3DInsightLib.cli.subcommands import SUBCOMMANDS, command_class
from Med3DInsightLib.volumes import Grid, Volume, write_volume

_COMMAND = [sys.executable, "-c", "import sys; from Med3DInsightLib.cli.main import main; sys.exit(main())"]
_LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
from Med3DInsightLib.cli.main import main
sys.exit(main())
"""


def run(*arguments, command=_COMMAND):
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def a_file(a_volume, tmp_path):
    write_volume(a_volume, tmp_path / "head.nii.gz")
    return tmp_path / "head.nii.gz"


@pytest.fixture
def a_slow_file(tmp_path):
    """Thousands of windows for the tiny model."""
    array = np.random.default_rng(0).normal(size=(200, 200, 200)).astype(np.float32)
    write_volume(Volume(array, Grid((200, 200, 200), np.eye(4))), tmp_path / "slow.nii.gz")
    return tmp_path / "slow.nii.gz"


def assert_one_line(done, *parts):
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    for part in parts:
        assert part in lines[0]


def test_segment_writes_everything_and_prints_the_volumes(a_file, a_bundle, tmp_path):
    out = tmp_path / "out"
    done = run("segment", a_file, "-o", out, "--model", a_bundle.folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert sorted(path.name for path in out.iterdir()) == [
        "labels.nii.gz",
        "labels.seg.nrrd",
        "preview.png",
        "result.json",
    ]
    for structure in json.loads((out / "result.json").read_text())["structures"]:
        assert structure["name"] in done.stdout
    assert "preview.png" in done.stdout


def test_the_same_input_gives_the_same_labels(a_file, a_bundle, tmp_path):
    for name in ("one", "two"):
        assert run("segment", a_file, "-o", tmp_path / name, "--model", a_bundle.folder).returncode == 0
    assert (tmp_path / "one" / "labels.nii.gz").read_bytes() == (tmp_path / "two" / "labels.nii.gz").read_bytes()


def test_help_comes_from_the_docstrings_and_does_not_wait_for_torch():
    done = run("segment", "--help")
    assert done.returncode == 0
    for text in ("--output", "-o", "--model", "folder with one DICOM series", "not a diagnostic device"):
        assert text in " ".join(done.stdout.replace("│", " ").split())
    code = "import sys; from Med3DInsightLib.cli.subcommands import *\n"
    code += "for name in SUBCOMMANDS: command_class(name)\nsys.exit('torch' in sys.modules)"
    assert run(command=[sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    "arguments", [[], ["segment"], ["paint"], ["segment", "a.nii", "-o", "x", "--device", "abacus"]]
)
def test_wrong_usage_is_not_success(arguments):
    assert run(*arguments).returncode != 0


def test_a_missing_file_is_named(a_bundle, tmp_path):
    done = run("segment", tmp_path / "nowhere.nii", "-o", tmp_path / "out", "--model", a_bundle.folder)
    assert_one_line(done, "nowhere.nii", "no such file", "Check the path")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
def test_a_truncated_file_gives_one_line_even_where_libraries_print_more(a_volume, a_bundle, tmp_path, suffix):
    path = tmp_path / f"head{suffix}"
    write_volume(a_volume, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = run("segment", path, "-o", tmp_path / "out", "--model", a_bundle.folder)
    assert_one_line(done, path.name)
    assert not (tmp_path / "out").exists()


def test_four_dimensions_are_refused(a_bundle, tmp_path):
    nib.save(nib.Nifti1Image(np.ones((5, 5, 5, 3), np.float32), np.eye(4)), tmp_path / "series.nii")
    done = run("segment", tmp_path / "series.nii", "-o", tmp_path / "out", "--model", a_bundle.folder)
    assert_one_line(done, "4 dimensions (5x5x5x3)")


def test_an_empty_volume_is_refused_by_name(a_bundle, tmp_path):
    nib.save(nib.Nifti1Image(np.zeros((5, 5, 5), np.uint8), np.eye(4)), tmp_path / "black.nii")
    done = run("segment", tmp_path / "black.nii", "-o", tmp_path / "out", "--model", a_bundle.folder)
    assert_one_line(done, "black.nii: every voxel has the value 0")
    assert not (tmp_path / "out").exists()


def test_a_damaged_bundle_is_refused_before_anything_is_written(a_file, a_bundle, tmp_path):
    with a_bundle.weights_path.open("ab") as stream:
        stream.write(b"0")
    done = run("segment", a_file, "-o", tmp_path / "out", "--model", a_bundle.folder)
    assert_one_line(done, "hash of the weights")
    assert not (tmp_path / "out").exists()


def test_an_unknown_model_is_refused_with_the_choices(a_file, tmp_path):
    for name in ("kidney", "brain-tissue"):  # the second one came with earlier versions
        done = run("segment", a_file, "-o", tmp_path / "out", "--model", name)
        assert_one_line(done, f"no model '{name}'", "one of: brain-structures, ")


def test_results_are_not_overwritten_unasked(a_file, a_bundle, tmp_path):
    arguments = ("segment", a_file, "-o", tmp_path / "out", "--model", a_bundle.folder)
    assert run(*arguments).returncode == 0
    before = (tmp_path / "out" / "result.json").read_bytes()
    assert_one_line(run(*arguments), "already holds", "--overwrite")
    assert (tmp_path / "out" / "result.json").read_bytes() == before
    assert run(*arguments, "--overwrite").returncode == 0


def test_an_output_that_cannot_be_written_is_refused(a_file, a_bundle, tmp_path):
    (tmp_path / "out").write_text("a file")
    assert_one_line(run("segment", a_file, "-o", tmp_path / "out", "--model", a_bundle.folder), "cannot be written")


def test_a_full_disk_leaves_nothing(a_file, a_bundle, tmp_path):
    out = tmp_path / "out"
    limited = [sys.executable, "-c", _LIMITED]
    done = run("segment", a_file, "-o", out, "--model", a_bundle.folder, command=limited)
    assert_one_line(done, "space")
    assert not out.exists()


@pytest.mark.parametrize(("wish", "delay"), [(signal.SIGTERM, 0.0), (signal.SIGINT, 0.0), (signal.SIGTERM, 0.5)])
def test_a_run_that_is_told_to_stop_leaves_nothing(a_slow_file, a_bundle, tmp_path, wish, delay):
    """The signal comes while the work is under way, which the private folder shows."""
    out = tmp_path / "out"
    arguments = [*_COMMAND, "segment", str(a_slow_file), "-o", str(out), "--model", str(a_bundle.folder)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not (out.is_dir() and any(out.iterdir())) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(delay)
    process.send_signal(wish)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors.strip() == "error: interrupted; no result was written"
    assert not out.exists()


_STOPPED_IN_NATIVE_CODE = """
import os, signal, sys
from Med3DInsightLib.cli.main import main
from Med3DInsightLib.volumes.files import reading
def damaged(*_):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except KeyboardInterrupt:
        raise ValueError("could not determine the shape")
reading.require_finite = damaged
sys.exit(main())
"""


def test_a_stop_that_a_library_turns_into_another_error_is_still_a_stop(a_file, a_bundle, tmp_path):
    command = [sys.executable, "-c", _STOPPED_IN_NATIVE_CODE]
    done = run("segment", a_file, "-o", tmp_path / "out", "--model", a_bundle.folder, command=command)
    assert (done.returncode, done.stderr.strip()) == (130, "error: interrupted; no result was written")


def test_verbose_shows_the_traceback(a_bundle, tmp_path):
    done = run("segment", tmp_path / "no.nii", "-o", tmp_path / "out", "--model", a_bundle.folder, "--verbose")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_models_lists_the_shipped_bundles():
    done = run("models")
    assert done.returncode == 0, done.stderr
    assert "brain-structures" in done.stdout
    assert shutil.which("med3dinsight", path=str(Path(sys.executable).parent))


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_the_overview_says_of_a_subcommand_what_its_own_help_begins_with(name):
    first = inspect.getdoc(command_class(name)).split("\n\n")[0]
    assert " ".join(first.split()) == SUBCOMMANDS[name]


def test_the_overview_imports_nothing_that_takes_a_while():
    code = "import sys; from Med3DInsightLib.cli.subcommands import parsed_command\n"
    code += "try: parsed_command(['--help'])\nfinally: sys.exit(len({'numpy', 'pydantic', 'tyro'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in SUBCOMMANDS)


def test_a_subcommand_that_there_is_not_is_told_with_those_there_are():
    done = run("segmnet")
    assert done.returncode == 2
    assert "segmnet" in done.stderr
    assert "classify" in done.stderr
