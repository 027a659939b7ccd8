"""JSON Schemas: of the content files, for editors; of ``assessment.json``, for the systems that read it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ballerup_geo.spec.analysis import Analysis
from ballerup_geo.spec.assessment import AssessmentDocument
from ballerup_geo.spec.layer import Layer
from ballerup_geo.spec.map import Map

__all__ = ["schemas"]


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each kind of content file (``layer``, ``analysis``, ``map``) and of an ``assessment``."""
    models: dict[str, type[BaseModel]] = {
        "layer": Layer,
        "analysis": Analysis,
        "map": Map,
        "assessment": AssessmentDocument,
    }
    return {
        name: {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        for name, model in models.items()
    }
