"""The raster layer among our folium classes: tiles beside the page, or pictures inside it."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.publish.frame import PayloadElement, identifier, template

__all__ = ["RasterLayer"]


class RasterLayer(PayloadElement):
    """A raster in classes, drawn between the layers above and below it; the page's plan says where its pictures are.

    Parameters
    ----------
    layer_id
        The layer's id in the map file.
    pictures
        Key → WebP of each step; empty where the page has tiles beside it.
    """

    _template = template("raster_layer.js.j2")

    def __init__(self, layer_id: str, *, pictures: Mapping[str, bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Raster"
        self._id = self.layer_id = identifier(layer_id)
        self.payloads = dict(pictures)
