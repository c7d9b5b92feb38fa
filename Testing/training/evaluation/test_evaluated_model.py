"""A bundle is known by everything that decides what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.bundles import Bundle, HeadKind
from Med3DInsightLib.bundles.bundle import write_card
from med3dtrain.evaluation.model import EvaluatedModel


def identity(bundle):
    return EvaluatedModel(bundle, HeadKind.SEGMENTATION, Device.CPU).identity


@pytest.mark.parametrize("change", [{"mirrored_average": True}, {"largest_part_only": True}])
def test_a_bundle_that_does_something_else_with_the_same_weights_is_another_one(a_bundle, change):
    before = identity(a_bundle)
    write_card(a_bundle.folder, replace(a_bundle.card, **change))
    assert identity(Bundle.open(a_bundle.folder)) != before


def test_a_bundle_that_tells_something_else_of_itself_is_the_same(a_bundle):
    before = identity(a_bundle)
    write_card(a_bundle.folder, replace(a_bundle.card, title="Another title", version="9"))
    assert identity(Bundle.open(a_bundle.folder)) == before
