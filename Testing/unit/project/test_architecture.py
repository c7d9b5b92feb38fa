"""Arrows between the rooms of the library point one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from Testing.unit.project.rooms import Rooms

REPOSITORY = Path(__file__).resolve().parents[3]
LIBRARY = REPOSITORY / "Med3DInsight" / "Med3DInsightLib"

ROOMS = Rooms(
    LIBRARY,
    {
        "storage": set(),
        "volumes": {"storage"},
        "bundles": {"storage", "volumes"},
        "captions": {"volumes"},
        "captions/files": {"captions", "storage", "volumes"},
        "captions/reviewing": {"captions", "captions/files", "storage", "volumes"},
        "captions/pictures": {"captions", "volumes"},
        "captions/label_maps": {"captions", "captions/pictures", "volumes"},
        "captions/slices": {"captions", "captions/label_maps", "captions/pictures", "volumes"},
        "captions/backends": {
            *("captions", "captions/files", "captions/label_maps", "captions/pictures", "captions/slices", "volumes"),
        },
        "captions/quality": {
            *("captions", "captions/backends", "captions/label_maps", "captions/pictures", "captions/slices"),
            "volumes",
        },
        "captions/prompting": {"captions", "captions/pictures", "volumes"},
        "captions/local": {"captions", "captions/backends", "captions/pictures", "captions/prompting", "storage"},
        "captions/remote": {"captions", "captions/backends", "captions/pictures", "captions/prompting"},
        "networks": {"bundles", "storage", "volumes"},
        "analysis/computing": {"volumes"},
        "analysis/windows": {"bundles", "networks", "volumes"},
        "analysis/segmentations": {"analysis/computing", "volumes"},
        "analysis/classes": {"analysis/computing", "analysis/windows", "bundles", "networks", "volumes"},
        "analysis/slices": {"analysis/computing", "analysis/windows", "bundles", "networks", "volumes"},
        "analysis/saliency": {"analysis/classes", "analysis/computing", "analysis/slices", "networks", "volumes"},
        "analysis/describing": {
            *("analysis/computing", "analysis/slices", "captions", "captions/backends", "captions/local"),
            *("captions/pictures", "captions/prompting", "captions/quality", "captions/remote", "captions/slices"),
            "volumes",
        },
        "analysis": {
            *("analysis/classes", "analysis/computing", "analysis/describing", "analysis/saliency"),
            *("analysis/segmentations", "analysis/slices", "analysis/windows", "bundles", "captions/pictures"),
            *("networks", "volumes"),
        },
        "catalog": {"bundles", "storage"},
        "catalog/fetching": {"bundles", "catalog"},
        "export": {
            *("analysis/classes", "analysis/saliency", "analysis/segmentations", "analysis/slices", "bundles"),
            "volumes",
        },
        "export/pages": {"captions"},
        "export/report": {
            "analysis/computing",
            *("analysis/classes", "analysis/saliency", "analysis/segmentations", "analysis/slices", "bundles"),
            *("captions", "captions/pictures", "captions/reviewing", "export", "export/pages", "storage", "volumes"),
        },
        "batch": {
            *("analysis", "analysis/computing", "analysis/segmentations", "bundles", "export", "storage", "volumes"),
        },
        "engine": {
            *("analysis", "analysis/classes", "analysis/describing", "analysis/saliency", "analysis/segmentations"),
            *("analysis/slices", "analysis/windows", "batch", "bundles", "captions", "captions/files"),
            *("captions/reviewing", "catalog", "export/report", "storage", "volumes"),
        },
        "engine/worker": {
            *("analysis", "analysis/computing", "analysis/describing", "analysis/saliency", "analysis/segmentations"),
            *("analysis/windows", "batch", "bundles", "catalog", "catalog/fetching", "engine", "export/report"),
            "volumes",
        },
        "mrml": {"analysis/segmentations", "storage", "volumes"},
        "mrml/insight": {"captions", "captions/files", "captions/reviewing", "mrml", "storage", "volumes"},
        "environment": set(),
        "gui": {"analysis", "analysis/windows", "bundles", "catalog", "engine", "mrml", "volumes"},
        "gui/insight/tasks": {
            *("analysis", "analysis/classes", "analysis/computing", "analysis/describing", "analysis/saliency"),
            *("analysis/slices", "bundles", "captions", "captions/label_maps", "captions/pictures"),
            *("captions/reviewing", "engine", "export/report", "gui", "mrml", "mrml/insight", "volumes"),
        },
        "gui/insight/sections": {
            *("analysis", "analysis/classes", "analysis/computing", "analysis/describing", "analysis/slices"),
            *("bundles", "captions", "captions/pictures", "captions/prompting", "captions/reviewing", "engine"),
            *("export/report", "gui", "gui/insight/tasks", "mrml", "mrml/insight", "volumes"),
        },
        "gui/insight": {
            *("analysis", "analysis/classes", "analysis/computing", "analysis/describing", "analysis/segmentations"),
            *("analysis/slices", "catalog", "engine", "gui", "gui/insight/sections", "gui/insight/tasks", "gui/models"),
            *("mrml", "mrml/insight", "volumes"),
        },
        "gui/models": {"bundles", "catalog", "engine", "gui"},
        "gui/showing": {"engine", "environment", "gui"},
        "cli": {
            *("analysis", "analysis/classes", "analysis/computing", "analysis/describing", "analysis/saliency"),
            *("analysis/segmentations", "analysis/slices", "analysis/windows", "batch", "bundles", "captions"),
            *("captions/files", "captions/label_maps", "captions/pictures", "captions/prompting", "captions/reviewing"),
            *("catalog", "catalog/fetching", "engine", "engine/worker", "export", "export/report", "storage"),
            "volumes",
        },
    },
)
"""Which rooms of the library each room may import from; errors and the version are everybody's."""

MAY_IMPORT_TORCH = {
    *("networks", "captions/local", "analysis", "analysis/classes", "analysis/computing"),
    *("analysis/saliency", "analysis/slices", "analysis/windows"),
}
MAY_OPEN_CONNECTIONS = {"captions/remote", "catalog/fetching"}
NETWORK = {"httpx", "httpx2", "httpcore2", "requests", "urllib3", "aiohttp", "http", "openai", "urllib"}
MAY_KNOW_SLICER = {
    *("mrml", "mrml/insight", "gui", "gui/insight", "gui/insight/sections", "gui/insight/tasks", "gui/models"),
    "gui/showing",
}
NEED_SLICER = {"slicer", "qt", "ctk", "vtk"}
HEAVY = {"torch", "monai", "transformers", "matplotlib"}
IN_SLICER = (
    "analysis/segmentations",
    "batch",
    "bundles",
    "captions",
    "captions/backends",
    "captions/files",
    "captions/label_maps",
    "captions/pictures",
    "captions/prompting",
    "captions/quality",
    "captions/remote",
    "captions/reviewing",
    "captions/slices",
    "catalog",
    "engine",
    "environment",
    "export/pages",
    "export/report",
    "gui",
    "storage",
    "volumes",
)
"""Rooms that are imported into the process of Slicer; the worker is not."""


def roots_of(path: Path) -> set[str]:
    return {name.split(".")[0] for name in ROOMS.imports_of(path)}


@pytest.mark.parametrize("room", sorted(ROOMS.may_know))
def test_a_room_knows_only_the_rooms_below_it(room):
    assert list(ROOMS.strangers(room)) == []


def test_no_room_knows_itself_by_a_detour():
    assert len(list(TopologicalSorter(ROOMS.may_know).static_order())) == len(ROOMS.may_know)


def test_every_room_is_in_the_picture():
    rooms = {path.name for path in LIBRARY.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == {room.split("/")[0] for room in ROOMS.may_know}


def test_every_room_has_a_row_in_the_architecture_of_the_readme():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS.may_know if f"\n| `{room}` |" not in readme] == []


def test_only_two_rooms_open_connections_to_other_computers():
    for path in LIBRARY.rglob("*.py"):
        if ROOMS.room_of(path) not in MAY_OPEN_CONNECTIONS:
            assert not roots_of(path) & NETWORK, path


def test_only_networks_analysis_and_local_models_import_torch_and_only_nobody_imports_training():
    for path in LIBRARY.rglob("*.py"):
        roots = roots_of(path)
        if ROOMS.room_of(path) not in MAY_IMPORT_TORCH:
            assert not roots & {"torch", "monai", "transformers"}, path
        if ROOMS.room_of(path) not in MAY_KNOW_SLICER:
            assert not roots & NEED_SLICER, path
        assert not roots & {"med3dtrain", "MedInsightSegmentLib"}, path


def test_nothing_heavy_is_imported_into_slicer():
    """Every file of the rooms that Slicer imports, imported for real in a fresh interpreter.

    Panels, which need Slicer for that, are opened by Testing/gui/test_environment_gate.py.
    """
    paths = [path for room in IN_SLICER for path in ROOMS.files_of(room)]
    files = [path.relative_to(LIBRARY.parent) for path in paths if not NEED_SLICER & roots_of(path)]
    modules = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files]
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules}]; print(*{HEAVY} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(modules) > 20
    assert done.stdout.strip() == ""


def test_nothing_unpickles_or_runs_code_from_elsewhere():
    forbidden = {"pickle", "dill", "joblib", "shelve", "marshal"}
    for root in (LIBRARY, REPOSITORY / "training"):
        for path in root.rglob("*.py"):
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                    assert not forbidden & {name.split(".")[0] for name in names}, path
                if isinstance(node, ast.Call):
                    called = ast.unparse(node.func)
                    assert called not in {"eval", "exec", "torch.load", "torch.hub.load"}, f"{path}: {called}"
                    trusts = [keyword.value for keyword in node.keywords if keyword.arg == "trust_remote_code"]
                    assert all(ast.unparse(value) == "False" for value in trusts), path
