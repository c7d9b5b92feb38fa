"""What a segmentation run learns from, what it measures with, and what it keeps apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from Med3DInsightLib.errors import UserError
from med3dtrain.datasets.bad_input import OnBadInput
from med3dtrain.datasets.errors import DatasetError
from med3dtrain.finetuning.segmentation.case_list import CaseList
from med3dtrain.finetuning.settings.cases import CasesSettings

from .data import STRUCTURES, a_case, a_recipe, write_case, write_data_set

SETTINGS = a_recipe().cases


@pytest.fixture
def a_folder(tmp_path):
    return write_data_set(tmp_path / "set", count=6)


def a_table(folder, sides, name="cases.csv"):
    """A CSV of the first cases of a folder, with what each is for."""
    rows = [f"imagesTr/case{n}.nii.gz,labelsTr/case{n}.nii.gz,{side}" for n, side in enumerate(sides)]
    (folder / name).write_text("\n".join(["image,label,split", *rows]))
    return folder / name


def listed(source, settings=SETTINGS, said=None):
    inspected = source.parent / "inspected.jsonl"
    return CaseList.of(source, settings, 0, inspected, ([] if said is None else said).append)


def names(side):
    return [each.case.image.name for each in side]


def test_a_table_says_what_is_learnt_from_and_what_is_measured_with(a_folder):
    cases = listed(a_table(a_folder, ["train", "validation", "test", "train"]))
    assert names(cases.training) == ["case0.nii.gz", "case3.nii.gz"]
    assert names(cases.validation) == ["case1.nii.gz"]


def test_cases_for_the_test_are_not_learnt_from_where_a_table_names_no_validation(a_folder):
    cases = listed(a_table(a_folder, ["train", "train", "test", "train", "train", "test"]))
    assert sorted(names([*cases.training, *cases.validation])) == [f"case{n}.nii.gz" for n in (0, 1, 3, 4)]
    assert len(cases.validation) == 1


def test_folds_part_all_cases_but_those_for_the_test(a_folder):
    table = a_table(a_folder, ["train", "validation", "test", "train", "validation", "train"])
    parts = [listed(table, replace(SETTINGS, folds=2, fold=fold)) for fold in (0, 1)]
    measured = [name for part in parts for name in names(part.validation)]
    assert sorted(measured) == [f"case{n}.nii.gz" for n in (0, 1, 3, 4, 5)]


@pytest.mark.parametrize(("sides", "wrong"), [(["train", "val", "test"], "val"), (["train", "", "test"], "")])
def test_a_side_that_there_is_not_is_named(a_folder, sides, wrong):
    with pytest.raises(DatasetError, match=rf"cases\.csv: has the split '{wrong}' for case1\.nii\.gz"):
        listed(a_table(a_folder, sides))


def test_an_image_that_a_table_has_for_the_test_and_for_training_is_refused(a_folder):
    write_case(a_folder, "case1", *a_case(0))
    with pytest.raises(DatasetError, match=r"case1\.nii\.gz: is the same image as .*case0\.nii\.gz"):
        listed(a_table(a_folder, ["train", "test", "validation"]))


def test_test_cases_may_lie_in_the_same_folder_and_lack_a_structure(a_folder):
    for kind in ("images", "labels"):
        (a_folder / f"{kind}Ts").mkdir()
    image, label = a_case(50, cube=False)
    write_case(a_folder / "aside", "new", image, label)
    for kind in ("images", "labels"):
        (a_folder / "aside" / f"{kind}Tr" / "new.nii.gz").rename(a_folder / f"{kind}Ts" / "new.nii.gz")
    cases = listed(a_folder, replace(SETTINGS, test=a_folder))
    assert len(cases.training) + len(cases.validation) == 6


def test_a_label_map_that_cannot_be_read_is_left_out_also_where_structures_have_no_names(a_folder):
    (a_folder / "labelsTr" / "case2.nii.gz").write_bytes(b"no image")
    unnamed = CasesSettings(modality=SETTINGS.modality, validation=0.25)
    with pytest.raises(UserError, match=r"case2\.nii\.gz"):
        listed(a_folder, unnamed)
    said: list[str] = []
    cases = listed(a_folder, replace(unnamed, on_bad_input=OnBadInput.SKIP), said)
    assert len(cases.training) + len(cases.validation) == 5
    assert [segment.label_value for segment in cases.segments] == list(STRUCTURES)
    assert any("case2.nii.gz" in line for line in said)
