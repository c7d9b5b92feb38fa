"""Pictures described by a model on this computer, opened with the standard classes of transformers 5.

Knows captions, torch and transformers. Nothing is sent anywhere; the only thing that can be downloaded is a
model that the user has allowed to be.
"""

from .settings import NumberFormat, TransformersSettings
from .transformers_model import TransformersModel

__all__ = ["NumberFormat", "TransformersModel", "TransformersSettings"]
