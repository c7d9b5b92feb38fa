"""A split depends on the images alone, and leaves nobody on both sides."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from med3dtrain.datasets.errors import DatasetError
from med3dtrain.datasets.split import Split


def hashes(count, prefix="case"):
    return {f"{prefix}{number}": hashlib.sha256(bytes([number])).hexdigest() for number in range(count)}


@given(count=st.integers(2, 200), share=st.floats(0.01, 0.9))
def test_every_case_is_on_one_side_and_the_share_is_kept(count, share):
    try:
        split = Split.by_hash(hashes(count), share)
    except DatasetError:
        assert round(share * count) >= count
        return
    assert sorted(split.training + split.validation) == sorted(hashes(count))
    assert len(split.validation) == max(1, round(share * count))


def test_renamed_and_reordered_cases_stay_on_their_side():
    first = Split.by_hash(hashes(30), 0.2)
    renamed = dict(reversed(hashes(30, "patient").items()))
    second = Split.by_hash(renamed, 0.2)
    assert {name.removeprefix("patient") for name in second.validation} == {
        name.removeprefix("case") for name in first.validation
    }


@given(count=st.integers(5, 60), folds=st.integers(2, 5))
def test_folds_measure_every_case_once(count, folds):
    splits = [Split.by_hash(hashes(count), 0.2, folds, fold) for fold in range(folds)]
    measured = [name for split in splits for name in split.validation]
    assert sorted(measured) == sorted(hashes(count))


def test_a_fold_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="no fold 5 of 5"):
        Split.by_hash(hashes(10), 0.2, 5, 5)


def test_a_share_of_the_cases_is_part_of_a_larger_share():
    split = Split.by_hash(hashes(50), 0.2)
    tenth, half = split.with_share(0.1, seed=3), split.with_share(0.5, seed=3)
    assert len(tenth.training) == 4
    assert set(tenth.training) < set(half.training) < set(split.training)
    assert tenth.validation == split.validation
    assert split.with_share(0.1, seed=4).training != tenth.training


def test_a_written_split_reads_as_the_same(tmp_path):
    split = Split.by_hash(hashes(12), 0.25)
    split.write(tmp_path / "split.csv")
    assert Split.read(tmp_path / "split.csv", sorted(hashes(12))) == split


def test_cases_for_testing_are_left_out_and_unknown_ones_are_named(tmp_path):
    table = tmp_path / "split.csv"
    table.write_text("name,split\na,train\nb,validation\nc,test\n")
    assert Split.read(table, ["a", "b", "c"]) == Split(("a",), ("b",))
    with pytest.raises(DatasetError, match="does not say where case 'd' belongs"):
        Split.read(table, ["a", "b", "d"])


@pytest.mark.parametrize("text", ["name,side\na,train\n", "\xff"])
def test_a_table_that_is_no_split_is_refused(tmp_path, text):
    table = tmp_path / "split.csv"
    table.write_bytes(text.encode("latin-1"))
    with pytest.raises(DatasetError, match=r"split\.csv: cannot be read as a split"):
        Split.read(table, ["a"])


def test_one_side_without_cases_is_refused():
    with pytest.raises(DatasetError, match="0 cases are left to learn from and 1 to measure with"):
        Split.by_hash(hashes(1), 0.5)
