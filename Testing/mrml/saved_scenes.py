"""A scene as the application has it, saved as .mrb or folder and loaded again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from Testing.minislicer.mrml_core import MrmlCore


def save_and_load(core: MrmlCore, folder: Path, how: str) -> Any:
    """Save the scene as "mrb" or "folder", close it, load what was saved, and return the scene."""
    scene = core.scene
    if how == "mrb":
        path = folder / "saved.mrb"
        assert scene.WriteToMRB(str(path), None, None)
        scene.Clear(False)
        assert scene.ReadFromMRB(str(path), True, None)
        return scene
    saved = folder / "saved"
    saved.mkdir()
    assert scene.SaveSceneToSlicerDataBundleDirectory(str(saved), None, None)
    scene.Clear(False)
    scene.SetURL(str(next(saved.glob("*.mrml"))))
    assert scene.Connect()
    return scene
