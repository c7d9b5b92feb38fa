"""Shards become one file, with every slice once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.files import CaptionsFile, merge_captions, read_captions
from Med3DInsightLib.captions.files.caption_lines import line_of

from ..parts import a_caption


def shard(path, captions):
    path.write_bytes(b"".join(line_of(each) for each in captions))
    return path


@given(shards=st.lists(st.lists(st.integers(0, 12), unique=True, max_size=8), min_size=1, max_size=5))
def test_the_first_caption_of_every_slice_is_kept_in_order(shards, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    paths = [
        shard(folder / f"{n}.jsonl", [a_caption(index=index, text=f"shard {n}") for index in indices])
        for n, indices in enumerate(shards)
    ]
    report = merge_captions(paths, folder / "all.jsonl")
    first = {}
    for n, indices in enumerate(shards):
        for index in indices:
            first.setdefault(index, f"shard {n}")
    assert {each.index: each.text for each in read_captions(folder / "all.jsonl")} == first
    assert [each.index for each in read_captions(folder / "all.jsonl")] == list(first)
    repeats = sum(map(len, shards)) - len(first)
    assert (report.captions, report.repeats, report.conflicts) == (len(first), repeats, repeats)


def test_the_same_text_is_a_repeat_and_no_conflict(tmp_path):
    one = shard(tmp_path / "1.jsonl", [a_caption(), a_caption(prompt="other")])
    report = merge_captions([one, one], tmp_path / "all.jsonl")
    assert (report.captions, report.repeats, report.conflicts) == (2, 2, 0)


def test_nothing_is_overwritten_unasked_and_nothing_appears_by_halves(tmp_path):
    one = shard(tmp_path / "1.jsonl", [a_caption(index=1)])
    broken = tmp_path / "2.jsonl"
    broken.write_bytes(line_of(a_caption(index=2)) + b"{\n" + line_of(a_caption(index=3)))
    target = shard(tmp_path / "all.jsonl", [a_caption(index=7)])
    before = target.read_bytes()
    with pytest.raises(CaptionError, match="already exists"):
        merge_captions([one], target)
    with pytest.raises(CaptionError, match="2.jsonl: line 2"):
        merge_captions([one, broken], target, overwrite=True)
    with pytest.raises(CaptionError, match="missing.jsonl: cannot be read"):
        merge_captions([one, tmp_path / "missing.jsonl"], tmp_path / "new.jsonl")
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["1.jsonl", "2.jsonl", "all.jsonl"]
    assert all(path.suffix == ".lock" for path in tmp_path.glob(".*"))
    report = merge_captions([one, broken, target], target, skip_broken=True, overwrite=True)
    assert (report.captions, len(report.broken)) == (4, 1)
    assert [each.index for each in read_captions(target)] == [1, 2, 3, 7]


def test_a_file_that_a_job_is_writing_is_not_replaced(tmp_path):
    one, target = shard(tmp_path / "1.jsonl", [a_caption(index=1)]), tmp_path / "all.jsonl"
    with CaptionsFile.open(target) as captions:
        captions.append([a_caption(index=2)])
        with pytest.raises(CaptionError, match=r"all.jsonl: another job is writing to it"):
            merge_captions([one, target], target, overwrite=True)
        captions.append([a_caption(index=3)])
    assert [each.index for each in read_captions(target)] == [2, 3]


def test_nothing_is_not_merged(tmp_path):
    with pytest.raises(CaptionError, match="there is nothing to merge"):
        merge_captions([], tmp_path / "all.jsonl")
    assert not list(tmp_path.iterdir())


def test_a_target_that_cannot_be_written_is_one_error(tmp_path):
    one = shard(tmp_path / "1.jsonl", [a_caption()])
    with pytest.raises(CaptionError, match="cannot be written"):
        merge_captions([one], tmp_path / "no folder" / "all.jsonl")
