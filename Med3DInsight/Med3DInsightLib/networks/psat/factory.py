"""From settings to a PSAT."""

from __future__ import annotations

from collections.abc import Sequence

from ...bundles.psat_settings import ConditioningKind, PsatSettings, ReadOutKind
from .conditioning import Conditioning, NoConditioning
from .continuous_conditioning import ContinuousConditioning
from .decoder import Decoder
from .decoder_layer import DecoderLayer
from .joint_table import JointTable
from .psat import PSAT
from .queries import LearnableQueries
from .read_out import ReadOut
from .token_projection import TokenProjection


def build_psat(settings: PsatSettings, channels: Sequence[int], strides: Sequence[int]) -> PSAT:
    """A PSAT with fresh weights for a backbone with these channels and strides, finest first.

    Raises ValueError if the backbone has fewer levels than are to be attended.
    """
    levels = settings.levels
    if levels > len(channels):
        raise ValueError(f"PSAT attends {levels} levels, and the backbone has {len(channels)}")
    width, dropout = settings.width, settings.dropout
    return PSAT(
        TokenProjection(
            channels[-levels:], strides[-levels:], width, settings.normalise_tokens, settings.token_positions
        ),
        _conditioning(settings),
        LearnableQueries(settings.queries, width),
        Decoder(lambda: DecoderLayer(width, settings.heads, settings.feed_forward, dropout), settings.layers, width),
        ReadOut(1 if settings.read_out == ReadOutKind.FIRST else settings.queries, width, settings.embedding),
        settings.condition_tokens,
    )


def _conditioning(settings: PsatSettings) -> Conditioning:
    if settings.conditioning == ConditioningKind.JOINT_TABLE:
        return JointTable(settings.width, settings.table_positions, settings.slices_per_position)
    if settings.conditioning == ConditioningKind.CONTINUOUS:
        return ContinuousConditioning(settings.width)
    return NoConditioning(settings.width)
