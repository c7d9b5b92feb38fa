"""The command writes complete tables, and refuses to write over others unasked."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from Med3DInsightLib.errors import UserError
from med3dtrain.evidence.study import Aim, Findings
from med3dtrain.figures.charts import Chart, Curve


@pytest.fixture
def evidence():
    """The script as a module."""
    path = Path(__file__).resolve().parents[3] / "training" / "evidence.py"
    spec = importlib.util.spec_from_file_location("evidence_command", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


class SmallStudy:
    def __init__(self, quick, seeds):
        self.met = not quick

    def run(self, folder, workers, show):
        show("run 1 of 1")
        curves = [Curve("default", [1, 2], [[0.1, 0.2], [0.2, 0.4]]), Curve("one seed", [1, 2], [[0.3, 0.1]])]
        return Findings(
            {"table": [1, 2]}, "| a table |", [Aim("it is seen", "0.5", self.met)], [Chart("easy", "R@1", curves)]
        )


@pytest.fixture
def small(evidence, monkeypatch):
    monkeypatch.setattr(evidence, "_STUDIES", {"vector": SmallStudy})
    return evidence.Evidence


def test_json_and_markdown_are_written_and_printed(small, tmp_path, capsys):
    assert small(tmp_path / "out").run()
    text = (tmp_path / "out" / "evidence.md").read_text()
    assert "](evidence/vector.png)" in text
    assert (tmp_path / "out" / "evidence" / "vector.png").read_bytes().startswith(b"\x89PNG")
    assert "| a table |" in text
    assert "- it is seen: 0.5, met" in text
    assert text in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "vector.json").read_text())["aims"][0]["met"] is True


def test_an_aim_that_is_missed_is_told(small, tmp_path):
    assert not small(tmp_path, quick=True).run()
    assert "NOT met" in (tmp_path / "evidence.md").read_text()


def test_the_document_can_be_elsewhere_and_has_its_curves_beside_it(small, tmp_path):
    assert small(tmp_path / "runs", tmp_path / "docs" / "told.md").run()
    assert sorted(path.name for path in (tmp_path / "docs").rglob("*")) == ["told", "told.md", "vector.png"]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["vector.json"]


def test_tables_are_not_written_over_unasked(small, tmp_path):
    small(tmp_path).run()
    with pytest.raises(UserError, match="already holds"):
        small(tmp_path).run()
    assert small(tmp_path, overwrite=True).run()
