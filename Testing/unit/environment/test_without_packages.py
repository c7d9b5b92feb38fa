"""The room works where nothing is installed: in an isolated interpreter without site-packages."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pip

ROOM = Path(__file__).resolve().parents[3] / "Med3DInsight" / "Med3DInsightLib" / "environment"
LOOK = """
from Med3DInsightLib.environment import inspect_environment, frozen_constraints
from Med3DInsightLib.errors import UserError
try:
    report = inspect_environment()
    print(*(f"{package.name} {package.state.value}" for package in report.all_packages), sep="\\n")
    print(repr(frozen_constraints()))
except UserError as error:
    print(error)
"""


def look(*folders):
    """What a Python without site-packages finds out; folders are searched besides the library."""
    code = f"import sys; sys.path[:0] = {[str(ROOM.parents[1]), *map(str, folders)]}\n{LOOK}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def link_pip(folder):
    folder.mkdir(exist_ok=True)
    (folder / "pip").symlink_to(Path(pip.__file__).parent)
    return folder


def test_with_nothing_but_pip_everything_is_told_to_be_missing(tmp_path):
    lines = look(link_pip(tmp_path / "site"))
    assert lines[0] == "torch missing"
    assert "pydantic missing" in lines
    assert all(line.endswith("missing") for line in lines[:-1])
    assert lines[-1] == "''"


def test_a_broken_packaging_is_replaced_by_the_copy_in_pip(tmp_path):
    site = link_pip(tmp_path / "site")
    (site / "packaging").mkdir()
    (site / "packaging" / "__init__.py").write_text("raise SystemError('built for another Python')\n")
    assert look(site)[0] == "torch missing"


def test_without_pip_one_line_says_what_to_do():
    (line,) = look()
    assert line.startswith("neither packaging nor pip can be imported")
    assert line.endswith("Install 3D Slicer again.")


def test_files_of_the_room_import_only_the_standard_library():
    allowed = sys.stdlib_module_names | {"Med3DInsightLib"}
    for path in ROOM.glob("*.py"):
        tree = ast.parse(path.read_text())
        only_for_types = {
            id(node)
            for condition in ast.walk(tree)
            if isinstance(condition, ast.If) and ast.unparse(condition.test) == "TYPE_CHECKING"
            for node in ast.walk(condition)
        }
        for node in ast.walk(tree):
            if id(node) in only_for_types or getattr(node, "level", 0):
                continue
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed, path
            elif isinstance(node, ast.ImportFrom):
                assert node.module.split(".")[0] in allowed, path
