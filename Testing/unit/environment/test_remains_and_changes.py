"""What pip leaves behind is removed, and what it replaced while in use is told."""

from __future__ import annotations

import shutil
import sys

import pytest

from Med3DInsightLib.environment import State, inspect_environment
from Med3DInsightLib.environment.changes import installed_versions, replaced_in_use
from Med3DInsightLib.environment.package_files import PackageFiles
from Med3DInsightLib.environment.remains import remove_remains
from Med3DInsightLib.errors import UserError


def test_everything_of_a_package_goes_and_nothing_of_others(a_site):
    a_site.install("torch", "2.8.0+cu126")
    a_site.record("torch", "2.5.1")
    for name in ("torch-vision", "torchvision", "functorch"):
        a_site.install(name, "1.0")
    (a_site.folder / "~orch").mkdir()
    (a_site.folder / "~orch-2.4.0.dist-info").mkdir()
    assert PackageFiles("torch", a_site.path).records == 2
    remove_remains("torch", a_site.path)
    assert inspect_environment(["torch"], a_site.path).torch.state == State.MISSING
    left = {path.name for path in a_site.folder.iterdir()}
    assert left == {
        f"{name}{end}" for name in ("torch_vision", "torchvision", "functorch") for end in ("", "-1.0.dist-info")
    }


def test_a_link_is_removed_and_what_it_points_to_stays(a_site, tmp_path):
    a_site.install("torch", "2.8.0")
    shutil.move(a_site.folder / "torch", tmp_path / "elsewhere")
    (a_site.folder / "torch").symlink_to(tmp_path / "elsewhere")
    remove_remains("torch", a_site.path)
    assert not (a_site.folder / "torch").exists()
    assert (tmp_path / "elsewhere" / "__init__.py").exists()


def test_a_folder_of_the_same_name_elsewhere_stays(a_site, tmp_path):
    a_site.install("torch", "2.8.0")
    (tmp_path / "work" / "torch").mkdir(parents=True)
    remove_remains("torch", [*a_site.path, str(tmp_path / "work")])
    assert (tmp_path / "work" / "torch").is_dir()
    remove_remains("no-such-package", a_site.path)


def test_what_cannot_be_removed_is_named(a_site, monkeypatch):
    a_site.install("torch", "2.8.0")

    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(shutil, "rmtree", refuse)  # as on Windows, where a library in use cannot be removed
    with pytest.raises(UserError, match=r"torch: cannot be removed \(Permission denied\)\. Restart Slicer"):
        remove_remains("torch", a_site.path)


def test_versions_are_those_of_all_installed_packages_even_beside_a_damaged_one(a_site, monkeypatch):
    (a_site.install("damaged", "1.0") / "METADATA").unlink()
    monkeypatch.setattr(sys, "path", [*sys.path, *a_site.path])
    versions = installed_versions()
    assert versions["typing-extensions"] == PackageFiles("typing_extensions").recorded_version
    assert "damaged" not in versions


def test_only_what_is_in_use_and_was_replaced_needs_a_restart(monkeypatch):
    import yaml  # noqa: F401 - whose distribution is called PyYAML

    after = installed_versions()
    assert replaced_in_use(after, after) == ()
    before = {**after, "pyyaml": "1.0", "tensorboard": "1.0", "numpy": "1.0"}
    monkeypatch.delitem(sys.modules, "tensorboard", raising=False)
    assert replaced_in_use(before, after) == ("numpy", "pyyaml")
    assert replaced_in_use(after, after, ["PyYAML", "tensorboard"]) == ("pyyaml",)
    new = {name: version for name, version in after.items() if name != "numpy"}
    assert replaced_in_use(new, after) == ()
