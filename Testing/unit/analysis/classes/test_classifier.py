"""A model that classifies tells how far it is, stops when asked, and says what a session says."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from Med3DInsightLib.analysis.classes.classifier import Classifier
from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Architecture, HeadKind
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.factory import build_network
from Med3DInsightLib.volumes import VolumeError

from ..slices.parts import SEGRESNET, encoder_card

CPU = torch.device("cpu")


@pytest.fixture
def a_class_card(a_card):
    architecture = Architecture("segresnet", SEGRESNET, HeadKind.CLASSIFICATION, classes=3)
    return replace(encoder_card(a_card), architecture=architecture, teacher="", class_names=("a", "b", "c"))


@pytest.fixture
def a_network(a_class_card):
    torch.manual_seed(0)
    return build_network(a_class_card.architecture)


def test_a_session_says_the_same_to_the_bit(a_class_card, a_network, a_volume):
    alone, in_session = (kind(a_class_card, a_network, CPU).classify(a_volume) for kind in (Classifier, Session))
    assert list(alone.probabilities) == ["a", "b", "c"]
    assert sum(alone.probabilities.values()) == pytest.approx(1.0)
    assert (alone.probabilities, alone.unlikeness) == (in_session.probabilities, in_session.unlikeness)
    assert set(alone.seconds) == set(in_session.seconds) == {"preparing", "classifying"}


def test_stages_are_told_and_can_be_stopped_between(a_class_card, a_network, a_volume):
    classifier, told, stop = Classifier(a_class_card, a_network, CPU), [], threading.Event()
    classifier.classify(a_volume, told.append)
    assert [(report.stage, report.fraction) for report in told] == [("preparing", 0.0), ("classifying", 0.25)]
    with pytest.raises(AnalysisCancelled):
        classifier.classify(a_volume, lambda report: stop.set(), stop)


def test_what_cannot_be_classified_is_refused(a_class_card, a_network, a_bundle, a_volume):
    with pytest.raises(VolumeError, match="every voxel"):
        Classifier(a_class_card, a_network, CPU).classify(a_volume.map(np.zeros_like))
    with pytest.raises(UserError, match="model 'tiny' does not classify"):
        Classifier.open(a_bundle)
