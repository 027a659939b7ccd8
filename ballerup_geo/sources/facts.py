"""What the package carries itself: tables of facts that hold for every municipality, each row with its own source.

They are the same tables under ``--data model`` and under ``--data kept``: rules, prices and rates are not modelled. A
row whose source is "unverified" says so in both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pandas as pd

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Delivery, FetchRequest
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.spec.faults import nearest
from ballerup_geo.spec.sources import FactsSource

__all__ = ["CARRIED", "fetch_facts"]

CARRIED = ("charging_rules", "heat_rates", "pipe_sizes", "rain_events", "tree_species")
"""Tables whose builders read ``sources/model/facts/`` and nothing of the modelled town."""


def fetch_facts(source: FactsSource, request: FetchRequest) -> Delivery:
    """Return a table of facts.

    Raises
    ------
    SourceError
        The package carries no such table.
    """
    if source.table not in CARRIED:
        raise SourceError(
            request.wrong("table", f'no facts are carried for "{source.table}"', nearest(source.table, CARRIED))
        )
    from ballerup_geo.sources import model

    frame = cast(pd.DataFrame, model.town(1.0).layer(source.table))
    offered = tuple(str(name) for name in frame.columns)
    origin = f"ballerup-geo, facts/{source.table}.toml"
    delivery = translate(Delivery(frame, origin=origin, offered=offered), source, request)
    told = {name: "a fact, with its source in the row" for name in delivery.columns if name not in source.constants}
    return replace(delivery, columns={**delivery.columns, **told})
