"""A worker fetches models as the service in process does, tells how far it is, and stops when it is asked to."""

from __future__ import annotations

import pytest
from Testing.unit.catalog.file_server import FileServer, healthy, stalls_half_way
from Testing.unit.catalog.parts import hub_entry, hub_files, make_bundle, write_catalogue

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.catalog.requests import (
    CataloguesRequest,
    GetModelRequest,
    ImportModelRequest,
    InstalledModel,
    VerifiedModel,
    VerifyModelsRequest,
)
from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.engine.remote_catalog import RemoteCatalog


def test_a_worker_fetches_is_cancelled_goes_on_and_uses_the_model(
    start_worker, a_bundle, a_volume, tmp_path, monkeypatch
):
    bundle = make_bundle(tmp_path / "liver", a_bundle.card, a_bundle.weights_path.read_bytes(), licence="CC BY-SA 4.0")
    place, store = write_catalogue(tmp_path / "catalogue.json", hub_entry(bundle)), tmp_path / "store"
    monkeypatch.setenv("MED3DINSIGHT_MODELS", str(store))
    monkeypatch.setenv("MED3DINSIGHT_SETTINGS", str(tmp_path / "settings"))
    with FileServer(hub_files(bundle), [healthy, stalls_half_way, healthy]) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        analysis = start_worker()
        catalog = RemoteCatalog(analysis.client)
        client = catalog.client

        read = client.wait(catalog.catalogues(CataloguesRequest((place,))))
        assert read.catalogues[-1].entry("liver") == hub_entry(bundle)
        with pytest.raises(EngineError, match="CC BY-SA 4.0") as refused:
            client.wait(catalog.get(GetModelRequest("liver", (place,))))
        assert refused.value.code == ErrorCode.REFUSED

        job = catalog.get(GetModelRequest("liver", (place,), accept_licence=True))
        while not any(path.stat().st_size for path in store.glob(".partial/*/model.safetensors")):
            client.deliver(0.05)
        client.cancel(job)
        with pytest.raises(EngineError) as cancelled:
            client.wait(job)
        assert cancelled.value.code == ErrorCode.CANCELLED
        assert client.connected

        job, reports = catalog.get(GetModelRequest("liver", (place,))), []
        job.on_progress.connect(reports.append)
        assert client.wait(job) == InstalledModel("liver", "0.0.1", store / "liver")
        assert server.asked("model.safetensors")[-1]["Range"]
        assert reports[-1].fraction == 1.0
        assert "MB" in reports[-1].stage

    assert client.wait(catalog.verify(VerifyModelsRequest(("liver",)))) == (VerifiedModel("liver", ""),)
    labels = client.wait(analysis.segment(SegmentRequest("liver"), a_volume)).labels
    assert labels.grid.shape_kji == a_volume.grid.shape_kji
    imported = client.wait(catalog.import_model(ImportModelRequest(bundle.folder, tmp_path / "other")))
    assert imported.folder == tmp_path / "other" / "liver"
