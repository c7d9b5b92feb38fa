"""pip keeps what the constraints freeze: asked for real, without a network."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys

import pytest

from Med3DInsightLib.environment import frozen_constraints
from Med3DInsightLib.environment.constraints import FROZEN

from .conftest import build_wheel


def pip_plan(tmp_path, *arguments, path=None):
    """What pip would do with the frozen versions of path (this environment unless given) as constraints."""
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(frozen_constraints(path))
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--disable-pip-version-check"]
    return subprocess.run(
        [*command, "-c", str(constraints), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(path or []), "PATH": ""},
    )


def test_what_is_installed_is_frozen_with_its_whole_version():
    installed = {name: importlib.metadata.version(name) for name in ("torch", "numpy", "scipy", "SimpleITK")}
    assert frozen_constraints() == "".join(f"{name}=={version}\n" for name, version in installed.items())
    assert set(installed) < set(FROZEN)


def test_pip_takes_the_constraints_for_fulfilled(tmp_path):
    done = pip_plan(tmp_path, "torch", "numpy", "scipy", "SimpleITK")
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout


@pytest.mark.parametrize("version", ["2.8.0+cu126", "2.9.0.dev20250801+rocm6.4", "2.8.0a0+34c6371d24.nv25.8"])
def test_pip_keeps_a_torch_with_a_local_version(a_site, tmp_path, version):
    a_site.install("torch", version)
    assert frozen_constraints(a_site.path) == f"torch=={version}\n"
    done = pip_plan(tmp_path, "torch", path=a_site.path)
    assert done.returncode == 0, done.stderr
    assert re.search(rf"already satisfied: torch.*{re.escape(version)}", done.stdout)


def test_pip_stops_rather_than_replace_what_is_frozen(a_site, tmp_path):
    a_site.install("torch", "2.6.0+cu124")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    build_wheel(wheels, "torch", "2.8.0")
    build_wheel(wheels, "monai", "99.0", ("torch>=2.8",))
    build_wheel(wheels, "rich", "99.0", ("torch>=2",))
    find = ("--find-links", str(wheels))
    refused = pip_plan(tmp_path, *find, "monai==99.0", path=a_site.path)
    assert refused.returncode != 0
    assert "conflict" in refused.stderr
    accepted = pip_plan(tmp_path, *find, "rich==99.0", path=a_site.path)
    assert accepted.returncode == 0, accepted.stderr
    assert accepted.stdout.splitlines()[-1] == "Would install rich-99.0"


def test_a_version_that_is_none_is_frozen_as_well(a_site, tmp_path):
    a_site.record("SimpleITK", "2.2.0-g1234abc")
    assert frozen_constraints(a_site.path) == "SimpleITK===2.2.0-g1234abc\n"
    (tmp_path / "wheels").mkdir()
    build_wheel(tmp_path / "wheels", "simpleitk", "2.5.0")
    build_wheel(tmp_path / "wheels", "reader", "1.0", ("SimpleITK>=2.4",))
    build_wheel(tmp_path / "wheels", "other", "1.0")
    find = ("--find-links", str(tmp_path / "wheels"))
    assert pip_plan(tmp_path, *find, "reader", path=a_site.path).returncode != 0
    assert pip_plan(tmp_path, *find, "other", path=a_site.path).returncode == 0


def test_what_is_not_installed_or_has_no_version_is_not_named(a_site):
    assert frozen_constraints(a_site.path) == ""
    (a_site.install("scipy", "1.14.0") / "METADATA").unlink()
    assert frozen_constraints(a_site.path) == ""
