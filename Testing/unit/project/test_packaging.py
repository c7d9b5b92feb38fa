"""The extension contains every file, and its three descriptions agree."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[3]
MODULES = ("Med3DInsight", "MedInsightSegment")


def cmake_list(text: str, name: str) -> list[str]:
    found = re.search(rf"set\({name}\s+(.*?)\)", text, re.DOTALL)
    assert found, f"{name} is not set"
    return found.group(1).split()


def cmake_string(name: str) -> str:
    text = (REPOSITORY / "CMakeLists.txt").read_text()
    found = re.search(rf'set\({name} "([^"]*)"\)', text)
    assert found, f"{name} is not one quoted string"
    return found.group(1)


def s4ext() -> dict[str, str]:
    lines = (REPOSITORY / "Med3DInsight.s4ext").read_text().splitlines()
    pairs = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return {key: value.strip() for key, _, value in pairs}


@pytest.mark.parametrize("module", MODULES)
def test_cmake_lists_every_script_and_resource(module):
    folder = REPOSITORY / module
    text = (folder / "CMakeLists.txt").read_text()
    scripts = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
    resources = {path.relative_to(folder).as_posix() for path in (folder / "Resources").rglob("*") if path.is_file()}
    for name, expected in (("MODULE_PYTHON_SCRIPTS", scripts), ("MODULE_PYTHON_RESOURCES", resources)):
        listed = cmake_list(text, name)
        assert len(listed) == len(set(listed))
        assert set(listed) == expected


@pytest.mark.parametrize("module", MODULES)
def test_resources_have_names_of_our_own(module):
    """All extensions are installed into one folder; files of the same name overwrite each other."""
    for path in (REPOSITORY / module / "Resources").rglob("*"):
        relative = path.relative_to(REPOSITORY / module).as_posix()
        assert not path.is_file() or "Med3DInsight" in relative or module in relative


def test_the_description_files_agree_with_cmake():
    description = s4ext()
    assert description["homepage"] == cmake_string("EXTENSION_HOMEPAGE")
    assert description["category"] == cmake_string("EXTENSION_CATEGORY")
    assert description["contributors"] == cmake_string("EXTENSION_CONTRIBUTORS")
    assert description["description"] == cmake_string("EXTENSION_DESCRIPTION")
    assert description["depends"] == cmake_string("EXTENSION_DEPENDS")
    catalogue = json.loads((REPOSITORY / "Med3DInsight.json").read_text())
    assert catalogue["category"] == cmake_string("EXTENSION_CATEGORY")
    assert catalogue["build_dependencies"] == cmake_string("EXTENSION_DEPENDS").split()
    assert catalogue["build_subdirectory"] == description["build_subdirectory"]
    assert catalogue["scm_revision"] == description["scmrevision"]


def test_every_package_is_installed_and_the_version_is_told_once():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    found = set()
    for root in (*(REPOSITORY / module for module in MODULES), REPOSITORY / "training"):
        for marker in root.rglob("__init__.py"):
            found.add(".".join(marker.parent.relative_to(root).parts))
    assert listed == found
    text = (REPOSITORY / "Med3DInsight" / "Med3DInsightLib" / "__init__.py").read_text()
    assert f'__version__ = "{project["project"]["version"]}"' in text


def test_slicer_requirements_are_those_of_the_package_without_what_slicer_brings():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    brought = ("numpy", "SimpleITK", "torch")
    expected = {line for line in project["project"]["dependencies"] if not line.startswith(brought)}
    path = REPOSITORY / "Med3DInsight" / "Resources" / "Med3DInsight" / "requirements.txt"
    lines = {line for line in path.read_text().splitlines() if line and not line.startswith("#")}
    assert lines == expected


@pytest.mark.parametrize("icon", ["Resources", "Med3DInsight/Resources/Icons", "MedInsightSegment/Resources/Icons"])
def test_the_extension_and_its_modules_have_icons_of_128_pixels(icon):
    name = "MedInsightSegment" if icon.startswith("MedInsightSegment") else "Med3DInsight"
    with Image.open(REPOSITORY / icon / f"{name}.png") as picture:
        assert (picture.size, picture.format) == ((128, 128), "PNG")


def test_shipped_bundles_are_small():
    models = REPOSITORY / "Med3DInsight" / "Resources" / "Med3DInsight" / "Models"
    for bundle in (path for path in models.iterdir() if path.is_dir()):
        assert sum(path.stat().st_size for path in bundle.iterdir()) <= 12_000_000
