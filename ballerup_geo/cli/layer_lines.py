"""What ``layers`` and ``fetch`` say about a layer's sources and its kept copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ballerup_geo.catalog import Brought, Catalog, Fetched, FetchReport
    from ballerup_geo.errors import Fault
    from ballerup_geo.project import Project
    from ballerup_geo.sources import Keys
    from ballerup_geo.spec import Layer

__all__ = ["fetch_document", "fetch_lines", "layer_line", "layer_row"]


def layer_row(found: Project, shelf: Catalog, name: str, *, keys: Keys) -> dict[str, Any]:
    """Return what is known of a layer: its form, whether it is there, its source and its kept copy."""
    from ballerup_geo.catalog import Brought, kept_folder

    why = shelf.why_unknown(name)
    layer = found.layers[name]
    folder = found.data_folder(shelf.out)
    kept = Brought.find(kept_folder(folder), name, layer)
    return {
        "id": name,
        "geometry": layer.geometry,
        "title": layer.title.en,
        "columns": list(layer.columns),
        "known": why is None,
        "why_unknown": None if why is None else why.what,
        "own_file": _own_file(found, name, folder),
        "own_register": _own_register(layer),
        "service": _service(found, name, keys),
        "kept": None if kept is None else _kept(kept),
    }


def layer_line(row: dict[str, Any], widths: dict[str, int]) -> str:
    """Write a row as a line."""
    parts = [f"{row['id']:<{widths['id']}}  {row['geometry']:<{widths['geometry']}}  {row['title']}"]
    if not row["known"]:
        parts.append(row["why_unknown"])
    if row["own_file"] is not None:
        parts.append(f"own file {row['own_file']}")
    elif row["own_register"] is not None:
        parts.append(_own_words(row["own_register"]))
    if row["service"] is not None:
        parts.append(_service_words(row["service"]))
    if row["kept"] is not None:
        parts.append(_kept_words(row["kept"]))
    return " – ".join(parts)


def fetch_lines(report: FetchReport) -> list[str]:
    """Write what came of a fetch, a line a layer and one a fault; what is said of several is said once, at the end."""
    if not report.layers:
        return ["No layer of this project names a service ([[source.fetch]] in its file)."]
    alike = _alike(report)
    lines = []
    for fetched in report.layers:
        lines.append(f"{fetched.layer}: {_outcome(fetched, open_only=report.open_only)}")
        lines += [f"  {fault}" for fault in fetched.faults if _said(fault) not in alike]
    return [*lines, *(f"{', '.join(names)}: {said}" for said, names in alike.items())]


def fetch_document(report: FetchReport) -> dict[str, Any]:
    """Return what came of a fetch as JSON can hold it."""
    from dataclasses import asdict

    rows = [
        {
            "id": fetched.layer,
            "state": fetched.state,
            "kept": None if fetched.kept is None else _kept(fetched.kept),
            "faults": [asdict(fault) for fault in fetched.faults],
        }
        for fetched in report.layers
    ]
    return {"layers": rows, "exit": report.exit_code}


def _own_file(found: Project, name: str, folder: Path) -> str | None:
    """Return the planner's own file, where it is there."""
    own = found.layers[name].source.kept
    return own.path if own is not None and (folder / own.path).exists() else None


def _own_register(layer: Layer) -> dict[str, Any] | None:
    """Return whose own register a layer comes from that no open service has, where it goes, and what it must have."""
    own = layer.source.own
    if own is None:
        return None
    path = None if layer.source.kept is None else layer.source.kept.path
    return {
        "holder": own.holder.model_dump(),
        "path": path,
        "columns": list(layer.required_columns),
        "note": own.note.model_dump(),
    }


def _own_words(own: dict[str, Any]) -> str:
    place = f"put it at {own['path']}" if own["path"] is not None else "point [source.kept] to it"
    needed = ", ".join(own["columns"])
    return f"no open service: {own['holder']['en']}; {place} (columns {needed}), or read it from PostGIS"


def _service(found: Project, name: str, keys: Keys) -> dict[str, Any] | None:
    """Return the service that fetch would ask, and whether its key is there."""
    from ballerup_geo.catalog import choose_source
    from ballerup_geo.errors import Fault
    from ballerup_geo.sources import KEYS

    layer = found.layers[name]
    if not layer.source.fetch:
        return None
    choice = choose_source(name, layer, keys)
    source = layer.source.fetch[0] if isinstance(choice, Fault) else choice.source
    address = str(getattr(source, "url", ""))
    return {
        "kind": source.kind,
        "host": urlsplit(address).hostname,
        "key": None if source.key is None else KEYS[source.key].variable,
        "key_present": keys.has(source.key),
    }


def _kept(kept: Brought) -> dict[str, Any]:
    record = kept.record
    return {
        "time": record.time,
        "age_days": record.age_days,
        "rows": record.rows,
        "service": record.service,
        "sha256": record.sha256,
        "attribution": dict(record.attribution),
        "licence": record.licence,
    }


def _service_words(service: dict[str, Any]) -> str:
    said = f"{service['kind']} {service['host'] or ''}".strip()
    if service["key"] is None:
        return f"{said}, open"
    return f"{said}, key is there" if service["key_present"] else f"{said}, waits for {service['key']}"


def _kept_words(kept: dict[str, Any]) -> str:
    return f"kept {kept['time'][:10]} ({_age(kept['age_days'])}), {kept['rows']} rows"


def _age(days: int) -> str:
    return "today" if days == 0 else f"{days} day{'' if days == 1 else 's'} old"


def _outcome(fetched: Fetched, *, open_only: bool) -> str:
    if fetched.state == "kept" and fetched.kept is not None:
        record = fetched.kept.record
        instead = ", since a service before it could not be used" if fetched.faults else ""
        return f"{record.rows} rows kept from {urlsplit(record.service).hostname or record.service}{instead}"
    said = {
        "failed": "could not be fetched",
        "refused": "what came is not kept",
        "bug": "could not be fetched: ballerup-geo is at fault",
        "waiting": "is not open, and was left out" if open_only else "waits for a key",
    }[fetched.state]
    if fetched.kept is None:
        return f"{said}; there is no kept copy"
    return f"{said}; the copy of {fetched.kept.record.time[:10]} ({_age(fetched.kept.record.age_days)}) stays"


def _alike(report: FetchReport) -> dict[str, list[str]]:
    """Return what is said of several layers (of a missing key: of any), with the layers."""
    found: dict[str, list[str]] = {}
    for fetched in report.layers:
        for fault in fetched.faults:
            found.setdefault(_said(fault), []).append(fetched.layer)
    keys = {_said(fault) for fetched in report.layers if fetched.state == "waiting" for fault in fetched.faults}
    return {said: names for said, names in found.items() if len(names) > 1 or said in keys}


def _said(fault: Fault) -> str:
    return f"{fault.what} → {fault.todo}"
