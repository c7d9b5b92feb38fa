"""The models that were used last stay; the others go."""

from __future__ import annotations

from Med3DInsightLib.analysis.computing.kept_models import KeptModels


def test_the_model_that_was_not_used_for_longest_goes():
    kept, loaded = KeptModels(most=2), []

    def get(name):
        return kept.get((name,), lambda: loaded.append(name) or name.upper())

    assert [get("a"), get("b"), get("a"), get("c"), get("a"), get("b")] == ["A", "B", "A", "C", "A", "B"]
    assert loaded == ["a", "b", "c", "b"]
    kept.clear()
    get("a")
    assert loaded[-1] == "a"
