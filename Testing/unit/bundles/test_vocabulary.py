"""A bundle's vocabulary is read as it was written, or refused in one line."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from Med3DInsightLib.bundles import Bundle, BundleError, HeadKind, PsatSettings
from Med3DInsightLib.bundles.bundle import sha256_of
from Med3DInsightLib.bundles.vocabulary import VOCABULARY_FILE, Vocabulary
from Med3DInsightLib.networks.factory import build_network, save_network

PHRASES = ("the left kidney", 'a "lesion" <b>', "die Hüfte, 左腎")


def a_vocabulary(width=20):
    embeddings = np.random.default_rng(0).standard_normal((len(PHRASES), width)).astype(np.float32)
    return Vocabulary(PHRASES, embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True))


@pytest.fixture
def a_searchable_bundle(a_card, tmp_path):
    psat = PsatSettings(layers=1, heads=2, width=16, feed_forward=16, queries=2, embedding=20, dropout=0.0, levels=1)
    architecture = replace(a_card.architecture, head=HeadKind.NONE, classes=0, psat=psat)
    card = replace(a_card, architecture=architecture, segments=(), teacher="tiny@1")
    return save_network(build_network(architecture), card, tmp_path / "searchable", vocabulary=a_vocabulary())


def change_vocabulary(bundle, embeddings, phrases, name="embeddings"):
    """Replace the file and let the card agree with it."""
    path = bundle.folder / VOCABULARY_FILE
    save_file({name: embeddings}, path, {"phrases": phrases})
    card = json.loads((bundle.folder / "card.json").read_text())
    (bundle.folder / "card.json").write_text(json.dumps({**card, "vocabulary_sha256": sha256_of(path)}))
    return Bundle.open(bundle.folder)


def test_phrases_and_embeddings_come_back(a_searchable_bundle):
    found = Vocabulary.of(Bundle.open(a_searchable_bundle.folder))
    assert found.phrases == PHRASES
    np.testing.assert_allclose(found.embeddings, a_vocabulary().embeddings, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(found.embeddings, axis=1), 1.0, atol=1e-6)


def test_a_bundle_without_a_vocabulary_has_none(a_bundle):
    assert Vocabulary.of(a_bundle) is None


def test_a_vocabulary_needs_psat(a_bundle):
    path = a_bundle.folder / "card.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "vocabulary_sha256": "0" * 64}))
    with pytest.raises(BundleError, match="a vocabulary needs psat"):
        Bundle.open(a_bundle.folder)


def test_a_missing_or_changed_file_is_refused(a_searchable_bundle):
    path = a_searchable_bundle.folder / VOCABULARY_FILE
    contents = path.read_bytes()
    path.write_bytes(contents[:-1] + bytes([contents[-1] ^ 1]))
    with pytest.raises(BundleError, match="not the one the card was written for"):
        Vocabulary.of(a_searchable_bundle)
    path.unlink()
    with pytest.raises(BundleError, match="has no vocabulary"):
        Vocabulary.of(a_searchable_bundle)


@pytest.mark.parametrize(
    ("embeddings", "phrases", "name", "message"),
    [
        (np.ones((3, 8), np.float16), '["a", "b", "c"]', "embeddings", "has 8 dimensions, psat reads 20"),
        (np.ones((2, 20), np.float16), '["a", "b", "c"]', "embeddings", "3 phrases do not fit"),
        (np.ones((2, 20), np.float16), '["a", "a"]', "embeddings", "each of them once"),
        (np.zeros((1, 20), np.float16), '["a"]', "embeddings", "no direction"),
        (np.full((1, 20), np.nan, np.float16), '["a"]', "embeddings", "no direction"),
        (np.ones((1, 20), np.float16), '{"a": 1}', "embeddings", "not a list of texts"),
        (np.ones((1, 20), np.float16), "[1]", "embeddings", "not a list of texts"),
        (np.ones((1, 20), np.float16), "[", "embeddings", "cannot be read"),
        (np.ones((1, 20), np.float16), '["a"]', "other", "cannot be read"),
        (np.ones((0, 20), np.float16), "[]", "embeddings", "needs phrases"),
    ],
)
def test_a_vocabulary_that_makes_no_sense_is_refused(a_searchable_bundle, embeddings, phrases, name, message):
    bundle = change_vocabulary(a_searchable_bundle, embeddings, phrases, name)
    with pytest.raises(BundleError, match=message) as refused:
        Vocabulary.of(bundle)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_safetensors_is_refused(a_searchable_bundle):
    path = a_searchable_bundle.folder / VOCABULARY_FILE
    path.write_bytes(b"{}")
    card = json.loads((a_searchable_bundle.folder / "card.json").read_text())
    text = json.dumps({**card, "vocabulary_sha256": sha256_of(path)})
    (a_searchable_bundle.folder / "card.json").write_text(text)
    with pytest.raises(BundleError, match="cannot be read"):
        Vocabulary.of(Bundle.open(a_searchable_bundle.folder))
