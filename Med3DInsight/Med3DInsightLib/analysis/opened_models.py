"""The models that are open."""

from __future__ import annotations

from collections.abc import Callable

from ..bundles import Bundle
from ..networks.text_towers.opening import open_text_tower
from ..networks.text_towers.tower import TextTower
from .classes.classifier import Classifier
from .computing.device import Device
from .computing.kept_models import KeptModels
from .describing.opening import Backends
from .session import Session
from .slices.phrases import Phrase, phrase_of
from .slices.reader import SliceReader
from .windows.feature_cache import FeatureCache

_MOST_MODELS = 3


class OpenedModels:
    """Opens models by what a user calls them, and keeps the last ones together with what they computed.

        models = OpenedModels(InstalledModels().find, feature_bytes=2 * 10**9)
        models.session("brain-structures", Device.AUTO).segment(volume)

    A model is loaded when it is first asked for and again when its card or its weights change on disk; the last three
    are kept, text towers and language models among them. Sessions and readers share features. Every method that names
    a model raises BundleError if there is none or it is damaged, and UserError if the device is not there.
    """

    def __init__(self, find_bundle: Callable[[str], Bundle], feature_bytes: int = 0) -> None:
        self.bundle = find_bundle
        self._features = FeatureCache(feature_bytes)
        self._kept = KeptModels(most=_MOST_MODELS)
        self.backends = Backends(self._kept)

    def session(self, model: str, device: Device) -> Session:
        """A model that segments."""
        bundle = self.bundle(model)
        key = ("session", *_version(bundle), device.value)
        return self._kept.get(key, lambda: Session.open(bundle, device, self._features))

    def reader(self, model: str, device: Device) -> SliceReader:
        """A pretrained encoder."""
        bundle = self.bundle(model)
        key = ("reader", *_version(bundle), device.value)
        return self._kept.get(key, lambda: SliceReader.open(bundle, device, self._features))

    def classifier(self, model: str, device: Device) -> Classifier:
        """A model that classifies."""
        bundle = self.bundle(model)
        key = ("classifier", *_version(bundle), device.value)
        return self._kept.get(key, lambda: Classifier.open(bundle, device))

    def phrase(self, model: str, text: str, tower_folder: str, reader: SliceReader) -> Phrase:
        """A phrase as a model reads it, with the text tower in a folder on this computer if one is named."""
        bundle = self.bundle(model)

        def tower() -> TextTower:
            key = ("text tower", *_version(bundle), tower_folder, reader.device.type)
            return self._kept.get(key, lambda: open_text_tower(tower_folder, bundle, reader.device))

        return phrase_of(bundle, text, tower if tower_folder else None)

    def clear(self) -> None:
        """Forget all models and features; what is asked for next is loaded again."""
        self._kept.clear()
        self._features.clear()


def _version(bundle: Bundle) -> tuple[str, str]:
    """What tells a model from others and from itself after a change; the card holds the hash of the weights."""
    return str(bundle.folder), repr(bundle.card)
