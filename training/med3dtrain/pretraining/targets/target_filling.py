"""Running the teacher for what it has not seen yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ...teachers.cache.compartment import Compartment
from ...teachers.cache.content_keys import Keys, content_keys
from ...teachers.cache.embedding_cache import EmbeddingCache
from ...teachers.cache.embedding_reader import EmbeddingReader
from ..samples.captioned import CaptionedVolume
from .picture_keys import PictureKeys, as_keys
from .targets import Targets
from .towers import IMAGE, TEXT, Towers

_DTYPE = torch.float16

Progress = Callable[[int], None]


class TargetFilling:
    """Fills the cache with the embeddings of captions and pictures, and hands out targets.

        filling = TargetFilling(towers, Path("cache"))
        filling.fill(my_share_of_the_volumes)       # in every process; what is there is not computed again
        targets = filling.targets(volumes)          # when all processes have filled

    With cached_only nothing is computed: targets() then raises CacheError if the cache was made with
    another teacher, and says with which.
    """

    def __init__(self, towers: Towers, cache: Path, cached_only: bool = False) -> None:
        self._towers = towers
        self._cache = cache
        self._cached_only = cached_only
        self._pictures = PictureKeys(cache / "picture-keys")

    def fill(self, volumes: Sequence[CaptionedVolume], on_progress: Progress = lambda done: None) -> None:
        """Embed the captions and slices of volumes, as far as terms need them and the cache lacks them.

        on_progress is told how many embeddings are done.
        """
        done = 0
        if self._towers.texts is not None and not self._cached_only:
            texts = [text for each in volumes for of_slice in each.slices for text in of_slice.texts]
            EmbeddingCache(self._cache, self._towers.texts, _DTYPE).fill(texts, on_progress)
            done = len(texts)
        if self._towers.pictures is not None:
            before = done
            drawn = self._missing_pictures(volumes)
            if self._cached_only:
                for _ in drawn:
                    pass  # so that their keys are known; nothing is computed
            else:
                cache = EmbeddingCache(self._cache, self._towers.pictures, _DTYPE)
                cache.fill(drawn, lambda count: on_progress(before + count))

    def targets(self, volumes: Sequence[CaptionedVolume]) -> Targets:
        """The targets of all volumes of the run; raises CacheError if one is not in the cache."""
        slices = sorted((of_slice for each in volumes for of_slice in each.slices), key=lambda each: each.number)
        keys: dict[str, list[Keys]] = {}
        if self._towers.texts is not None:
            keys[TEXT] = [content_keys(each.texts) for each in slices]
        if self._towers.pictures is not None:
            known = {number: key for each in volumes for number, key in self._pictures.known(each).items()}
            keys[IMAGE] = [as_keys([known[each.number]]) for each in slices]
        readers = {term: self._reader(term) for term in keys}
        targets = Targets(readers, keys)
        targets.require_all()
        return targets

    def phrases(self, phrases: Sequence[str]) -> Tensor:
        """Embeddings (N, width) of phrases; raises CacheError as targets() does.

        Raises ValueError without a tower of texts.
        """
        texts = self._towers.texts
        if texts is None:
            raise ValueError("phrases need a tower of texts")
        if self._cached_only:
            return self._reader(TEXT).read(content_keys(phrases))
        return EmbeddingCache(self._cache, texts, _DTYPE).embed(phrases)

    def _missing_pictures(self, volumes: Sequence[CaptionedVolume]) -> Iterator[bytes]:
        """Pictures whose key is not known, or not in the cache."""
        reader = self._reader(IMAGE)
        for each in volumes:
            known = self._pictures.known(each)
            numbers = list(known)
            absent = reader.gather(as_keys([known[number] for number in numbers]))[1]
            cached = {number for number, is_absent in zip(numbers, absent, strict=True) if not is_absent}
            missing = [of_slice for of_slice in each.slices if of_slice.number not in cached]
            if missing and not (self._cached_only and len(known) == len(each.slices)):
                yield from self._pictures.draw(each, missing)

    def _reader(self, term: str) -> EmbeddingReader:
        return EmbeddingReader(Compartment(self._cache, self._towers.identities[term], _DTYPE))
