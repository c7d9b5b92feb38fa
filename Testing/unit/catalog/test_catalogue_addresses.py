"""Private catalogues come from servers, when they are asked for and within limits."""

from __future__ import annotations

import pytest
from Testing.unit.catalog.file_server import FileServer, chunked_without_end, stalls_half_way, status
from Testing.unit.catalog.parts import a_service, elsewhere, hub_entry, make_bundle, write_catalogue

from Med3DInsightLib.catalog.errors import CatalogueError
from Med3DInsightLib.catalog.requests import CataloguesRequest, GetModelRequest
from Med3DInsightLib.catalog.settings import ModelSettings
from Med3DInsightLib.catalog.sources import WebSource


@pytest.fixture
def files(a_card, tmp_path):
    """A catalogue and the model in it, as one server has both; its address is not known yet."""
    bundle = make_bundle(tmp_path / "liver", a_card)
    return bundle, {f"/liver/{path.name}": path.read_bytes() for path in bundle.folder.iterdir()}


def test_a_catalogue_by_address_and_the_model_in_it(files, tmp_path):
    bundle, models = files
    with FileServer(models) as server:
        entry = elsewhere(hub_entry(bundle), WebSource(f"{server.url}/liver"))
        place = write_catalogue(tmp_path / "catalogue.json", entry)
        server.files["/catalogue.json"] = (tmp_path / "catalogue.json").read_bytes()
        address = f"{server.url}/catalogue.json"
        read = a_service(tmp_path).catalogues(CataloguesRequest((address,)))
        assert read.catalogues[-1].entry("liver") == entry
        assert [path for path, _ in server.requests] == ["/catalogue.json"]
        model = a_service(tmp_path).get(GetModelRequest("liver", (address,), tmp_path / "store"))
    assert model.folder == tmp_path / "store" / "liver"
    assert place.endswith("catalogue.json")


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (status(404), "does not exist"),
        (status(503), "answers 503"),
        (lambda handler, content: handler.say(200, b"<html>"), "not valid JSON"),
        (chunked_without_end, "larger than"),
        (stalls_half_way, r"did not come within 0\.3 s"),
    ],
)
def test_a_catalogue_that_does_not_come_is_one_line_with_its_address(tmp_path, behaviour, cause):
    limit = 0.3 if behaviour is stalls_half_way else 20.0
    server = FileServer({"/c.json": b"{}" * 100}, [behaviour])
    with server, pytest.raises(CatalogueError, match=cause) as error:
        a_service(tmp_path, catalogue_s=limit).catalogues(CataloguesRequest((f"{server.url}/c.json",)))
    assert server.url in str(error.value)
    assert str(error.value).endswith(".")


def test_of_catalogues_that_are_kept_a_problem_is_told_and_the_others_are_read(files, tmp_path, monkeypatch):
    bundle, _ = files
    place = write_catalogue(tmp_path / "kept.json", hub_entry(bundle))
    ModelSettings(tmp_path / "settings" / "models.json").add_catalogue(place)
    monkeypatch.setenv("MED3DINSIGHT_CATALOGUES", f"{tmp_path / 'gone.json'}; {place}")
    read = a_service(tmp_path).catalogues(CataloguesRequest())
    assert read.catalogues[-1].entry("liver") is not None
    assert len(read.catalogues) == 2
    assert [problem for problem in read.problems if "gone.json" in problem] == list(read.problems)
    assert len(read.problems) == 1
    with pytest.raises(CatalogueError, match=r"no model 'spleen'.*gone\.json"):
        a_service(tmp_path).get(GetModelRequest("spleen"))


def test_an_address_with_a_password_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(CatalogueError) as error:
        a_service(tmp_path).catalogues(CataloguesRequest(("https://me:secret@127.0.0.1/c.json",)))
    assert "secret" not in str(error.value)
