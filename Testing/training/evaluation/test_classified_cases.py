"""A bundle that classifies is measured as its users meet it, and goes on after a kill."""

from __future__ import annotations

import re
import signal
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from Testing.training.evaluation.page_parts import looks_of
from Testing.training.evaluation.parts import (
    classification_bundle,
    classified_row,
    evaluate,
    killed_in_the_third_case,
    report,
    write_classified,
    write_table,
)

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.volumes import read_volume
from med3dtrain.datasets.medmnist import read_medmnist
from med3dtrain.evaluation.classification.measures import classification_scores
from med3dtrain.evaluation.intervals import BootstrapSettings
from med3dtrain.evaluation.pairing import compare_paired

KINDS = ("bundles/kinds", "data/cases.csv", "--output", "out")
NUMBERS = {"cube": 0, "none": 1}


def expected_scores(bundle, volumes, classes):
    session = Session.open(Bundle.open(bundle), Device.CPU)
    results = [session.classify(volume) for volume in volumes]
    rows = [[result.probabilities[name] for name in session.card.class_names] for result in results]
    return results, classification_scores(rows, classes, BootstrapSettings(resamples=50))


def test_the_figures_are_those_of_what_a_session_says_of_the_same_volumes(classified, capsys):
    evaluate(*KINDS)
    found = report()
    volumes = [read_volume(Path("data", case["name"])) for case in found["cases"]]
    classes = [NUMBERS[case["class"]] for case in found["cases"]]
    assert classes == [0, 1] * 4
    results, scores = expected_scores("bundles/kinds", volumes, classes)
    for case, result in zip(found["cases"], results, strict=True):
        (answer,) = case["results"]
        assert answer["probabilities"] == result.probabilities
        assert (answer["class"], answer["unlikeness"]) == (result.most_probable, result.unlikeness)
    (model,) = found["models"]
    told = {row["measure"]: (row["value"], *row["interval"]) for row in model["summary"]}
    assert told == {name: tuple(asdict(value).values()) for name, value in scores.named.items()}
    assert 0 < scores.accuracy.value < 1  # else most of what is compared here would be alike
    assert model["auc_by_class"]["none"]["value"] == scores.auc.value
    assert model["confusion"] == [list(line) for line in scores.confusion]
    assert sum(part["cases"] for part in model["reliability"]) == 8
    assert found["warnings"] == []
    output = capsys.readouterr().out
    assert f"kinds: accuracy {scores.accuracy.value:.3f} (" in output
    assert re.search(r"case 2 of 8: v1.nii.gz, (cube|none) \(0\.\d+\), about \d+ s left", output)


def test_a_killed_evaluation_goes_on_to_the_same_report_to_the_bit(classified, monkeypatch):
    arguments = (*KINDS, "--worst", "1")
    evaluate(*arguments)
    expected = {path.name: path.read_bytes() for path in Path("out").glob("report.*")}
    (classified / "killed").mkdir()
    monkeypatch.chdir(classified / "killed")
    for name in ("bundles", "data"):
        Path(name).symlink_to(classified / name)
    assert killed_in_the_third_case(*arguments, analysis="classify") == -signal.SIGKILL
    assert len(Path("out/cases.jsonl").read_text().splitlines()) == 2
    assert not list(Path("out").glob("report.*"))
    classify, done = Session.classify, []
    monkeypatch.setattr(Session, "classify", lambda self, volume: done.append(1) or classify(self, volume))
    evaluate(*arguments)
    assert len(done) == 6
    assert {path.name: path.read_bytes() for path in Path("out").glob("report.*")} == expected


def test_the_split_of_an_archive_of_medmnist_is_measured(classified):
    generator = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 4), ("val", 4), ("test", 6)):
        arrays[f"{part}_images"] = generator.integers(0, 255, (count, 12, 12, 12), dtype=np.uint8)
        arrays[f"{part}_labels"] = (np.arange(count) % 2)[:, None].astype(np.uint8)
    np.savez("data/kinds.npz", **arrays)
    evaluate("bundles/kinds", "data/kinds.npz", "--output", "out")
    found = report()
    assert [case["name"] for case in found["cases"]] == [f"kinds.npz test {number}" for number in range(6)]
    cases = [case for case in read_medmnist(Path("data/kinds.npz")).cases if case.subset == "test"]
    _, scores = expected_scores("bundles/kinds", [case.read() for case in cases], [0, 1] * 3)
    values = [row["value"] for row in found["models"][0]["summary"]]
    assert values == [value.value for value in scores.named.values()]
    assert found["cases"][1]["image"]["sha256"] == cases[1].sha256
    evaluate("bundles/kinds", "data/kinds.npz", "--output", "val", "--split", "val")
    assert len(report("val")["cases"]) == 4


def test_two_bundles_are_compared_case_by_case_whatever_the_order_of_their_classes(classified, a_card):
    classification_bundle(a_card, classified / "bundles" / "other", seed=1, class_names=("none", "cube"))
    evaluate(*KINDS, "--against", "bundles/other", "--worst", "1")
    found = report()
    session = Session.open(Bundle.open(classified / "bundles" / "other"), Device.CPU)
    for case in found["cases"]:
        answered = session.classify(read_volume(Path("data", case["name"])))
        assert case["results"][1]["probabilities"] == answered.probabilities
    loss = [[-np.log(answer["probabilities"][case["class"]]) for answer in case["results"]] for case in found["cases"]]
    right = [[float(answer["class"] == case["class"]) for answer in case["results"]] for case in found["cases"]]
    for row, values in zip(found["comparison"], (right, loss), strict=False):
        expected = compare_paired(*zip(*values, strict=True), BootstrapSettings(resamples=50))
        assert row["difference"]["value"] == pytest.approx(expected.difference.value)
        assert (row["wilcoxon_p"], row["permutation_p"]) == (expected.wilcoxon_p, expected.permutation_p)
    first, second = (model["summary"][1]["value"] for model in found["models"])
    assert found["comparison"][2]["value"] == pytest.approx(first - second)
    assert first != second
    assert "kinds beside other" in Path("out/report.html").read_text()


def test_the_most_confident_wrong_answers_come_first_with_their_slices(classified):
    evaluate(*KINDS, "--worst", "2")
    wrong = {
        case["name"]: case["results"][0]["probabilities"][case["results"][0]["class"]]
        for case in report()["cases"]
        if case["results"][0]["class"] != case["class"]
    }
    assert len(wrong) > 2
    text = Path("out/report.html").read_text()
    assert re.findall(r"<h3>(\S+): taken for", text) == sorted(wrong, key=wrong.get, reverse=True)[:2]
    assert text.count("data:image/png") == 2


def test_the_page_is_inert_and_shows_hostile_names_as_text(classified, a_card):
    names = ("<script>alert(1)<\u2215script>", "<img src=x>")
    classification_bundle(a_card, classified / "bundles" / "hostile", class_names=names)
    rows = [classified_row(classified / "data", f"{names[0]}{number}.nrrd", number) for number in range(4)]
    write_table(classified / "data", [(name, names[number % 2], "test") for number, (name, *_) in enumerate(rows)])
    evaluate("bundles/hostile", "data/cases.csv", "--output", "out", "--worst", "4")
    page = looks_of(Path("out/report.html"))
    assert "taken for <img src=x>, is <script>alert(1)" in page.shown
    assert f"{names[0]}3.nrrd" in page.shown
    assert {"svg", "polyline", "table"} <= set(page.tags)


def test_a_class_that_the_model_does_not_know_is_refused_before_anything_is_computed(classified):
    rows = write_classified(classified / "data")
    write_table(classified / "data", [*rows[:2], (rows[2][0], "tumour", "test"), (rows[3][0], "odd", "train")])
    refusal = r"data/cases.csv: line 4 has the class 'tumour', which the model does not know. Use cube, none"
    with pytest.raises(SystemExit, match=refusal):
        evaluate(*KINDS, "--on-bad-input", "skip")
    write_table(classified / "data", [*rows[:2], (rows[3][0], "odd", "train")])
    evaluate(*KINDS, "--split", "test")
    assert len(report()["cases"]) == 2
    images = np.random.default_rng(0).integers(0, 255, (9, 12, 12, 12), dtype=np.uint8)
    parts = {"train": slice(0, 3), "val": slice(3, 6), "test": slice(6, 9)}
    arrays = {f"{name}_images": images[part] for name, part in parts.items()}
    np.savez("data/three.npz", **arrays, **{f"{name}_labels": np.arange(3) for name in parts})
    with pytest.raises(SystemExit, match=r"three.npz: test volume has the label 2, which the model does not know"):
        evaluate("bundles/kinds", "data/three.npz", "--output", "three")


def test_other_faults_are_named(classified, a_card):
    Path("data/v2.nii.gz").write_bytes(b"no image")
    Path("data/v3.nii.gz").unlink()
    with pytest.raises(SystemExit, match=r"data/v2.nii.gz: "):
        evaluate(*KINDS)
    evaluate(*KINDS, "--on-bad-input", "skip")
    found = report()
    assert [case["name"] for case in found["skipped"]] == ["v2.nii.gz", "v3.nii.gz"]
    assert "v3.nii.gz: there is no such file" in found["skipped"][1]["error"]
    assert len(found["cases"]) == 6
    classification_bundle(a_card, classified / "bundles" / "others", class_names=("cube", "ball"))
    with pytest.raises(SystemExit, match=r"'others' knows other classes \(cube, none beside cube, ball\)"):
        evaluate(*KINDS, "--against", "bundles/others", "--overwrite")
    with pytest.raises(SystemExit, match="'kinds' classifies whole volumes, without label maps and structures"):
        evaluate(*KINDS, "--only", "liver", "--overwrite")
    with pytest.raises(SystemExit, match="has no case with split 'val'"):
        evaluate(*KINDS, "--split", "val", "--overwrite")
    with pytest.raises(SystemExit, match=r"is neither a .csv table nor an .npz file"):
        evaluate("bundles/kinds", "data", "--output", "new")


def test_a_set_of_one_class_has_no_auc_and_says_so(classified):
    rows = write_classified(classified / "data")
    write_table(classified / "data", rows[::2])
    evaluate(*KINDS)
    found = report()
    measures = {row["measure"]: row["value"] for row in found["models"][0]["summary"]}
    assert measures["AUC"] is None
    assert measures["accuracy"] is not None
    assert found["models"][0]["auc_by_class"]["cube"] == {"value": None, "interval": None}
    assert found["warnings"] == ["no case has the class none; the mean of classes is without it"]
    assert "no case has the class none" in looks_of(Path("out/report.html")).shown


def test_another_class_in_the_table_changes_the_figures_and_computes_nothing(classified, monkeypatch):
    evaluate(*KINDS)
    before = report()["models"][0]["confusion"]
    rows = write_classified(classified / "data")
    write_table(classified / "data", [*rows[:7], (rows[7][0], "cube", "test")])
    monkeypatch.setattr(Session, "classify", None)
    evaluate(*KINDS, "--overwrite")
    after = report()["models"][0]["confusion"]
    assert [sum(line) for line in before] == [4, 4]
    assert [sum(line) for line in after] == [5, 3]


def test_a_model_that_does_not_know_what_it_was_trained_on_is_measured_all_the_same(classified, a_card):
    classification_bundle(a_card, classified / "bundles" / "naive", knows_its_data=False)
    evaluate("bundles/naive", "data/cases.csv", "--output", "out")
    model = report()["models"][0]
    assert model["unfamiliar_cases"] is None
    assert "naive does not know what it was trained on." in looks_of(Path("out/report.html")).shown
