"""Asking the terrain in the page: the click part of a result, checked and packed, and its place in the panel."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from jinja2 import Template
from markupsafe import Markup

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.publish.flow_pack import FIRST_NODE, OUTSIDE, FlowGrid, pack_flow
from ballerup_geo.publish.flow_words import FLOW_SCRIPT_WORDS, FLOW_WORDS
from ballerup_geo.publish.frame import CompactLayer
from ballerup_geo.publish.text import both
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Flow, Text

if TYPE_CHECKING:
    from ballerup_geo.results import Result

__all__ = ["FlowContent", "FlowTool", "flow_content", "flow_section"]

DEPTH_CLASSES = ((0.1, "#478dca"), (0.3, "#236bad"), (0.5, "#0d4a87"), (1.0, "#07305f"), (2.0, "#041a3d"))
"""Depth of water from … m, and its colour: the same on every page."""
_NODE_COLUMNS = ("whole", "beyond", "spill_level_m", "floor_m", "room_m3", "area_m2", "runoff_m2")
_RECIPIENT_COLUMNS = ("label", "recipient_id", "name", "downstream_id")
_CODES = frozenset((0, *(1 << k for k in range(8)), OUTSIDE))


@dataclass(frozen=True, slots=True)
class FlowContent:
    """What a page needs to answer questions to the terrain."""

    flow: Flow
    packed: bytes
    recipients: tuple[Mapping[str, Any], ...]
    """Each with ``label``, ``id``, ``name`` and ``downstream`` (an id, or None)."""
    cell_m: float
    loss_mm: float

    @property
    def key(self) -> str:
        """The payload's name: the hash of its content."""
        return hashlib.sha256(self.packed).hexdigest()[:12]

    def for_page(self, file: str | None) -> dict[str, Any]:
        """Return what the page's script reads; ``file`` is the payload's script file, None if it is in the page."""
        return {
            "title": self.flow.title.model_dump(),
            "payload": self.key,
            "file": file,
            "mostMm": self.flow.most_mm,
            "lossMm": self.loss_mm,
            "cellM": self.cell_m,
            "recipients": list(self.recipients),
            "hides": list(self.flow.hides),
            "depths": [{"from": limit, "colour": colour} for limit, colour in DEPTH_CLASSES],
            "words": FLOW_SCRIPT_WORDS,
        }


class FlowTool(CompactLayer):
    """The terrain as an element of a folium map: nothing is drawn until a reader asks."""

    _template: ClassVar[Template] = Template(  # type: ignore[misc]
        "{% macro script(this, kwargs) %}\n"
        "  ballerupGeo.askTerrain({{ this._parent.get_name() }}, {{ this.key|tojson }});\n"
        "{% endmacro %}"
    )

    def __init__(self, content: FlowContent) -> None:
        super().__init__("terrain", key=content.key, packed=content.packed)
        self._name = "Flow"


def flow_content(flow: Flow, result: Result, *, where: str) -> FlowContent:
    """Read and pack the click part of a result.

    Raises
    ------
    DataError
        The result has no such part, or its rasters and tables do not fit together.
    """
    rasters = {name: result.raster(getattr(flow, name)) for name in ("height", "directions", "basins", "outlets")}
    nodes, recipients = result.table(flow.nodes), result.table(flow.recipients)
    origin = f"results/{result.analysis}"
    faults = [
        *_grid_faults(rasters, origin),
        *_column_faults(nodes, _NODE_COLUMNS, f"{origin}: {flow.nodes}"),
        *_column_faults(recipients, _RECIPIENT_COLUMNS, f"{origin}: {flow.recipients}"),
    ]
    if flow.loss not in result.run["assumptions"]:
        what = f"{result.analysis} has no assumption {flow.loss!r}"
        faults.append(Fault(where, "flow.loss", what, "name one of the analysis' assumptions in mm"))
    faults = faults or list(_node_faults(rasters, nodes, f"{origin}: {flow.nodes}"))
    if faults:
        raise DataError(faults)
    height = rasters["height"]
    grid = FlowGrid(
        height_m=height.array,
        directions=rasters["directions"].array,
        basins=rasters["basins"].array,
        outlets=rasters["outlets"].array,
        nodes={name: nodes[name].to_numpy() for name in _NODE_COLUMNS},
        west_m=height.bounds[0],
        north_m=height.bounds[3],
        cell_m=height.cell_size_m,
    )
    return FlowContent(
        flow=flow,
        packed=pack_flow(grid),
        recipients=tuple(_recipient(row) for row in recipients.to_dict("records")),
        cell_m=max(height.cell_size_m),
        loss_mm=float(result.run["assumptions"][flow.loss]["value"]),
    )


def _recipient(row: Mapping[Any, Any]) -> dict[str, Any]:
    onward = row["downstream_id"]
    return {
        "label": int(row["label"]),
        "id": str(row["recipient_id"]),
        "name": str(row["name"]),
        "downstream": None if pd.isna(onward) or onward == "" else str(onward),
    }


def _grid_faults(rasters: Mapping[str, Raster], origin: str) -> Iterator[Fault]:
    height = rasters["height"]
    todo = "run the analysis again"
    for name, raster in rasters.items():
        if raster.shape != height.shape or raster.transform != height.transform or raster.crs != CRS:
            yield Fault(origin, name, f"is not on the grid of the heights, in {CRS}", todo)
    codes = set(np.unique(rasters["directions"].array).tolist())
    if not codes <= _CODES:
        yield Fault(origin, "directions", f"holds {sorted(codes - _CODES)}, which are no ESRI codes", todo)
    elif rasters["directions"].shape == height.shape:
        inside = rasters["directions"].array != OUTSIDE
        if not np.isfinite(height.array[inside]).all():
            yield Fault(origin, "height", "is unknown where there are directions", todo)


def _column_faults(table: pd.DataFrame, columns: tuple[str, ...], where: str) -> Iterator[Fault]:
    for name in columns:
        if name not in table.columns:
            yield Fault(where, name, "there is no such column", "run the analysis again")


def _node_faults(rasters: Mapping[str, Raster], nodes: pd.DataFrame, where: str) -> Iterator[Fault]:
    """Find hollows that point to none, and numbers that cannot be."""
    todo = "run the analysis again"
    end = FIRST_NODE + len(nodes)
    basins = rasters["basins"].array[rasters["directions"].array != OUTSIDE]
    if basins.size and not (basins.min() >= 1 and basins.max() < end):
        yield Fault(where, "basins", f"holds labels beyond 1 … {end - 1}", todo)
    own = np.arange(FIRST_NODE, end)
    whole = nodes["whole"].to_numpy()
    if not np.all((whole == 0) | ((whole > own) & (whole < end))):
        yield Fault(where, "whole", "a part must come before its whole", todo)
    if not nodes["beyond"].between(0, end - 1).all():
        yield Fault(where, "beyond", f"holds labels beyond 0 … {end - 1}", todo)
    for name in ("spill_level_m", "room_m3", "area_m2", "runoff_m2"):
        values = nodes[name].to_numpy(dtype=float)
        if not np.isfinite(values).all() or (name != "spill_level_m" and (values < 0).any()):
            yield Fault(where, name, "holds values that cannot be", todo)


def flow_section(content: FlowContent) -> Markup:
    """Return the tool's place in the panel; it appears when the script is ready to answer."""
    modes = Markup("").join(
        Markup('<label><input type="radio" name="ask" value="{}"{}><span>{}</span></label>').format(
            mode, Markup(" checked") if mode == "select" else Markup(""), both(FLOW_WORDS[f"mode_{mode}"])
        )
        for mode in ("select", "drop", "catchment")
    )
    return Markup(
        '<section id="ask" class="ask" hidden><h2>{title}</h2><p class="soft">{about}</p>'
        '<fieldset><legend>{question}</legend><div class="modes">{modes}</div></fieldset>'
        '<p class="acts"><button type="button" class="quiet" id="ask-middle" hidden>{middle}</button>'
        '<button type="button" class="quiet" id="ask-clear" hidden>{clear}</button></p>'
        '<p class="rain"><label for="ask-rain">{rain}</label> <output id="ask-mm" for="ask-rain"></output>'
        '<input type="range" id="ask-rain" min="0" max="{most}" step="1" value="0" autocomplete="off"></p>'
        '<div id="ask-answer" class="ask-answer" aria-live="polite"></div>'
        '<div id="ask-water" class="ask-answer" aria-live="polite"></div>'
        '<p class="small">{caution}</p></section>'
    ).format(
        title=both(content.flow.title),
        about=both(FLOW_WORDS["about"]),
        question=both(FLOW_WORDS["question"]),
        modes=modes,
        middle=both(FLOW_WORDS["middle"]),
        clear=both(FLOW_WORDS["clear"]),
        rain=both(FLOW_WORDS["rain"]),
        most=f"{content.flow.most_mm:g}",
        caution=both(_caution(content.cell_m)),
    )


def _caution(cell_m: float) -> Text:
    size = f"{cell_m:.3g}"
    words = FLOW_WORDS["caution"]
    return Text(da=words.da.replace("…", size.replace(".", ",")), en=words.en.replace("…", size))
