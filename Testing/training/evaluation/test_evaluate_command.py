"""An evaluation writes a whole report that can be believed, and goes on after a kill."""

from __future__ import annotations

import re
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from Testing.training.evaluation.page_parts import looks_of
from Testing.training.evaluation.parts import GRID, evaluate, killed_in_the_third_case, report, write_case

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.volumes import Volume, read_volume
from med3dtrain.evaluation.segmentation.measures import structure_scores

HOSTILE = "<script>alert(1)<\u2215script>\u202e\"'&\u6f22\x07"


def test_the_figures_are_those_of_a_session_on_the_same_cases(study, capsys):
    evaluate("bundles/tiny", "task", "--output", "out")
    found = report()
    session = Session.open(Bundle.open(study / "bundles" / "tiny"))
    dices = []
    for case in found["cases"]:
        volume = read_volume(study / "task" / "imagesTr" / f"{case['name']}.nii.gz")
        truth = read_volume(study / "task" / "labelsTr" / f"{case['name']}.nii.gz")
        expected = structure_scores(session.segment(volume).labels, truth, session.card.segments)
        dices.append(expected[1].dice)
        structures = case["results"][0]["structures"]
        assert [each["dice"] for each in structures] == [each.dice for each in expected]
        assert [each["hausdorff95_mm"] for each in structures] == [each.hausdorff95_mm for each in expected]
    grey, white = (found["models"][0]["summary"][index] for index in (0, 4))
    assert (white["structure"], white["measure"], white["cases"]) == ("white matter", "dice", 3)
    assert white["mean"] == pytest.approx(np.mean(dices))
    assert white["mean"] > 0.1
    assert white["median"] == np.median(dices)
    assert min(dices) <= white["interval"][0] < white["interval"][1] <= max(dices)
    assert (grey["mean"], grey["missed"], grey["invented"]) == (0.0, 3, 0)  # random weights never find it
    assert found["models"][0]["weights_sha256"] == session.card.weights_sha256
    assert found["command"].startswith("python training/evaluate.py bundles/tiny task")
    assert re.search(r"case 2 of 3: b, mean Dice 0\.\d+, about \d+ s left", capsys.readouterr().out)


def test_a_killed_evaluation_goes_on_to_the_same_report_to_the_bit(study, monkeypatch):
    evaluate("bundles/tiny", "task", "--output", "out", "--worst", "1")
    expected = {path.name: path.read_bytes() for path in Path("out").glob("report.*")}
    (study / "killed").mkdir()
    monkeypatch.chdir(study / "killed")
    for name in ("bundles", "task"):
        Path(name).symlink_to(study / name)
    assert killed_in_the_third_case("bundles/tiny", "task", "--output", "out", "--worst", "1") == -signal.SIGKILL
    assert len(Path("out/cases.jsonl").read_text().splitlines()) == 2
    assert not list(Path("out").glob("report.*"))
    with open("out/cases.jsonl", "a") as stream:
        stream.write('{"settings": {"image": "cut by the ki')
    evaluate("bundles/tiny", "task", "--output", "out", "--worst", "1")
    assert {path.name: path.read_bytes() for path in Path("out").glob("report.*")} == expected
    assert not list(Path("out").glob(".unfinished*"))


def test_finished_cases_are_not_computed_again_unless_something_changed(study, monkeypatch):
    names = ("bundles/tiny", "task", "--output", "out", "--overwrite")
    evaluate(*names)
    segmented = []
    segment = Session.segment
    monkeypatch.setattr(Session, "segment", lambda self, *rest: segmented.append(1) or segment(self, *rest))
    evaluate(*names)
    assert len(segmented) == 0
    write_case(study / "task", "b", number=1, label=Volume(np.ones(GRID.shape_kji, np.uint8), GRID))
    evaluate(*names)
    assert len(segmented) == 1
    (study / "task" / "imagesTr" / "c.nii.gz").write_bytes((study / "task" / "imagesTr" / "b.nii.gz").read_bytes())
    evaluate(*names)
    assert len(segmented) == 2
    evaluate(*names, "--tolerance-mm", "2")
    assert len(segmented) == 5


def test_a_bundle_beside_itself_shows_no_difference(study):
    evaluate("bundles/tiny", "task", "--output", "out", "--against", "bundles/tiny")
    rows = report()["comparison"]
    assert len(rows) == 9
    assert sum(row["cases"] == 3 for row in rows) == 8  # the bundle never finds grey matter: no distance
    for row in rows[:2] + rows[3:]:
        assert row["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0}
        assert (row["wilcoxon_p"], row["permutation_p"], row["higher"], row["lower"]) == (1.0, 1.0, 0, 0)
    assert "tiny (1) beside tiny (2)" in Path("out/report.html").read_text()


def test_another_bundle_is_compared_case_by_case(study, another_bundle):
    evaluate("bundles/tiny", "task", "--output", "out", "--against", "bundles/other", "--worst", "1")
    found = report()
    dices = [[each["structures"][1]["dice"] for each in case["results"]] for case in found["cases"]]
    row = found["comparison"][3]
    assert row["difference"]["value"] == pytest.approx(np.mean([a - b for a, b in dices]))
    assert (row["measure"], row["cases"]) == ("dice", 3)
    assert row["wilcoxon_p"] >= 0.25  # three cases cannot say more
    hashes = [model["weights_sha256"][:8] for model in found["models"]]
    assert f"tiny {hashes[0]} beside tiny {hashes[1]}" in Path("out/report.html").read_text()  # of one name and version


def test_a_bundle_with_other_structures_is_refused(study, a_card, tmp_path):
    renamed = (a_card.segments[0], replace(a_card.segments[1], name="tumour"))
    card = replace(a_card, segments=renamed)
    save_network(build_network(card.architecture), card, tmp_path / "bundles" / "renamed")
    with pytest.raises(SystemExit, match="segment different structures"):
        evaluate("bundles/tiny", "task", "--output", "out", "--against", "bundles/renamed")


def test_the_page_runs_nothing_loads_nothing_and_shows_hostile_names_as_text(study, another_bundle, capsys):
    write_case(study / "task", HOSTILE, number=5)
    evaluate("bundles/tiny", "task", "--output", "out", "--against", "bundles/other", "--worst", "4")
    text = Path("out/report.html").read_bytes().decode("utf-8")
    page = looks_of(Path("out/report.html"))
    assert page.tags.count("img") == 4
    shown = page.shown
    assert "<script>alert(1)" in shown
    assert "\u6f22" in shown
    assert not set("\u202e\x07") & set(text)
    assert HOSTILE[:-1] in [case["name"] for case in report()["cases"]]
    assert not set("\u202e\x07") & set(capsys.readouterr().out)


def test_the_worst_cases_come_first_with_their_pictures(study):
    evaluate("bundles/tiny", "task", "--output", "out", "--worst", "2")
    means = {c["name"]: np.mean([s["dice"] for s in c["results"][0]["structures"]]) for c in report()["cases"]}
    text = Path("out/report.html").read_text()
    shown = re.findall(r"<h3>(\w): mean Dice", text)
    assert shown == sorted(means, key=means.get)[:2]
    assert text.count("data:image/png") == 2


def test_a_report_is_not_replaced_unasked_and_arguments_must_be_clear(study):
    evaluate("bundles/tiny", "--images", "task/imagesTr", "--labels", "task/labelsTr", "--output", "out")
    with pytest.raises(SystemExit, match="already holds report.html, report.json"):
        evaluate("bundles/tiny", "task", "--output", "out")
    with pytest.raises(SystemExit, match="the cases are not clear"):
        evaluate("bundles/tiny", "--images", "task/imagesTr", "--output", "out")
    with pytest.raises(SystemExit, match="the tolerance is -1.0 mm"):
        evaluate("bundles/tiny", "task", "--output", "out", "--tolerance-mm", "-1")
    with pytest.raises(SystemExit, match="there is no model 'nothing'"):
        evaluate("nothing", "task", "--output", "out")
