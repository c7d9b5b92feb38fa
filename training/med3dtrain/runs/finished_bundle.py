"""The bundle that a run writes when all is done."""

from __future__ import annotations

from pathlib import Path

from Med3DInsightLib.bundles import Bundle, BundleError

from .errors import RunError


def require_free(folder: Path, checkpoint: Path) -> None:
    """Raise RunError if the folder of the bundle is there already, but for the checkpoint of the run that wrote it.

    It may hold the very bundle that a run starts from.
    """
    if folder.exists() and not checkpoint.exists():
        raise RunError(
            f"is there already, and no checkpoint ({checkpoint.name}) of its run beside it",
            folder,
            "choose another output folder",
        )


def finished_bundle(folder: Path) -> Bundle | None:
    """What a finished run wrote into folder; None if it was stopped before the bundle was complete."""
    try:
        bundle = Bundle.open(folder)
        bundle.verify_weights()
    except BundleError:
        return None
    return bundle
