"""Work split over machines gives the captions of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from Med3DInsightLib.captions.files import read_captions
from med3dtrain.captioning.shard import JobShard, missing_shards
from med3dtrain.datasets.volume_list import ListedVolume

from .parts import LABELS, caption, write_study

NAMES = tuple(f"v{number}" for number in range(9))


def test_three_shards_merged_are_the_captions_of_one_job(tmp_path, monkeypatch):
    monkeypatch.chdir(write_study(tmp_path, NAMES, (4, 5, 6)))
    options = (*LABELS, "--choice", "foreground", "--axial", "2", "--coronal", "1", "--sagittal", "1")
    caption(*options)
    for number in (1, 2, 3):
        caption(*options, "--output", "part.jsonl", "--shard", f"{number}/3")
    parts = [Path(f"part.{number}-of-3.jsonl") for number in (1, 2, 3)]
    volumes = [{each.volume_id for each in read_captions(part)} for part in parts]
    assert sum(map(len, volumes)) == len(set().union(*volumes)) == len(NAMES)
    assert all(volumes)
    with pytest.raises(SystemExit, match="shard 2 is not among the files"):
        caption("merge", str(parts[0]), str(parts[2]), "--output", "merged.jsonl")
    assert not Path("merged.jsonl").exists()
    caption("merge", *map(str, parts), "--output", "merged.jsonl")
    assert set(read_captions(Path("merged.jsonl"))) == set(read_captions(Path("captions.jsonl")))
    with pytest.raises(SystemExit, match="already exists"):
        caption("merge", *map(str, parts), "--output", "merged.jsonl")


def test_a_volume_stays_in_its_shard_when_others_are_added():
    few = [ListedVolume(f"case {number}", Path(str(number))) for number in range(50)]
    many = [ListedVolume(f"case {number}", Path(f"/elsewhere/{number}")) for number in range(400)]
    for number in (1, 2, 3, 4):
        shard = JobShard(number, 4)
        names = {each.name for each in shard.of(many)}
        assert {each.name for each in shard.of(few)} == names & {each.name for each in few}
        assert 70 <= len(names) <= 130
    assert JobShard(2, 3).file(Path("out/captions.jsonl")) == Path("out/captions.2-of-3.jsonl")


def test_only_names_of_shards_tell_that_one_is_missing():
    assert missing_shards([Path("a.1-of-3.jsonl"), Path("b/a.3-of-3.jsonl")]) == [2]
    assert missing_shards([Path("a.1-of-2.jsonl"), Path("a.2-of-2.jsonl")]) == []
    assert missing_shards([Path("a.jsonl"), Path("a.1-of-3.jsonl")]) == []
