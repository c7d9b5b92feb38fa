"""Which code, on what, made a result."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from Med3DInsightLib.storage import write_whole

_PROVENANCE = "provenance.json"
_PACKAGES = ("torch", "monai", "transformers", "accelerate", "numpy", "SimpleITK")


def git_revision(folder: Path) -> str:
    """The commit of the repository that folder is in, with " (modified)" if tracked files differ; "" without git."""
    git = shutil.which("git")
    if git is None:
        return ""

    def answer(*arguments: str) -> str | None:
        done = subprocess.run(  # noqa: S603 - git itself, with arguments of this program
            [git, "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else None

    commit = answer("rev-parse", "HEAD")
    if not commit:
        return ""
    return f"{commit} (modified)" if answer("status", "--porcelain", "--untracked-files=no") else commit


def write_provenance(output: Path, processes: int, device: torch.device) -> None:
    """Write revision, versions and command into the folder of a run, replacing an older file in one step."""
    facts = {
        "git_revision": git_revision(Path(__file__).parent),
        "command": sys.argv,
        "processes": processes,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }
    write_whole(output / _PROVENANCE, json.dumps(facts, indent=2).encode() + b"\n")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
