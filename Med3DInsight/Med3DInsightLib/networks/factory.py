"""From an architecture to a network, and between networks and bundles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from ..bundles.bundle import FETCH_AGAIN, WEIGHTS_FILE, Bundle, BundleError, sha256_of, write_card
from ..bundles.card import Architecture, HeadKind, ModelCard
from ..bundles.vocabulary import Vocabulary
from ..storage import write_whole
from .backbones.backbone import Backbone
from .backbones.registry import build_backbone
from .classification import ClassificationNetwork
from .ensemble import SegmentationEnsemble, Segmenting
from .onednn_convolution import use_onednn_convolutions
from .pretrained_encoder import PretrainedEncoder
from .psat.factory import build_psat
from .segmentation import SegmentationNetwork
from .stored_weights import restored, stored

Network = Backbone | PretrainedEncoder | Segmenting | ClassificationNetwork


def build_network(architecture: Architecture) -> Network:
    """The network that architecture describes, with fresh weights.

    Raises ValueError for an unknown backbone, wrong arguments, or a PSAT that does not fit the backbone.
    """
    network: Network
    if architecture.members > 1:
        network = SegmentationEnsemble([_segmenting(architecture) for _ in range(architecture.members)])
    else:
        network = _with_head(_backbone(architecture), architecture)
    use_onednn_convolutions(network)
    return network


def load_network(bundle: Bundle) -> Network:
    """The network of a bundle in float32, ready for inference, after its hash was checked.

    Raises BundleError if the weights are damaged or do not fit the architecture.
    """
    bundle.verify_weights()
    try:
        network = build_network(bundle.card.architecture)
    except ValueError as error:
        raise BundleError(str(error), bundle.folder, "update Med3DInsight") from error
    try:
        tensors = restored(load_file(bundle.weights_path))
    except (SafetensorError, OSError, ValueError) as error:
        raise BundleError(f"the weights cannot be read ({error})", bundle.weights_path, FETCH_AGAIN) from error
    _require_same_entries(network.state_dict(), tensors, bundle.weights_path)
    tensors = {name: tensor.float() for name, tensor in tensors.items()}
    _require_finite(network.state_dict(), tensors, bundle.weights_path)
    network.load_state_dict(tensors)
    return network.eval()


def encoder_of(network: Network) -> Backbone:
    """The backbone of a network, whatever else it has; of several that answer as one, that of the first."""
    if isinstance(network, SegmentationEnsemble):
        return network.backbone.first
    return network if isinstance(network, Backbone) else network.backbone


def save_network(
    network: nn.Module,
    card: ModelCard,
    folder: Path,
    dtype: torch.dtype = torch.float32,
    vocabulary: Vocabulary | None = None,
) -> Bundle:
    """Write network, vocabulary if any, and card as a bundle; the weights are stored as dtype (see stored()).

    The card is written last and carries the hashes of both, so a bundle that was interrupted
    half-way is refused when it is opened.
    """
    tensors = stored(network.state_dict(), dtype)
    write_whole(folder / WEIGHTS_FILE, save(tensors))  # save_file() would make a file that nobody else may read
    of_weights = sha256_of(folder / WEIGHTS_FILE)
    of_vocabulary = "" if vocabulary is None else vocabulary.write(folder)
    write_card(folder, replace(card, weights_sha256=of_weights, vocabulary_sha256=of_vocabulary))
    return Bundle.open(folder)


def _backbone(architecture: Architecture) -> Backbone:
    return build_backbone(architecture.backbone, **architecture.backbone_arguments)


def _segmenting(architecture: Architecture) -> SegmentationNetwork:
    return SegmentationNetwork(_backbone(architecture), architecture.classes)


def _with_head(backbone: Backbone, architecture: Architecture) -> Network:
    if architecture.psat is not None:
        return PretrainedEncoder(backbone, build_psat(architecture.psat, backbone.channels, backbone.strides))
    if architecture.head == HeadKind.NONE:
        return backbone
    if architecture.head == HeadKind.CLASSIFICATION:
        return ClassificationNetwork(backbone, architecture.classes, architecture.mirrored_axes_kji)
    return SegmentationNetwork(backbone, architecture.classes)


def _require_same_entries(expected: dict[str, Tensor], found: dict[str, Tensor], path: Path) -> None:
    missing = sorted(expected.keys() - found.keys())
    unexpected = sorted(found.keys() - expected.keys())
    if missing or unexpected:
        kind, names = ("lack", missing) if missing else ("have the unknown", unexpected)
        raise BundleError(
            f"the weights {kind} entry '{names[0]}' ({len(missing)} missing, {len(unexpected)} unknown)",
            path,
            FETCH_AGAIN,
        )
    for name, tensor in expected.items():
        if tensor.shape != found[name].shape:
            raise BundleError(
                f"entry '{name}' has shape {tuple(found[name].shape)}, the architecture needs {tuple(tensor.shape)}",
                path,
                FETCH_AGAIN,
            )
        is_float = found[name].is_floating_point()
        if found[name].is_complex() or (tensor.is_floating_point() and not is_float):
            raise BundleError(
                f"entry '{name}' holds {found[name].dtype}, the architecture needs {tensor.dtype}", path, FETCH_AGAIN
            )


def _require_finite(fresh: dict[str, Tensor], found: dict[str, Tensor], path: Path) -> None:
    """Raise BundleError for numbers that spoil results; what is NaN in a fresh network may be: it was not learnt."""
    broken = [name for name, tensor in found.items() if not tensor.isfinite().all() and fresh[name].isfinite().all()]
    if broken:
        raise BundleError(
            f"entry '{broken[0]}' holds numbers that are NaN, infinite or beyond float32",
            path,
            "ask whoever made the bundle; it has to be trained again",
        )
