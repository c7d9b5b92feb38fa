"""New bundles: of weights and a card, or of another bundle in another precision."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file

from Med3DInsightLib.bundles import BundleError, ModelCard
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.networks.stored_weights import restored, stored, stored_dtype

from .places import new_bundle
from .whole_bundle import WholeBundle

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, "int8": torch.int8}


def pack(card: Path, weights: Path, folder: Path) -> WholeBundle:
    """A bundle NAME in folder of a card (JSON, its hash may be empty) and weights (.safetensors) that fit it.

    Raises BundleError if they cannot be read, do not fit, or the bundle is there already.
    """
    described = _card_of(card)
    try:
        network = build_network(described.architecture)
        tensors = load_file(weights)
        network.load_state_dict({name: tensor.float() for name, tensor in restored(tensors).items()})
    except (SafetensorError, OSError) as error:
        raise BundleError(f"the weights cannot be read ({error})", weights, "give a .safetensors file") from error
    except (ValueError, RuntimeError) as error:
        cause = str(error).splitlines()[-1].strip()
        raise BundleError(
            f"the weights do not fit the architecture of the card ({cause})", weights, "mend the card's architecture"
        ) from error
    with new_bundle(folder, described.name) as staging:
        save_network(network, described, staging, stored_dtype(tensors))
    return WholeBundle.open(folder / described.name)


def convert(source: WholeBundle, dtype: str, folder: Path) -> tuple[WholeBundle, float]:
    """The bundle with its weights stored as dtype, in folder/NAME, and the largest change of a weight.

    Networks compute in float32 whatever weights are stored as. Raises BundleError if a weight does not fit
    into dtype, or the bundle is there already.
    """
    tensors = {name: tensor.float() for name, tensor in restored(load_file(source.bundle.weights_path)).items()}
    kept = restored(stored(tensors, DTYPES[dtype]))
    changes = {name: (tensor - kept[name].float()).abs() for name, tensor in tensors.items()}
    for name, change in changes.items():
        if bool((change.isinf() & tensors[name].isfinite()).any()):
            raise BundleError(f"'{name}' has values too large for {dtype}", source.bundle.folder, "choose bfloat16")
    card = source.bundle.card
    network = build_network(card.architecture)
    network.load_state_dict(tensors)
    with new_bundle(folder, card.name) as staging:
        save_network(network, card, staging, DTYPES[dtype], source.vocabulary)
    largest = max((float(change.nan_to_num().max()) for change in changes.values() if change.numel()), default=0.0)
    return WholeBundle.open(folder / card.name), largest


def _card_of(path: Path) -> ModelCard:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        card = TypeAdapter(ModelCard).validate_python(entries)
    except ValidationError as error:
        first = error.errors()[0]
        raise BundleError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", path, "mend the card") from error
    except (OSError, ValueError) as error:
        raise BundleError(f"the card cannot be read ({error})", path, "give a card in JSON") from error
    return replace(card, vocabulary_sha256="")
