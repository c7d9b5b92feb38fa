"""Tiny teachers on disk, and no way to the network."""

from __future__ import annotations

import pytest

from . import tiny_models


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    return tiny_models.save_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="session")
def siglip_folder(tmp_path_factory):
    return tiny_models.save_siglip(tmp_path_factory.mktemp("siglip"))


@pytest.fixture(scope="session")
def vit_folder(tmp_path_factory):
    return tiny_models.save_vit(tmp_path_factory.mktemp("vit"))


@pytest.fixture(scope="session")
def dino_folder(tmp_path_factory):
    return tiny_models.save_dino(tmp_path_factory.mktemp("dino"))


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory):
    return tiny_models.save_bert(tmp_path_factory.mktemp("bert"))
