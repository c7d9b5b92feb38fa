"""Models are fetched from real servers on this computer, whatever these do."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from Testing.unit.catalog.file_server import (
    FileServer,
    chunked_without_end,
    cut_half_way,
    drips,
    healthy,
    knows_no_ranges,
    stalls_half_way,
    status,
)
from Testing.unit.catalog.parts import (
    WEIGHTS,
    hub_entry,
    left_in,
    make_bundle,
    serving,
)

from Med3DInsightLib.catalog.errors import FetchError, StoreError, TransferCancelled

HALF = len(WEIGHTS) // 2


def partial_sizes(store):
    return [path.stat().st_size for path in store.folder.glob(".partial/*/model.safetensors")]


def test_a_model_arrives_complete_with_progress(get, liver, store):
    reports = []
    with serving(liver) as server:
        model = get(server, reports.append)
    assert model.folder == store.folder / "liver"
    assert {path.name: path.read_bytes() for path in model.folder.iterdir()} == {
        path.name: path.read_bytes() for path in liver.folder.iterdir()
    }
    assert left_in(store) == ["liver"]
    assert list(store.folder.glob(".partial/*")) == []
    assert [report.done_bytes for report in reports] == sorted(report.done_bytes for report in reports)
    assert reports[-1].fraction == 1.0
    assert reports[-1].total_bytes == sum(path.stat().st_size for path in liver.folder.iterdir())


def test_what_is_there_is_not_fetched_again(get, liver):
    with serving(liver) as server:
        get(server)
        asked = len(server.requests)
        assert get(server).version == "0.0.1"
        assert len(server.requests) == asked


def test_a_connection_that_is_cut_is_taken_up_where_it_ended(get, liver, store):
    with serving(liver, cut_half_way, healthy) as server:
        get(server)
        last = server.asked("model.safetensors")[-1]
    assert (last["Range"], last["If-Range"]) == (f"bytes={HALF}-", '"one"')
    assert left_in(store) == ["liver"]


def test_a_later_run_goes_on_where_one_was_given_up(get, liver, store):
    with (
        serving(liver, cut_half_way, status(503)) as server,
        pytest.raises(FetchError, match=r"503, 3 times.*0\.1 of 0"),
    ):
        get(server)
    assert left_in(store) == []
    assert partial_sizes(store) == [HALF]
    with serving(liver) as server:
        get(server)
        assert len(server.asked("card.json")) == 0
        assert [headers["Range"] for headers in server.asked("model.safetensors")] == [f"bytes={HALF}-"]


@pytest.mark.parametrize("rest", [knows_no_ranges, status(416)])
def test_a_server_without_ranges_sends_all_of_it_again(get, liver, store, rest):
    with serving(liver, cut_half_way, rest, healthy) as server:
        get(server)
    assert (store.folder / "liver" / "model.safetensors").read_bytes() == WEIGHTS


def test_a_file_that_has_changed_on_the_server_is_not_glued_to_the_old_half(get, liver, store):
    def changed(handler, content):
        handler.tag = '"two"'
        healthy(handler, content)

    with serving(liver, cut_half_way, changed) as server:
        get(server)
        assert server.asked("model.safetensors")[1]["If-Range"] == '"one"'
    assert (store.folder / "liver" / "model.safetensors").read_bytes() == WEIGHTS


def test_a_part_of_a_file_that_has_changed_is_not_glued_to_the_old_half(get, liver, store):
    """Some servers send a part in spite of If-Range."""

    def part_of_another_file(handler, content):
        start = len(content) // 2
        whole = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.say(206, b"x" * (len(content) - start), ETag='"two"', Content_Range=whole)

    with serving(liver, cut_half_way, part_of_another_file, healthy) as server:
        get(server)
        assert "Range" not in server.asked("model.safetensors")[-1]
    assert (store.folder / "liver" / "model.safetensors").read_bytes() == WEIGHTS


def test_a_server_that_cuts_the_whole_and_refuses_parts_is_given_up(get, a_card, tmp_path):
    large = make_bundle(tmp_path / "large", a_card, bytes(2_500_000))

    def cut_or_refused(handler, content):
        if len(handler.server.told.requests) > 20:
            healthy(handler, content)  # so that who goes on without end comes to one
        elif "Range" in handler.headers:
            handler.say(416)
        else:
            cut_half_way(handler, content)

    with serving(large, cut_or_refused) as server, pytest.raises(FetchError, match="3 times.*Check the network"):
        get(server, entry=hub_entry(large))


def test_a_part_that_begins_elsewhere_is_not_taken(get, liver, store):
    def elsewhere_in_it(handler, content):
        handler.say(206, content[10:], Content_Range=f"bytes 10-{len(content) - 1}/{len(content)}")

    with serving(liver, cut_half_way, elsewhere_in_it, healthy) as server:
        get(server)
    assert (store.folder / "liver" / "model.safetensors").read_bytes() == WEIGHTS


def test_a_wrong_hash_is_refused_and_the_file_deleted(get, liver, store):
    def spoilt(handler, content):
        handler.say(200, content[:-1] + b"?")

    with serving(liver, spoilt) as server, pytest.raises(FetchError, match=r"hash.*it was deleted\. Try again"):
        get(server)
    assert left_in(store) == []
    assert partial_sizes(store) == []
    with serving(liver) as server:
        assert get(server).name == "liver"


@pytest.mark.parametrize(
    "faulty", [lambda handler, content: handler.say(200, content + b"more", ETag='"one"'), chunked_without_end]
)
def test_more_bytes_than_the_catalogue_says_are_refused_at_once(get, liver, store, faulty):
    with serving(liver, faulty) as server, pytest.raises(FetchError, match=f"more than the {len(WEIGHTS)} bytes"):
        get(server)
    assert left_in(store) == []
    assert partial_sizes(store) == []


def test_fewer_bytes_are_told_as_that(get, liver):
    short = serving(liver, lambda handler, content: handler.say(200, content[:100]))
    with short as server, pytest.raises(FetchError, match=f"has 100 bytes, the catalogue says {len(WEIGHTS)}"):
        get(server)


@pytest.mark.parametrize(("code", "cause"), [(404, "does not exist"), (401, "HF_TOKEN"), (418, "answers 418")])
def test_what_cannot_pass_is_told_at_once(get, liver, store, code, cause):
    with FileServer({}, [status(code)]) as server, pytest.raises(FetchError, match=cause):
        get(server)
    assert len(server.requests) == 1
    assert left_in(store) == []


def test_nobody_listens_is_one_line(get, liver):
    with FileServer({}) as gone:
        pass
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 cannot be reached .*, 3 times.*Check the network"):
        get(gone)


def test_a_slow_server_is_waited_for_and_one_that_stalls_is_not(get, liver, store):
    with serving(liver, drips) as server:
        get(server, silence_s=2.0)
    assert left_in(store) == ["liver"]
    store.remove("liver")
    with serving(liver, stalls_half_way, status(503)) as server, pytest.raises(FetchError, match="503, 2 times"):
        get(server, silence_s=0.2, attempts=2)
    assert partial_sizes(store) == [HALF]


def test_cancelling_a_stalled_transfer_is_over_soon_and_keeps_what_is_here(get, liver, store):
    cancel = threading.Event()
    with serving(liver, stalls_half_way) as server:
        threading.Thread(target=lambda: (server.stalled.wait(10), time.sleep(0.2), cancel.set())).start()
        started = time.monotonic()
        with pytest.raises(TransferCancelled, match="goes on where it was"):
            get(server, cancel=cancel, silence_s=60.0)
        assert time.monotonic() - started < 10
    assert left_in(store) == []
    assert partial_sizes(store) == [HALF]


def test_without_room_nothing_is_asked(get, liver):
    entry = hub_entry(liver)
    huge = replace(entry, files=(entry.files[0], replace(entry.files[1], size_bytes=10**17)))
    with serving(liver) as server, pytest.raises(StoreError, match=r"100000000000\.\d MB are needed"):
        get(server, entry=huge)
    assert server.requests == []
