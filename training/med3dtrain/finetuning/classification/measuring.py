"""What a classification network is worth, and what it learns after training: to be calibrated and to be modest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import ModelCard
from Med3DInsightLib.networks.classification import ClassificationNetwork

from ...datasets.classified_set import ClassifiedCase
from ...evaluation.classification.calibration import calibration_error, fit_temperature
from ...evaluation.classification.measures import accuracy, auc, checked, macro_f1
from .inputs import PreparedInputs

SCORE = "score"
_AT_ONCE = 16


class ClassificationValidation:
    """Measures a network on prepared inputs.

        validation = ClassificationValidation(inputs, device)
        validation(network)     # {"score": 0.88, "AUC": 0.88, "accuracy": 0.83, "F1": 0.75, "calibration error": 0.07}

    score is the AUC, which no threshold and no calibration changes.
    """

    def __init__(self, inputs: PreparedInputs, device: torch.device) -> None:
        self._inputs = inputs
        self._device = device

    def __call__(self, network: nn.Module) -> dict[str, float]:
        """All figures by name."""
        scores = scores_of(_classifying(network), embeddings_of(_classifying(network), self._inputs, self._device))
        probabilities = scores.double().softmax(-1).numpy()
        figures = figures_of(probabilities, [case.class_number for case in self._inputs.cases])
        return {SCORE: figures["AUC"], **figures}


def figures_of(probabilities: NDArray[np.float64], classes: Sequence[int]) -> dict[str, float]:
    """AUC, accuracy, F1 and calibration error of probabilities (N, C) for true classes (N)."""
    rows, truth = checked(probabilities, np.asarray(classes))
    return {
        "AUC": auc(rows, truth),
        "accuracy": accuracy(rows, truth),
        "F1": macro_f1(rows, truth),
        "calibration error": calibration_error(rows, truth),
    }


def calibrate(
    network: nn.Module,
    training: PreparedInputs,
    validation: PreparedInputs,
    class_weights: Tensor,
    device: torch.device,
) -> ClassificationNetwork:
    """Undo the weights of classes (C), fit the temperature on validation cases, learn what is familiar.

    A network that was trained with weights gives probabilities of a world in which a class is so many times as frequent
    (Elkan 2001, The Foundations of Cost-Sensitive Learning): its scores are too high by their logarithms. The
    network is changed.
    """
    classifying = _classifying(network)
    with torch.no_grad():
        classifying.head.bias.sub_(class_weights.log().to(classifying.head.bias))
    unseen = embeddings_of(classifying, validation, device)
    scores = scores_of(classifying, unseen)
    truth = np.asarray([case.class_number for case in validation.cases])
    classifying.temperature.mul_(fit_temperature(scores.numpy(), truth))
    classifying.familiarity.learn(embeddings_of(classifying, training, device).to(device), unseen.to(device))
    return classifying


def session_figures(
    card: ModelCard, network: nn.Module, device: torch.device, cases: Sequence[ClassifiedCase]
) -> dict[str, float]:
    """figures_of() what a session says of the volumes themselves, as a user will meet it; empty without cases."""
    if not cases:
        return {}
    session = Session(card, network, device)
    results = [session.classify(case.read()) for case in cases]
    rows = np.array([[result.probabilities[name] for name in card.class_names] for result in results])
    return figures_of(rows, [case.class_number for case in cases])


def embeddings_of(network: ClassificationNetwork, inputs: PreparedInputs, device: torch.device) -> Tensor:
    """Embeddings (N, W) on the CPU."""
    network.eval().to(device)  # not in inference mode: buffers that it moves could not be changed afterwards
    numbers = range(len(inputs.cases))
    batches = [numbers[first : first + _AT_ONCE] for first in range(0, len(numbers), _AT_ONCE)]
    with torch.inference_mode():
        found = [network.embed(torch.stack([inputs.read(number) for number in batch]).to(device)) for batch in batches]
        return torch.cat([each.cpu() for each in found])


@torch.inference_mode()
def scores_of(network: ClassificationNetwork, embeddings: Tensor) -> Tensor:
    """Scores (N, C) on the CPU of embeddings (N, W)."""
    return network.scores(embeddings.to(network.temperature.device)).cpu()


def _classifying(network: nn.Module) -> ClassificationNetwork:
    if not isinstance(network, ClassificationNetwork):
        raise TypeError(f"{type(network).__name__} does not classify")
    return network
