"""A trial imports for real, in a process of its own, and whatever happens there is a result."""

from __future__ import annotations

import importlib.metadata
import sys
import time

import psutil
import pytest

from Med3DInsightLib.environment import TrialProcess

_LIMIT = 120


def result_of(trial):
    """Poll as a timer does."""
    deadline = time.monotonic() + _LIMIT
    while (result := trial.poll()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return result


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Write a module that the trial finds, before any that is installed."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return lambda name, source: (tmp_path / f"{name}.py").write_text(source)


def test_what_is_installed_here_works():
    trial = TrialProcess([sys.executable], ["torch", "monai", "pydantic"])
    assert trial.poll() is None  # nothing waits
    result = result_of(trial)
    assert result.works, result.errors
    assert result.versions["torch"] == importlib.metadata.version("torch")
    assert result.versions["monai"] == importlib.metadata.version("monai")
    assert result.device.startswith(("CPU", "CUDA", "MPS"))


def test_what_cannot_be_imported_is_named_and_the_rest_is_tried(modules):
    modules("panics", "class PanicException(BaseException): pass\nraise PanicException('other side')\n")
    modules("prints", "print('MED3DINSIGHT-TRIAL {}'); __version__ = '1.0'\n")
    result = result_of(TrialProcess([sys.executable], ["no_such_module", "panics", "prints", "einops"]))
    assert not result.works
    assert result.errors == {
        "no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
        "panics": "PanicException: other side",
    }
    assert result.versions == {"prints": "1.0", "einops": importlib.metadata.version("einops")}


def test_nothing_is_imported_from_the_current_folder(tmp_path, monkeypatch):
    for name in ("json", "einops"):
        (tmp_path / f"{name}.py").write_text("open('was-imported', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    result = result_of(TrialProcess([sys.executable], ["einops"]))
    assert result.versions == {"einops": importlib.metadata.version("einops")}
    assert not (tmp_path / "was-imported").exists()


TORCH = """
__version__ = "2.8.0+cu118"
class cuda:
    is_available = staticmethod(lambda: True)
    get_device_name = staticmethod(lambda index: "GeForce of tomorrow")
def ones(*shape, device):
    raise RuntimeError(f"no kernel image is available for execution on the device ({device})")
"""


def test_a_torch_that_cannot_compute_on_the_device_it_found_is_broken(modules):
    modules("torch", TORCH)
    result = result_of(TrialProcess([sys.executable], ["torch"]))
    assert result.errors["torch"].startswith("it is imported, but cannot compute: no kernel image is available")
    assert "(cuda)" in result.errors["torch"]


def test_a_crash_is_a_result_with_the_last_words(modules):
    modules("crashes", "import os, sys; print('cannot load library', file=sys.stderr, flush=True); os.abort()\n")
    result = result_of(TrialProcess([sys.executable], ["crashes"]))
    assert result.errors["python"].startswith("Python got signal 6: cannot load library")


def test_a_hang_ends_after_the_given_time_and_leaves_no_process(modules):
    modules("hangs", "import time; time.sleep(600)\n")
    trial = TrialProcess([sys.executable], ["hangs"], seconds=2)
    process = psutil.Process(trial._process.pid)
    result = result_of(trial)
    assert not result.works
    assert "within 2 s" in result.errors["python"] or "Timeout" in result.errors["python"]
    assert not process.is_running()


def test_cancelling_ends_the_process_also_behind_a_launcher(modules, tmp_path):
    """As PythonSlicer does, the launcher starts Python as a child that a kill of the launcher does not reach."""
    modules(
        "hangs", f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)\n"
    )
    launcher = "import subprocess, sys; subprocess.call([sys.executable, *sys.argv[1:]])"
    trial = TrialProcess([sys.executable, "-c", launcher], ["hangs"])
    deadline = time.monotonic() + _LIMIT
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child = psutil.Process(int((tmp_path / "pid").read_text()))
    trial.cancel()
    trial.cancel()
    gone, alive = psutil.wait_procs([child], timeout=_LIMIT)
    assert not alive
    assert gone


def test_a_python_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        TrialProcess([str(tmp_path / "nowhere")], ["torch"])
