"""Cases are found in folders and tables, and what is unclear about them is told."""

from __future__ import annotations

import pytest
from Testing.training.evaluation.parts import write_cases

from med3dtrain.datasets.cases import Case, list_cases, paired_cases
from med3dtrain.datasets.errors import DatasetError


def test_a_folder_of_the_decathlon_has_its_cases_by_name(tmp_path):
    write_cases(tmp_path, ("b", "a"))
    (tmp_path / "imagesTr" / "._a.nii.gz").write_bytes(b"left by a file manager")
    expected = [Case(n, tmp_path / "imagesTr" / f"{n}.nii.gz", tmp_path / "labelsTr" / f"{n}.nii.gz") for n in "ab"]
    assert list_cases(tmp_path) == list_cases(tmp_path, "Tr") == expected


def test_a_folder_with_labels_of_both_splits_asks_which(tmp_path):
    write_cases(tmp_path, ("a",))
    (tmp_path / "imagesTs").mkdir()
    assert [case.name for case in list_cases(tmp_path)] == ["a"]  # images without labels are no cases
    (tmp_path / "labelsTs").mkdir()
    with pytest.raises(DatasetError, match="Choose one: --split Tr or --split Ts"):
        list_cases(tmp_path)
    assert [case.name for case in list_cases(tmp_path, "Tr")] == ["a"]
    with pytest.raises(DatasetError, match="no split 'test'"):
        list_cases(tmp_path, "test")


def test_two_folders_may_have_other_endings(tmp_path):
    for name in ("images/x.y.nii.gz", "labels/x.y.nrrd", "labels/readme.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (case,) = paired_cases(tmp_path / "images", tmp_path / "labels")
    assert (case.name, case.label.name) == ("x.y", "x.y.nrrd")
    (tmp_path / "images" / "x.y.mha").touch()
    with pytest.raises(DatasetError, match=r"images: has the case 'x.y' twice"):
        paired_cases(tmp_path / "images", tmp_path / "labels")


def test_an_image_without_a_label_stays_a_case_so_that_it_is_told(tmp_path):
    write_cases(tmp_path, ("a", "b"))
    (tmp_path / "labelsTr" / "a.nii.gz").unlink()
    (tmp_path / "imagesTr" / "b.nii.gz").unlink()
    assert [case.name for case in list_cases(tmp_path)] == ["a", "b"]


def test_a_table_names_files_relative_to_itself_and_may_have_splits(tmp_path):
    table = tmp_path / "cases.csv"
    table.write_text("image,label,split\ns1/t1.nii,s1/seg.nii,train\n\n/far/t2.nii,s2/seg.nii,test\n", "utf-8-sig")
    assert [case.name for case in list_cases(table)] == ["s1/t1.nii", "/far/t2.nii"]
    (case,) = list_cases(table, "test")
    assert (str(case.image), case.label) == ("/far/t2.nii", tmp_path / "s2/seg.nii")


@pytest.mark.parametrize(
    ("text", "split", "said"),
    [
        ("image,mask\na,b\n", "", "has no column label"),
        ("image,label\na,b\n", "test", "has no column split"),
        ("image,label,split\na,b,train\n", "test", r"no case with split 'test' \(train\)"),
        ("image,label\na,b\nc\n", "", "line 3 lacks an image or a label"),
        ("image,label\na,b\na,c\n", "", "the case 'a' twice"),
        ("", "", "has no column image, label"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(tmp_path, text, split, said):
    table = tmp_path / "cases.csv"
    table.write_text(text)
    with pytest.raises(DatasetError, match=said):
        list_cases(table, split)


def test_sources_without_cases_are_told(tmp_path):
    with pytest.raises(DatasetError, match="there is no such file or folder"):
        list_cases(tmp_path / "missing")
    with pytest.raises(DatasetError, match="holds no labelsTr or labelsTs"):
        list_cases(tmp_path)
    with pytest.raises(DatasetError, match="holds no image"):
        paired_cases(tmp_path, tmp_path)
    with pytest.raises(DatasetError, match="cannot be read"):
        paired_cases(tmp_path / "missing", tmp_path)
    (tmp_path / "table.txt").touch()
    with pytest.raises(DatasetError, match=r"neither a folder nor a .csv table"):
        list_cases(tmp_path / "table.txt")
