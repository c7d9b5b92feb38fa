"""What can happen while a folder is segmented: cancelling, a dead worker, a closed scene, a reload."""

from __future__ import annotations

import numpy as np
import psutil
import slicer

from Med3DInsightLib.batch.summary import Status
from Med3DInsightLib.batch.summary_file import read_summary
from Med3DInsightLib.mrml.table_nodes import columns_from_table
from Med3DInsightLib.volumes import write_volume

from .folder_steps import choose_folders, make_slow, run_folder, start_and_wait_for, times
from .panel_steps import a_head, click, count_of, wait_until


def test_cancelling_keeps_what_is_complete_shows_it_and_the_next_run_goes_on(
    a_desktop, a_folder_section, scans, tmp_path
):
    ui, out = a_folder_section.ui, tmp_path / "results"
    make_slow(scans / "b.nrrd")
    choose_folders(a_desktop, a_folder_section, scans, out)
    assert not ui.folderCancelButton.enabled
    start_and_wait_for(a_desktop, a_folder_section, "2 of 3: b.nrrd")
    assert not ui.folderRunButton.enabled
    click(ui.folderCancelButton)
    wait_until(a_desktop, lambda: not a_folder_section.panel.folder.task.running, seconds=60)
    assert ui.folderStatusLabel.text == "Cancelled. What is complete is kept; run it again to go on."
    columns = columns_from_table(ui.folderTable.mrmlTableNode())
    assert columns["status"] == ["done", "waiting", "waiting"]
    assert np.isnan(columns["CSF (ml)"][1])
    before = times(out)
    write_volume(a_head(42), scans / "b.nrrd")
    assert run_folder(a_desktop, a_folder_section) == "2 done, 1 skipped, 0 failed."
    assert before.items() <= times(out).items()


def test_a_killed_worker_is_an_error_and_the_next_run_goes_on(a_desktop, a_folder_section, scans, tmp_path):
    out = tmp_path / "results"
    make_slow(scans / "b.nrrd")
    choose_folders(a_desktop, a_folder_section, scans, out)
    start_and_wait_for(a_desktop, a_folder_section, "2 of 3: b.nrrd")
    psutil.Process(a_folder_section.logic.engine.client._connection.pid).kill()
    wait_until(a_desktop, lambda: not a_folder_section.panel.folder.task.running, seconds=60)
    assert "ended unexpectedly" in a_folder_section.ui.folderStatusLabel.text
    assert columns_from_table(a_folder_section.ui.folderTable.mrmlTableNode())["status"] == [
        "done",
        "waiting",
        "waiting",
    ]
    write_volume(a_head(42), scans / "b.nrrd")
    assert run_folder(a_desktop, a_folder_section) == "2 done, 1 skipped, 0 failed."
    assert not list(out.glob("*/.unfinished-*"))


def test_leaving_the_panel_and_closing_the_scene_keep_the_run(a_desktop, a_module, a_folder_section, scans, tmp_path):
    make_slow(scans / "b.nrrd", size=80)
    choose_folders(a_desktop, a_folder_section, scans, tmp_path / "results")
    start_and_wait_for(a_desktop, a_folder_section, "2 of 3: b.nrrd")
    a_module.exit()
    slicer.mrmlScene.Clear(False)
    a_module.enter()
    assert a_folder_section.panel.folder.task.running
    wait_until(a_desktop, lambda: not a_folder_section.panel.folder.task.running, seconds=240)
    assert a_folder_section.ui.folderStatusLabel.text == "3 done, 0 skipped, 0 failed."
    assert count_of("Table") == 1


def test_reloading_the_module_stops_the_run_and_leaves_no_worker(a_desktop, a_folder_section, scans, tmp_path):
    make_slow(scans / "b.nrrd")
    out = tmp_path / "results"
    choose_folders(a_desktop, a_folder_section, scans, out)
    start_and_wait_for(a_desktop, a_folder_section, "2 of 3: b.nrrd")
    worker = psutil.Process(a_folder_section.logic.engine.client._connection.pid)
    a_desktop.modules.reload("MedInsightSegment")
    psutil.wait_procs([worker], timeout=60)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
    rows = read_summary(out / "summary.csv").rows
    assert [row.status for row in rows] == [Status.DONE, Status.WAITING, Status.WAITING]
    assert count_of("Table") == 0
    panel = a_desktop.show(a_desktop.modules.module("MedInsightSegment"))
    assert panel is not a_folder_section
    assert not panel.panel.folder.task.running
