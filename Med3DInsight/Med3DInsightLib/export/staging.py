"""Files that appear together when all of them are finished."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import UserError

_PREFIX = ".unfinished-"
_REPLACED = "replaced"


class OutputError(UserError):
    """Results cannot be written where the user wants them."""


@contextmanager
def staged_files(folder: Path, names: Sequence[str], overwrite: bool = False) -> Iterator[Path]:
    """A private folder inside folder; what is in it under names moves into folder at the end.

        with staged_files(out, ["labels.nii.gz", "result.json"]) as staging:
            write_volume(labels, staging / "labels.nii.gz")
            ...

    Entering it before the work starts tells at once whether folder can be written. If the block
    raises, nothing in folder has changed. The last name is moved last: it marks a complete result.

    Raises OutputError if folder cannot be written, is full, or holds one of names and overwrite is
    not set.
    """
    existed = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    except OSError as error:
        raise output_error(error, folder) from error
    try:
        _refuse_existing(folder, names, overwrite)
        yield staging
        _publish(staging, folder, names)
    except OSError as error:
        raise output_error(error, folder) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not existed and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def staged_or_nowhere(folder: Path | None, names: Sequence[str], overwrite: bool = False) -> Iterator[Path | None]:
    """staged_files() where a folder was given; None where nothing is to be written."""
    if folder is None:
        yield None
        return
    with staged_files(folder, names, overwrite) as staging:
        yield staging


def remove_unfinished(folder: Path) -> None:
    """Remove what killed runs left in folder; only for one who knows that no other run is writing there."""
    for staging in folder.glob(f"{_PREFIX}*"):
        shutil.rmtree(staging, ignore_errors=True)


def was_killed_while_publishing(folder: Path) -> bool:
    """Whether folder holds some files of a result only because a run was killed while they appeared."""
    return any(folder.glob(f"{_PREFIX}*/{_REPLACED}"))


def _publish(staging: Path, folder: Path, names: Sequence[str]) -> None:
    """Move names from staging to folder; an exception in between puts everything back."""
    for name in names:
        _sync(staging / name)
    replaced = staging / _REPLACED
    replaced.mkdir()
    try:
        # The mark of completeness goes first and comes last, so that even a kill in between shows.
        for name in reversed(names):
            if (folder / name).exists():
                (folder / name).replace(replaced / name)
        for name in names:
            (staging / name).replace(folder / name)
    except BaseException:
        for name in names:
            if (replaced / name).exists():
                (replaced / name).replace(folder / name)
            elif not (staging / name).exists():
                (folder / name).unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())


def _refuse_existing(folder: Path, names: Sequence[str], overwrite: bool) -> None:
    existing = [name for name in names if (folder / name).exists()]
    if existing and not overwrite:
        raise OutputError(
            f"the folder already holds {', '.join(existing)}",
            folder,
            "choose another folder, or allow overwriting (--overwrite)",
        )


def output_error(error: OSError, folder: Path) -> OutputError:
    """What an error of the operating system means for results in folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return OutputError("the disk is full", folder, "free some space or choose another folder")
    return OutputError(
        f"the output folder cannot be written ({error.strerror or error})", folder, "choose another folder"
    )
