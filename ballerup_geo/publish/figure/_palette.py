"""A picture in 256 colours that keeps the map's own: a third of the bytes, and no class changes its colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["Colour", "in_few_colours"]

Colour: TypeAlias = tuple[int, int, int]
_MOST = 256
_FREE = 96
"""Colours that are left to what lies between: soft edges, and one layer seen through another."""


def in_few_colours(picture: Image.Image, kept: Sequence[Colour]) -> Image.Image:
    """Return the picture with a palette of ``kept`` and the colours that serve the rest best.

    Each colour becomes the nearest of the palette; of more kept colours than there is room for, the first stay.
    """
    own = list(dict.fromkeys(kept))[: _MOST - _FREE]
    between = picture.quantize(_MOST - len(own), method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    cut = np.asarray(between.getpalette() or [], np.int32).reshape(-1, 3)
    palette = np.concatenate([np.array(own, np.int32).reshape(-1, 3), cut])[:_MOST]
    pixels = np.asarray(picture, np.uint32)
    codes = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
    colours, place = np.unique(codes, return_inverse=True)
    there = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.int32)
    nearest = np.concatenate([_nearest(part, palette) for part in np.array_split(there, len(there) // 8192 + 1)])
    found = Image.fromarray(nearest[place].reshape(codes.shape))
    found.putpalette(palette.astype(np.uint8).tobytes())
    return found


def _nearest(colours: npt.NDArray[np.int32], palette: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
    """Return the palette's place nearest to each colour ``[n, 3]``."""
    squares = ((colours[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(squares.argmin(axis=1), np.uint8)
