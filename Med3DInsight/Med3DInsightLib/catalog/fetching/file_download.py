"""One file of a model, from the beginning or from where an earlier transfer ended."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx2

from ..entry import ModelFile
from ..errors import FetchError
from ..transfer import TransferTracker
from .access import Access, shown
from .failures import PassingFailure
from .requesting import requested

_PROGRESS_BYTES = 1_000_000
"""An attempt that brought so much more than was ever here is not counted as a failure."""


class FileDownload:
    """Downloads url to path and takes up what is there already (RFC 9110, section 14).

        await FileDownload(url, file, path, tracker, access).run()

    The ETag of the server is kept beside path: the rest is asked for on the condition (If-Range) that it is still the
    same, and a server that has another file, or knows no ranges, sends it from the beginning. Where there is no strong
    ETag the hash of the whole decides.
    """

    def __init__(self, url: str, file: ModelFile, path: Path, tracker: TransferTracker, access: Access) -> None:
        self._url = url
        self._file = file
        self._path = path
        self._tag_path = path.with_name(f"{path.name}.etag")
        self._tracker = tracker
        self._access = access

    async def run(self) -> None:
        """Download; raises FetchError when there is no point in going on, and OSError if the file cannot be written."""
        failures, furthest = 0, self._size()
        self._tracker.keep(furthest)
        while self._size() != self._file.size_bytes:
            try:
                await self._attempt()
            except PassingFailure as failure:
                failures = 1 if self._size() - furthest >= _PROGRESS_BYTES else failures + 1
                furthest = max(furthest, self._size())
                if failures >= self._access.attempts:
                    raise self._given_up(failure) from failure
                self._tracker.enter("waiting to try again")
                await asyncio.sleep(self._access.wait_s * 2.0 ** (failures - 1))

    async def _attempt(self) -> None:
        if self._size() > self._file.size_bytes:
            self._start_again()
        here = self._size()
        async with requested(self._url, self._access, self._range_headers(here)) as response:
            if response.status_code == 416 or (response.status_code == 206 and _first_byte(response) != here):
                self._start_again()
                raise PassingFailure(f"{shown(response.url)} does not have the range that was asked for")
            if response.status_code == 206 and self._is_of_another_file(response):
                self._start_again()
                raise PassingFailure(f"{shown(response.url)} has changed meanwhile")
            if response.status_code == 200 and here:
                self._start_again()
            here = self._size()
            self._check_announced(response, here)
            self._tracker.enter("downloading")
            await self._read(response, here)

    async def _read(self, response: httpx2.Response, here: int) -> None:
        with open(self._path, "ab") as out:
            if not here:
                self._remember_tag(response)
            async for piece in response.aiter_raw():
                here += len(piece)
                if here > self._file.size_bytes:
                    raise self._too_long(response)
                out.write(piece)
                self._tracker.move(len(piece))
        if here < self._file.size_bytes:
            raise PassingFailure(f"{shown(response.url)} ended after {here} of {self._file.size_bytes} bytes")

    def _check_announced(self, response: httpx2.Response, here: int) -> None:
        """Raise FetchError if the server tells another size than the catalogue, before anything is read."""
        length = response.headers.get("content-length", "")
        announced = here + int(length) if length.isascii() and length.isdigit() else self._file.size_bytes
        if announced > self._file.size_bytes:
            raise self._too_long(response)
        if announced < self._file.size_bytes:
            self._start_again()
            raise FetchError(
                f"{shown(response.url)} has {announced} bytes, the catalogue says {self._file.size_bytes}",
                next_step="tell whoever keeps the catalogue",
            )

    def _too_long(self, response: httpx2.Response) -> FetchError:
        self._start_again()
        return FetchError(
            f"{shown(response.url)} has more than the {self._file.size_bytes} bytes that the catalogue says",
            next_step="tell whoever keeps the catalogue",
        )

    def _range_headers(self, here: int) -> dict[str, str]:
        if not here:
            return {}
        tag = self._kept_tag()
        return {"Range": f"bytes={here}-", **({"If-Range": tag} if tag else {})}

    def _is_of_another_file(self, response: httpx2.Response) -> bool:
        """Whether a part is not of the file whose beginning is here; some servers send it in spite of If-Range."""
        told = _strong_tag(response)
        return bool(told) and self._kept_tag() not in ("", told)

    def _kept_tag(self) -> str:
        return self._tag_path.read_text(encoding="ascii") if self._tag_path.is_file() else ""

    def _remember_tag(self, response: httpx2.Response) -> None:
        self._tag_path.write_text(_strong_tag(response), encoding="ascii")

    def _start_again(self) -> None:
        self._tracker.keep(-self._size())
        self._path.unlink(missing_ok=True)

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.is_file() else 0

    def _given_up(self, failure: PassingFailure) -> FetchError:
        here = f"{self._size() / 1e6:.1f} of {self._file.size_bytes / 1e6:.1f} MB of {self._file.name} are here"
        return FetchError(
            f"{failure}, {self._access.attempts} times; {here}",
            next_step="check the network and run it again; it goes on where it was",
        )


def _strong_tag(response: httpx2.Response) -> str:
    """The ETag, or nothing if there is none or it is weak: then it does not say that the bytes are the same."""
    tag = str(response.headers.get("etag", ""))
    return tag if re.fullmatch(r'"[\x21\x23-\x7e]*"', tag) else ""


def _first_byte(response: httpx2.Response) -> int:
    """Where a part begins, by Content-Range; -1 if it does not say."""
    found = re.match(r"bytes (\d{1,18})-", response.headers.get("content-range", ""))
    return int(found.group(1)) if found else -1
