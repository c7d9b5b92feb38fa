"""What a panel tells of a model is what its card says."""

from __future__ import annotations

from dataclasses import replace

from Med3DInsightLib.bundles.card import Measurement


def test_of_many_results_the_first_three_are_told(a_desktop, a_card):
    from Med3DInsightLib.gui.model_choice import card_as_html  # once the desktop is there

    results = [Measurement("heads", f"Dice {part}", 0.5, "make") for part in "ABCDE"]
    told = card_as_html(replace(a_card, results=tuple(results)))
    assert "Dice C 0.50 (heads), and 2 more on the card" in told
    assert "more on the card" not in card_as_html(replace(a_card, results=tuple(results[:3])))
