"""Model bundles: a folder with weights and a card that says everything about them.

Knows JSON and hashes; no torch, so that a panel can show cards. Nothing in a bundle is executed.
"""

from .bundle import Bundle, BundleError
from .card import Architecture, HeadKind, Measurement, ModelCard
from .psat_settings import ConditioningKind, PsatSettings, ReadOutKind

__all__ = [
    "Architecture",
    "Bundle",
    "BundleError",
    "ConditioningKind",
    "HeadKind",
    "Measurement",
    "ModelCard",
    "PsatSettings",
    "ReadOutKind",
]
