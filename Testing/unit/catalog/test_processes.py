"""Processes that are killed, that meet, and that may not write leave a store that can be used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from Testing.unit.catalog.file_server import FileServer, drips, healthy, stalls_half_way
from Testing.unit.catalog.parts import WEIGHTS, hub_entry, hub_files, left_in, write_catalogue

from Med3DInsightLib.catalog.installed import InstalledModels

# A process that fetches, with only what that needs, so that it starts soon.
_GET = """
import sys
from pathlib import Path
from Med3DInsightLib.catalog.fetching.access import Access
from Med3DInsightLib.catalog.fetching.service import CatalogService
from Med3DInsightLib.catalog.requests import GetModelRequest
from Med3DInsightLib.catalog.settings import ModelSettings
from Med3DInsightLib.catalog.shipped import ShippedModels
from Med3DInsightLib.errors import UserError
hub, place, store, settings = sys.argv[1:]
service = CatalogService(ShippedModels(), ModelSettings(Path(settings)), Access(hub, wait_s=0.01, attempts=2))
try:
    print(service.get(GetModelRequest("liver", (place,), Path(store))).folder)
except UserError as error:
    sys.exit(f"error: {error}")
"""
_LIMITED = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({len(WEIGHTS) // 2}, resource.RLIM_INFINITY))
"""


@pytest.fixture
def start(liver, store, tmp_path):
    """Starts a process that fetches the model from a server."""
    place = write_catalogue(tmp_path / "catalogue.json", hub_entry(liver))
    settings = tmp_path / "settings.json"
    package = Path(__file__).resolve().parents[3] / "Med3DInsight"

    def begin(server, code=_GET, **options):
        return subprocess.Popen(
            [sys.executable, "-c", code, server.url, place, str(store.folder), str(settings)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(package)},
            **options,
        )

    return begin


def test_after_a_kill_half_way_the_next_process_goes_on(liver, store, start):
    with FileServer(hub_files(liver), [healthy, stalls_half_way]) as server:
        process = start(server)
        assert server.stalled.wait(60)
        partial = next(iter(store.folder.glob(".partial/*/model.safetensors")), None)
        while partial is None or partial.stat().st_size < len(WEIGHTS) // 2 - 100_000:
            partial = next(iter(store.folder.glob(".partial/*/model.safetensors")), None)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert InstalledModels(store=store).place_of("liver") is None
    with FileServer(hub_files(liver)) as server:
        _, errors = start(server).communicate()
        asked = server.asked("model.safetensors")
    assert errors == ""
    assert [headers["Range"].startswith("bytes=") for headers in asked] == [True]
    assert (store.folder / "liver" / "model.safetensors").read_bytes() == WEIGHTS
    assert left_in(store) == ["liver"]


def test_of_two_processes_one_fetches_and_both_have_the_model(liver, store, start):
    with FileServer(hub_files(liver), [healthy, drips]) as server:
        both = [start(server), start(server)]
        told = [process.communicate() for process in both]
        assert [len(server.asked(name)) for name in ("card.json", "model.safetensors")] == [1, 1]
    assert told == [(f"{store.folder / 'liver'}\n", "")] * 2


def test_a_full_disk_is_one_line_and_what_fitted_is_taken_up_later(liver, store, start):
    with FileServer(hub_files(liver)) as server:
        _, errors = start(server, _LIMITED + _GET).communicate()
        assert "the disk is full. Free some space" in errors
        assert len(errors.strip().splitlines()) == 1
        assert left_in(store) == []
        assert start(server).communicate()[1] == ""
        assert server.asked("model.safetensors")[-1]["Range"] == f"bytes={len(WEIGHTS) // 2}-"
    assert left_in(store) == ["liver"]


def test_a_store_that_may_only_be_read_is_used_and_not_changed(liver, store, start, tmp_path):
    store.folder.mkdir()
    store.folder.chmod(0o555)
    # Root may write everywhere; without the capability it is a user like others.
    as_others = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
    code = (
        f"import os, sys; os.execvp({as_others!r}[0], [*{as_others!r}, sys.executable, '-c', {_GET!r}, *sys.argv[1:]])"
    )
    try:
        with FileServer(hub_files(liver)) as server:
            _, errors = start(server, code if as_others else _GET).communicate()
            assert server.requests == []
        assert f"{store.folder}: the model store cannot be written (Permission denied)" in errors
        assert "another folder of models (on the command line: med3dinsight models store --folder)" in errors
        assert len(errors.strip().splitlines()) == 1
    finally:
        store.folder.chmod(0o755)
    liver.folder.rename(store.folder / "liver")
    store.folder.chmod(0o555)
    try:
        assert InstalledModels(store=store).find("liver").card.name == "liver"
        with FileServer({}) as server:
            printed, errors = start(server, code if as_others else _GET).communicate()
        assert (printed, errors) == (f"{store.folder / 'liver'}\n", "")
    finally:
        store.folder.chmod(0o755)
