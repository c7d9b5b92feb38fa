"""The vector task's pairs: latent vectors seen by a sensor, an image teacher and a text teacher."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class VectorPairsSettings:
    """How the pairs are drawn; widths are numbers of components, noise is in standard deviations.

    cone: length per component of an offset that all embeddings of a teacher share, as those of CLIP do (their
    mean has a length of about .7); what lies beside it is what matters.
    """

    training: int = 1600
    test: int = 400
    latent: int = 24
    input_width: int = 128
    embedding_width: int = 64
    hidden: int = 128
    input_noise: float = 0.55
    embedding_noise: float = 0.3
    cone: float = 0.6


@dataclass(frozen=True)
class VectorPairs:
    """Inputs (N, W) of the encoder, embeddings (N, D) of length 1, and which captions are another sample's (N)."""

    inputs: Tensor
    image: Tensor
    text: Tensor
    wrong: Tensor


def draw_vector_pairs(settings: VectorPairsSettings, wrong: float, seed: int) -> tuple[VectorPairs, VectorPairs]:
    """Training pairs, of which a share `wrong` has the caption of another training pair, and clean test pairs.

    A latent vector is a subject. The input is a fixed random nonlinear function of it plus noise; the image
    and the text embedding are two other such functions plus noise. So there is something to learn, there
    are few enough pairs to learn each by heart, and a caption says nothing about another subject.
    """
    generator = torch.Generator().manual_seed(seed)
    count = settings.training + settings.test
    latent = torch.randn(count, settings.latent, generator=generator)
    inputs = _seen(latent, settings.input_width, settings, generator)
    inputs = inputs + settings.input_noise * torch.randn(inputs.shape, generator=generator)
    teacher = []
    for _ in ("image", "text"):
        embedding = _seen(latent, settings.embedding_width, settings, generator)
        embedding = embedding + settings.embedding_noise * torch.randn(embedding.shape, generator=generator)
        embedding = embedding + settings.cone * torch.randn(settings.embedding_width, generator=generator)
        teacher.append(functional.normalize(embedding, dim=-1))
    image, text = teacher
    chosen = torch.randperm(settings.training, generator=generator)[: round(wrong * settings.training)]
    is_wrong = torch.zeros(count, dtype=torch.bool)
    is_wrong[chosen] = len(chosen) > 1
    text = text.clone()
    text[chosen] = text[chosen.roll(1)]
    parts = [slice(settings.training), slice(settings.training, None)]
    training, test = (VectorPairs(inputs[part], image[part], text[part], is_wrong[part]) for part in parts)
    return training, test


def _seen(latent: Tensor, width: int, settings: VectorPairsSettings, generator: torch.Generator) -> Tensor:
    """A random network with one hidden layer, drawn anew, applied to latent vectors (N, L): (N, width)."""
    first = 1.5 * torch.randn(settings.latent, settings.hidden, generator=generator) / settings.latent**0.5
    second = torch.randn(settings.hidden, width, generator=generator) / settings.hidden**0.5
    seen: Tensor = torch.tanh(latent @ first) @ second
    return seen
