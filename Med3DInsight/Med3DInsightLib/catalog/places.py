"""Where models, settings and private catalogues usually are."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

STORE_VARIABLE = "MED3DINSIGHT_MODELS"
SETTINGS_VARIABLE = "MED3DINSIGHT_SETTINGS"
CATALOGUES_VARIABLE = "MED3DINSIGHT_CATALOGUES"
HUB_VARIABLE = "HF_ENDPOINT"
USUAL_HUB = "https://huggingface.co"
_NAME = "med3dinsight"


def store_of_environment() -> Path | None:
    """The folder that MED3DINSIGHT_MODELS names, if any."""
    named = os.environ.get(STORE_VARIABLE, "").strip()
    return Path(named) if named else None


def usual_store_folder() -> Path:
    """A folder in the user's data folder."""
    return Path(platformdirs.user_data_dir(_NAME, appauthor=False)) / "models"


def usual_settings_path() -> Path:
    """models.json in the folder that MED3DINSIGHT_SETTINGS names, or in the user's settings folder."""
    named = os.environ.get(SETTINGS_VARIABLE, "").strip()
    return Path(named or platformdirs.user_config_dir(_NAME, appauthor=False)) / "models.json"


def catalogues_of_environment() -> tuple[str, ...]:
    """The catalogues in MED3DINSIGHT_CATALOGUES: paths and addresses, separated by semicolons."""
    named = os.environ.get(CATALOGUES_VARIABLE, "").split(";")
    return tuple(place.strip() for place in named if place.strip())


def hub_of_environment() -> str:
    """The address of the Hugging Face hub that HF_ENDPOINT names, or of the usual one."""
    return os.environ.get(HUB_VARIABLE, "").strip().rstrip("/") or USUAL_HUB
