"""The modelled municipality as a source; it is built only when asked for."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ballerup_geo.sources._request import Delivery, Request
from ballerup_geo.storage import sha256_files, sha256_json

__all__ = ["model_fingerprint", "read_model"]


def read_model(request: Request) -> Delivery:
    """Have the model build a layer."""
    from ballerup_geo.sources import model

    request.progress(f"model: {request.layer_id}", 0.0)
    data = model.town(request.cell_m).layer(request.layer_id)
    names = getattr(data, "columns", ())
    cells = f", cells of {request.cell_m:g} m" if request.layer.geometry == "raster" else ""
    return Delivery(
        data=data,
        origin=f"modelled municipality, version {model.MODEL_VERSION}, seed {model.SEED}{cells}",
        columns=dict.fromkeys(request.layer.columns, "model"),
        offered=tuple(str(name) for name in names),
    )


def model_fingerprint(request: Request) -> str:
    """Hash of the model's code, and for a raster of its cell size: everything follows from these."""
    return sha256_json([_code_hash(), request.cell_m if request.layer.geometry == "raster" else None])


@cache
def _code_hash() -> str:
    spec = find_spec("ballerup_geo.sources.model")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("ballerup_geo.sources.model")
    folder = Path(spec.origin).parent
    return sha256_files(
        (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts), root=folder
    )
