"""How the files of each source are brought."""

from __future__ import annotations

from pathlib import Path

from ..bundle_folder import BundleFolder
from ..entry import CatalogueEntry, ModelFile
from ..errors import FetchError
from ..installer import Bring
from ..sources import FolderSource, HubSource, WebSource
from ..transfer import TransferTracker
from .access import Access
from .file_download import FileDownload
from .waiting import finished


def bring_of(entry: CatalogueEntry, access: Access) -> Bring:
    """What brings the files of entry; raises FetchError for a model that is shipped, and so cannot be fetched."""
    source = entry.source
    match source:
        case FolderSource():
            return BundleFolder(Path(source.path)).bring
        case WebSource():
            return _Web(source.base_url.rstrip("/"), access).bring
        case HubSource():
            base = f"{access.hub}/{source.repository}/resolve/{source.revision}"
            return _Web(f"{base}/{source.folder}".rstrip("/"), access).bring
    raise FetchError(
        f"'{entry.name}' comes with the extension, and is not there", next_step="install the extension again"
    )


class _Web:
    """Brings files from below an address."""

    def __init__(self, base_url: str, access: Access) -> None:
        self._base_url = base_url
        self._access = access

    def bring(self, file: ModelFile, target: Path, tracker: TransferTracker) -> None:
        """See Bring."""
        download = FileDownload(f"{self._base_url}/{file.name}", file, target, tracker, self._access)
        finished(download.run(), tracker.check)
