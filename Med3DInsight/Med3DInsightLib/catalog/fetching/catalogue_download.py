"""Catalogues by address."""

from __future__ import annotations

import asyncio

from ..catalogue import LARGEST_CATALOGUE_BYTES, Catalogue, catalogue_from_web
from ..errors import CatalogueError, FetchError
from ..transfer import Cancellation, TransferTracker
from .access import Access, shown, web_address
from .failures import PassingFailure
from .requesting import requested
from .waiting import finished


def fetch_catalogue(address: str, access: Access, cancel: Cancellation | None = None) -> Catalogue:
    """The catalogue at an address.

    Raises CatalogueError, which names the address, if it cannot be fetched in time, is too large or is none, and
    TransferCancelled.
    """
    tracker = TransferTracker(0, cancel=cancel)
    try:
        place = shown(web_address(address))
        return catalogue_from_web(finished(_content(address, access), tracker.check), place)
    except (FetchError, PassingFailure) as error:
        cause = error.cause if isinstance(error, FetchError) else str(error)
        next_step = (error.next_step if isinstance(error, FetchError) else "") or "check the address and the network"
        raise CatalogueError(f"the catalogue cannot be fetched: {cause}", next_step=next_step) from error
    except TimeoutError as error:
        cause = f"the catalogue did not come within {access.catalogue_s:g} s"
        raise CatalogueError(cause, place, "check the network, or copy it and give its path") from error


async def _content(address: str, access: Access) -> bytes:
    content = bytearray()
    async with asyncio.timeout(access.catalogue_s), requested(address, access, {}) as response:
        async for piece in response.aiter_raw():
            content += piece
            if len(content) > LARGEST_CATALOGUE_BYTES:
                break  # parse_catalogue() says that it is too large
    return bytes(content)
