"""The command for a folder: what it writes, what it says, and how it is stopped and taken up again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import nibabel as nib
import numpy as np
import pytest

from Med3DInsightLib.batch.summary import Status
from Med3DInsightLib.batch.summary_file import read_summary
from Med3DInsightLib.export.segmentation_folder import FILES
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
    command = [*command, "batch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def assert_one_line(done, *parts):
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    for part in parts:
        assert part in lines[0]


def statuses(out):
    return {row.case: row.status.value for row in read_summary(out / "summary.csv").rows}


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.name in FILES}


@pytest.fixture
def scans(a_volume, tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    write_volume(a_volume, folder / "a head.nii.gz")
    write_volume(a_volume.map(lambda array: array[::-1].copy()), folder / "Ärztin.nrrd")
    return folder


@pytest.fixture
def options(scans, a_bundle, tmp_path):
    return [scans, "-o", tmp_path / "out", "--model", a_bundle.folder]


def test_batch_writes_a_folder_for_each_and_says_how_many_were_done(options, tmp_path):
    done = run(*options)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-2:] == [
        "2 done, 0 skipped, 0 failed",
        f"summary: {tmp_path / 'out' / 'summary.csv'}",
    ]
    for case in ("a head", "Ärztin"):
        assert sorted(path.name for path in (tmp_path / "out" / case).iterdir()) == sorted(FILES)
    assert statuses(tmp_path / "out") == {"a head": "done", "Ärztin": "done"}


def test_the_files_are_those_of_segment_to_the_bit(options, scans, a_bundle, tmp_path):
    run(*options)
    command = [*_COMMAND, "segment", scans / "a head.nii.gz", "-o", tmp_path / "single", "--model", a_bundle.folder]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    for name in ("labels.nii.gz", "labels.seg.nrrd", "preview.png"):
        assert (tmp_path / "single" / name).read_bytes() == (tmp_path / "out" / "a head" / name).read_bytes()


def test_a_second_run_skips_everything_and_does_not_even_import_torch(options, tmp_path):
    run(*options)
    before = times(tmp_path / "out")
    code = "import sys; from Med3DInsightLib.cli.main import main; c = main(); sys.exit(c or 'torch' in sys.modules)"
    done = run(*options, command=[sys.executable, "-c", code])
    assert done.returncode == 0, done.stderr
    assert "0 done, 2 skipped, 0 failed" in done.stdout
    assert times(tmp_path / "out") == before


def test_a_case_that_fails_is_told_and_the_exit_code_is_not_zero(options, scans, tmp_path):
    nib.save(nib.Nifti1Image(np.ones((5, 5, 5, 3), np.float32), np.eye(4)), scans / "b [red]four.nii")
    done = run(*options)
    assert_one_line(done, "1 of 3 cases failed", "summary.csv")
    assert done.stdout.splitlines()[-2].startswith("2 done, 0 skipped, 1 failed")
    assert "b [red]four: " in done.stdout
    assert "has 4 dimensions (5x5x5x3)" in done.stdout
    again = run(*options)
    assert again.returncode == 1
    assert "0 done, 2 skipped, 1 failed" in again.stdout


def test_what_is_wrong_with_the_whole_run_is_one_line_and_leaves_nothing(options, scans, a_bundle, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    out = tmp_path / "out"
    for arguments, words in [
        ([tmp_path / "empty", "-o", out], "holds no volume"),
        ([tmp_path / "nowhere", "-o", out], "cannot be read"),
        ([scans, "-o", out, "--pattern", "*.mha"], "holds no volume that matches '*.mha'"),
        ([scans, "-o", scans], "the same folder"),
        ([scans, "-o", tmp_path / "file"], "cannot be written"),
        ([scans, "-o", "/proc/nowhere"], "cannot be written"),
    ]:
        assert_one_line(run(*arguments, "--model", a_bundle.folder), words)
    assert_one_line(run(scans, "-o", out, "--model", "kidney"), "no model 'kidney'")
    with a_bundle.weights_path.open("ab") as stream:
        stream.write(b"0")
    assert_one_line(run(*options), "hash of the weights")
    assert not out.exists()


def test_the_output_may_be_inside_the_input(scans, a_bundle):
    options = [scans, "-o", scans / "results", "--model", a_bundle.folder, "--pattern", "**/*"]
    assert "2 done, 0 skipped, 0 failed" in run(*options).stdout
    assert "0 done, 2 skipped, 0 failed" in run(*options).stdout


def test_a_full_disk_stops_the_run_in_one_line(options, tmp_path):
    done = run(*options, command=[sys.executable, "-c", _LIMITED])
    assert_one_line(done, "space")
    assert statuses(tmp_path / "out") == {"a head": "waiting", "Ärztin": "waiting"}
    assert "2 done, 0 skipped" in run(*options).stdout


@pytest.fixture
def a_slow_case(scans):
    """Thousands of windows for the tiny model, as the last case."""
    array = np.random.default_rng(0).normal(size=(200, 200, 200)).astype(np.float32)
    write_volume(Volume(array, Grid((200, 200, 200), np.eye(4))), scans / "ß slow.nii.gz")
    return scans / "ß slow.nii.gz"


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")
@pytest.mark.parametrize("wish", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_or_killed_half_way_is_taken_up_again(
    options, scans, a_slow_case, a_volume, tmp_path, wish
):
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*_COMMAND, "batch", *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 120
    while not list(out.glob("ß slow/.unfinished-*")) and time.monotonic() < until and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(wish)
    _, errors = process.communicate(timeout=60)
    if wish == signal.SIGKILL:
        assert process.returncode == -wish
    else:
        assert process.returncode == 130, errors
        assert errors.strip() == f"error: interrupted; finished cases are kept in {out}. Run it again to go on"
        assert not (out / "ß slow").exists()
    assert statuses(out) == {"a head": "done", "ß slow": "waiting", "Ärztin": "done"}
    before = times(out)
    assert len(before) == 2 * len(FILES)
    write_volume(a_volume, a_slow_case)  # so that the second run takes less long
    done = run(*options)
    assert done.returncode == 0, done.stderr
    assert "1 done, 2 skipped, 0 failed" in done.stdout
    assert before.items() <= times(out).items()
    assert not list(out.glob("*/.unfinished-*"))


def test_results_of_another_model_are_not_overwritten_unasked(options, scans, tmp_path):
    run(*options)
    before = times(tmp_path / "out")
    shipped = [scans, "-o", tmp_path / "out", "--model", "hippocampus"]
    words = f"{tmp_path / 'out' / 'a head'}: holds a result of another model (tiny"
    assert_one_line(run(*shipped), words, "--overwrite")
    assert times(tmp_path / "out") == before
    assert statuses(tmp_path / "out") == {"a head": "done", "Ärztin": "done"}
    done = run(*shipped, "--overwrite")
    assert "2 done, 0 skipped, 0 failed" in done.stdout
    assert read_summary(tmp_path / "out" / "summary.csv").structures[0] == "anterior hippocampus"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no local sockets")
def test_the_shared_worker_computes_the_same_and_without_one_the_run_stops(options, scans, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir(mode=0o700)
    assert_one_line(run(*options, "--worker"), "no shared worker is running")
    assert set(statuses(tmp_path / "out").values()) == {Status.WAITING}
    nib.save(nib.Nifti1Image(np.zeros((5, 5, 5), np.uint8), np.eye(4)), scans / "black.nii")
    server = subprocess.Popen([*_COMMAND, "serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "ready\n"
    done = run(*options, "--worker")
    server.terminate()
    server.communicate(timeout=60)
    assert "2 done, 0 skipped, 1 failed" in done.stdout
    assert "black: " in done.stdout
    assert "every voxel has the value 0" in done.stdout
    alone = run(scans, "-o", tmp_path / "alone", *options[3:])
    assert alone.returncode == 1
    labels = [(tmp_path / out / "a head" / "labels.nii.gz").read_bytes() for out in ("out", "alone")]
    assert labels[0] == labels[1]


_WITHOUT_POWERS = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: the root user obeys permissions without them
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="takes powers away as Linux does")
def test_what_may_not_be_read_is_a_row_and_what_may_not_be_written_is_refused(options, scans, a_volume, tmp_path):
    command = [sys.executable, "-c", _WITHOUT_POWERS, *_COMMAND[1:]]
    (tmp_path / "out").mkdir(mode=0o500)
    assert_one_line(
        run(*options, command=command), f"{tmp_path / 'out'}: the output folder cannot be written", "denied"
    )
    (tmp_path / "out").chmod(0o700)
    write_volume(a_volume, scans / "secret.nii")
    (scans / "secret.nii").chmod(0)
    (scans / "secret folder").mkdir(mode=0)
    done = run(*options, command=command)
    assert "2 done, 0 skipped, 2 failed" in done.stdout
    assert f"secret: {scans / 'secret.nii'}: cannot be read (Permission denied)" in done.stdout
    assert f"secret folder: {scans / 'secret folder'}: cannot be read (Permission denied)" in done.stdout
    (scans / "secret folder").chmod(0o700)


def test_help_comes_from_the_docstrings():
    text = " ".join(run("--help").stdout.replace("│", " ").split())
    for part in ("--output", "--pattern", "--overwrite", "--worker", "Run it again to go on after a stop"):
        assert part in text
