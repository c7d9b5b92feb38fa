"""Bundles in repositories of a Hugging Face hub."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.errors import UserError

from .places import new_bundle
from .whole_bundle import FILES, WholeBundle

_PREFIX = "hf:"


class HubError(UserError):
    """A repository cannot be reached, or does not hold a bundle."""


@dataclass(frozen=True)
class HubRepository:
    """A model repository OWNER/NAME at a revision, of the hub at endpoint (None for the usual one).

        repository = HubRepository.parse("hf:someone/liver@1f2e3d")
        repository.pull(Path("models"))
        repository.push(whole, private=True)

    Only the files of a bundle travel, in both directions. The token is the hub's own business: HF_TOKEN or its login.
    """

    name: str
    revision: str = ""
    endpoint: str | None = None

    @classmethod
    def parse(cls, address: str, endpoint: str | None = None) -> HubRepository | None:
        """The repository of hf:OWNER/NAME or hf:OWNER/NAME@REVISION; None for any other address."""
        if not address.startswith(_PREFIX):
            return None
        name, _, revision = address.removeprefix(_PREFIX).partition("@")
        return cls(name, revision, endpoint)

    def pull(self, folder: Path) -> WholeBundle:
        """The bundle as folder/NAME, complete and checked; raises HubError, or BundleError for what is no bundle."""
        with tempfile.TemporaryDirectory(prefix="med3dinsight-") as cache:
            try:
                fetched = HfApi(self.endpoint).snapshot_download(
                    self.name, revision=self.revision or None, cache_dir=cache, allow_patterns=list(FILES)
                )
            except _ERRORS as error:
                raise self._error("cannot be downloaded", error) from error
            found = Bundle.open(Path(str(fetched)))
            with new_bundle(folder, found.card.name) as staging:
                for name in FILES:
                    if (found.folder / name).is_file():
                        shutil.copyfile(found.folder / name, staging / name)
        return WholeBundle.open(folder / found.card.name)

    def push(self, whole: WholeBundle, private: bool) -> str:
        """Upload the files of a bundle in one commit, to a repository that is made if needed; the commit's address.

        Raises HubError if that is not possible.
        """
        card, api = whole.bundle.card, HfApi(self.endpoint)
        try:
            api.create_repo(self.name, private=private, exist_ok=True)
            commit = api.upload_folder(
                repo_id=self.name,
                folder_path=whole.bundle.folder,
                allow_patterns=list(FILES),
                revision=self.revision or None,
                commit_message=f"{card.name} {card.version}",
            )
        except _ERRORS as error:
            raise self._error("cannot be uploaded to", error) from error
        return str(commit.commit_url)

    def _error(self, what: str, error: Exception) -> HubError:
        cause = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return HubError(
            f"{_PREFIX}{self.name} {what} ({cause})",
            next_step="check the name, the network, and HF_TOKEN if it is private",
        )


_ERRORS = (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, httpx2.HTTPError, OSError)
