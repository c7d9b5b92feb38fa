"""Looking for damage."""

from __future__ import annotations

from pathlib import Path

from ..bundles import Bundle, BundleError
from ..bundles.bundle import FETCH_AGAIN, sha256_of
from .bundle_folder import BundleFolder
from .entry import BundleFile


def check_bundle(folder: Path) -> Bundle:
    """The bundle in folder, if it holds what belongs there, and every hash is the one in the card.

    Raises BundleError for the first thing that is wrong.
    """
    BundleFolder(folder).refuse_strangers()
    bundle = Bundle.open(folder)
    bundle.verify_weights()
    vocabulary = folder / BundleFile.VOCABULARY
    expected = bundle.card.vocabulary_sha256
    if vocabulary.is_file() != bool(expected) or (expected and sha256_of(vocabulary) != expected):
        raise BundleError("the vocabulary is not the one the card was written for", vocabulary, FETCH_AGAIN)
    return bundle
