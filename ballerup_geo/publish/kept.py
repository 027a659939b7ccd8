"""What costs time and follows from content alone, so that maps and builds share it: packed layers, areas of classes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

__all__ = ["Kept"]


class Kept:
    """What has been worked out; one belongs to one :class:`~ballerup_geo.publish.content.Reader`.

    Parameters
    ----------
    areas_m2
        Areas that an earlier build noted, by the raster's key.
    """

    def __init__(self, areas_m2: Mapping[str, tuple[float, ...]] | None = None) -> None:
        self._known = dict(areas_m2 or {})
        self._packed: dict[Hashable, bytes] = {}
        self.areas_m2: dict[str, tuple[float, ...]] = {}
        """The areas asked for, by the raster's key: what the next build may begin with."""

    def packed(self, key: Hashable, pack: Callable[[], bytes]) -> bytes:
        """Return a packed layer; ``key`` holds all that its bytes follow from."""
        if key not in self._packed:
            self._packed[key] = pack()
        return self._packed[key]

    def areas(self, key: str, count: Callable[[], tuple[float, ...]]) -> tuple[float, ...]:
        """Return the m² of each class of a raster; ``key`` follows from its content and its classes."""
        if key not in self.areas_m2:
            self.areas_m2[key] = self._known[key] if key in self._known else count()
        return self.areas_m2[key]

    @staticmethod
    def noted(record: Any) -> dict[str, tuple[float, ...]]:
        """Return the areas that a record holds; what is no such thing is left out and counted anew."""
        if not isinstance(record, dict):
            return {}
        return {
            key: tuple(float(area) for area in areas)
            for key, areas in record.items()
            if isinstance(areas, list) and all(isinstance(area, int | float) for area in areas)
        }
