"""Contrasts are drawn by their shares, the easiest one first."""

from __future__ import annotations

import numpy as np
import pytest

from med3dtrain.synthesis.contrasts import CONTRASTS, draw_contrast
from med3dtrain.synthesis.images import SynthesisRule


def test_shares_of_contrasts_can_be_given_by_name():
    generator = np.random.default_rng(0)
    assert {draw_contrast(generator, 1.0, {"FLAIR": 1.0}).name for _ in range(20)} == {"FLAIR"}
    with pytest.raises(ValueError, match="no contrast 'T3'"):
        draw_contrast(generator, 1.0, {"T3": 1.0})


def test_the_contrasts_widen_from_the_first_to_all():
    generator = np.random.default_rng(0)
    assert {draw_contrast(generator, 0.0).name for _ in range(50)} == {CONTRASTS[0].name}
    assert {draw_contrast(generator, 1.0).name for _ in range(500)} == {contrast.name for contrast in CONTRASTS}


def test_without_t1_the_first_contrast_that_has_a_share_is_the_easiest():
    generator = np.random.default_rng(0)
    shares = {"T1": 0.0, "FLAIR": 0.5, "CT": 0.5}
    assert {draw_contrast(generator, 0.0, shares).name for _ in range(50)} == {"FLAIR"}
    assert {draw_contrast(generator, 1.0, shares).name for _ in range(50)} == {"FLAIR", "CT"}


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"T1": 1.0, "T3": 1.0}, "no contrast 'T3'; choose from T1, "),
        ({"T1": 0.0}, "one of them is positive"),
        ({"T1": 1.0, "T2": -0.5}, "shares are not negative"),
    ],
)
def test_a_rule_that_no_contrast_can_be_drawn_by_is_refused(shares, said):
    with pytest.raises(ValueError, match=said):
        SynthesisRule(shares=shares)
