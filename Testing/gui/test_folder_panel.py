"""A folder of volumes is segmented by mouse: progress, the table, resume, and what is refused."""

from __future__ import annotations

import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import slicer
from PySide6 import QtCore, QtTest

from Med3DInsightLib.mrml.table_nodes import columns_from_table
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import read_volume, write_volume

from .folder_steps import choose, choose_folders, run_folder, times
from .panel_steps import FOUND, a_head, click, count_of, run, wait_until

LONGEST_MS = 1000.0


def test_a_folder_is_segmented_with_progress_and_its_table_is_shown(a_desktop, a_folder_section, scans, tmp_path):
    ui, out = a_folder_section.ui, tmp_path / "results"
    assert (ui.folderRunButton.enabled, ui.folderRunButton.toolTip) == (False, "Choose the folder with the volumes.")
    choose_folders(a_desktop, a_folder_section, scans, out)
    assert ui.folderCountLabel.text == "3 volumes were found."
    texts, values = [], []
    a_folder_section.panel.folder.task.on_progress.connect(lambda _: texts.append(ui.folderStatusLabel.text))
    ui.folderProgressBar.connect("valueChanged(int)", values.append)

    assert run_folder(a_desktop, a_folder_section) == "3 done, 0 skipped, 0 failed."

    for title in ("1 of 3: a head.nii.gz", "2 of 3: b.nrrd", "3 of 3: c.mha"):
        assert any(text.startswith(title) for text in texts)
    assert any(text.endswith(" left") for text in texts)
    assert values == sorted(values)
    assert len(set(values)) > 3
    assert values[-1] == 1000
    table = ui.folderTable.mrmlTableNode()
    assert table.GetName() == f"{scans.name} structures"
    columns = columns_from_table(table)
    assert list(columns) == ["case", "CSF (ml)", "grey matter (ml)", "white matter (ml)", "status", "seconds", "error"]
    assert columns["case"] == ["a head", "b", "c"]
    assert columns["status"] == ["done"] * 3
    assert all(volume > 0 for volume in columns["white matter (ml)"])
    assert count_of("Segmentation") == 0
    node = node_from_volume(slicer.mrmlScene, read_volume(scans / "b.nrrd"), "b")
    a_folder_section.ui.inputVolumeSelector.setCurrentNode(node)
    assert run(a_desktop, a_folder_section).endswith(FOUND)
    alone = columns_from_table(ui.structuresTable.mrmlTableNode())
    of_folder = [columns[f"{name} (ml)"][1] for name in alone["structure"]]
    assert of_folder == pytest.approx(alone["volume (ml)"], abs=1e-3)


def test_a_second_run_computes_only_what_is_missing(a_desktop, a_folder_section, scans, tmp_path):
    out = tmp_path / "results"
    choose_folders(a_desktop, a_folder_section, scans, out)
    run_folder(a_desktop, a_folder_section)
    before = times(out)
    write_volume(a_head(42), scans / "b.nrrd")
    titles = []
    a_folder_section.panel.folder.task.on_progress.connect(lambda message: titles.append(message.stage))
    assert run_folder(a_desktop, a_folder_section) == "1 done, 2 skipped, 0 failed."
    computed = {title for title in titles if not title.startswith("checking")}
    assert computed == {"2 of 3: b.nrrd"}
    changed = {path.parent.name for path, when in times(out).items() if before[path] != when}
    assert changed == {"b"}
    assert count_of("Table") == 2


def test_a_case_that_fails_is_a_row_and_the_others_are_done(a_desktop, a_folder_section, scans, tmp_path):
    nib.save(nib.Nifti1Image(np.ones((5, 5, 5, 3), np.float32), np.eye(4)), scans / "b four.nii")
    head = a_head()
    write_volume(head.with_array(np.zeros_like(head.array_kji)), scans / "black.nii")
    choose_folders(a_desktop, a_folder_section, scans, tmp_path / "results")
    told = run_folder(a_desktop, a_folder_section)
    assert told == "3 done, 0 skipped, 2 failed."
    columns = columns_from_table(a_folder_section.ui.folderTable.mrmlTableNode())
    errors = dict(zip(columns["case"], columns["error"], strict=True))
    assert "has 4 dimensions (5x5x5x3)" in errors["b four"]
    assert "every voxel has the value 0" in errors["black"]
    assert a_folder_section.ui.folderErrorsLabel.text == f"{errors['b four']}\n{errors['black']}"


def test_results_inside_the_input_folder_are_not_taken_for_volumes(a_desktop, a_folder_section, scans):
    choose_folders(a_desktop, a_folder_section, scans, scans / "results")
    assert run_folder(a_desktop, a_folder_section) == "3 done, 0 skipped, 0 failed."
    choose_folders(a_desktop, a_folder_section, scans, scans / "results")
    assert a_folder_section.ui.folderCountLabel.text == "3 volumes were found."
    assert run_folder(a_desktop, a_folder_section) == "0 done, 3 skipped, 0 failed."


def test_what_cannot_be_run_is_told(a_desktop, a_folder_section, scans, tmp_path):
    ui = a_folder_section.ui
    (tmp_path / "empty").mkdir()
    for folder, words in (
        (tmp_path / "empty", "0 volumes were found."),
        (tmp_path / "nowhere", "the folder cannot be read"),
        (tmp_path / "results", "the folder cannot be read"),
    ):
        choose_folders(a_desktop, a_folder_section, folder, tmp_path / "results")
        assert words in ui.folderCountLabel.text
        assert not ui.folderRunButton.enabled
    choose_folders(a_desktop, a_folder_section, scans, scans)
    assert "input and output are the same folder" in ui.folderRunButton.toolTip
    choose_folders(a_desktop, a_folder_section, scans, Path("/proc/nowhere"))
    assert "the output folder cannot be written" in run_folder(a_desktop, a_folder_section)
    choose(a_desktop, ui.folderOutputEdit, tmp_path / "results")
    QtTest.QTest.keyClicks(ui.modelSearch, "kidney")
    wait_until(a_desktop, lambda: ui.folderRunButton.enabled)
    click(ui.folderRunButton)
    assert ui.folderStatusLabel.text.startswith("Choose a model")
    assert count_of("Table") == 0


def test_results_of_another_model_are_replaced_only_after_a_tick(a_desktop, a_folder_section, scans, tmp_path):
    ui, out = a_folder_section.ui, tmp_path / "results"
    choose_folders(a_desktop, a_folder_section, scans, out)
    run_folder(a_desktop, a_folder_section)
    report = out / "b" / "result.json"
    report.write_text(report.read_text().replace('"weights_sha256": "', '"weights_sha256": "0'))
    before = times(out)
    assert "results/b: holds a result of another model" in run_folder(a_desktop, a_folder_section)
    assert times(out) == before
    assert count_of("Table") == 1
    QtTest.QTest.mouseClick(ui.folderReplaceCheckBox, QtCore.Qt.LeftButton, QtCore.Qt.NoModifier, QtCore.QPoint(8, 10))
    assert ui.folderReplaceCheckBox.checked
    assert run_folder(a_desktop, a_folder_section) == "1 done, 2 skipped, 0 failed."


def test_the_desktop_is_not_held_up_while_a_folder_is_counted_and_segmented(
    a_desktop, a_folder_section, scans, tmp_path
):
    """Counting or computing in its own thread would take seconds; see test_segment_event_loop.py."""
    for n in range(2000):
        (scans / f"{n}.txt").write_bytes(b"")
        if n % 10 == 0:
            (scans / f"folder {n}").mkdir()
            (scans / f"folder {n}" / "notes").write_bytes(b"")
    told, worked_ms, last = set(), [], [time.thread_time()]
    counter, label = a_folder_section.panel.folder.counter, a_folder_section.ui.folderCountLabel
    counter.on_changed.connect(lambda: told.add(label.text))

    def tick():
        worked_ms.append(1000.0 * (time.thread_time() - last[0]))
        last[0] = time.thread_time()

    timer = QtCore.QTimer()
    timer.setInterval(5)
    timer.timeout.connect(tick)
    timer.start()
    choose_folders(a_desktop, a_folder_section, scans, tmp_path / "results")
    assert any(text.endswith("so far.") for text in told)
    assert run_folder(a_desktop, a_folder_section) == "3 done, 0 skipped, 0 failed."
    timer.stop()
    assert len(worked_ms) > 100
    assert max(worked_ms) < LONGEST_MS, sorted(worked_ms)[-5:]
