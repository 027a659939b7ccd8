"""The content files as models, and what methods declare. Knows no geometry library."""

from ballerup_geo.spec._model import IDENTIFIER, Identifier, Model, NonEmpty, Text
from ballerup_geo.spec.analysis import UNVERIFIED, Analysis, AssumptionValue, Expectation, InputChoice, Target
from ballerup_geo.spec.declare import (
    Assumption,
    Given,
    Indicator,
    Input,
    Method,
    Outcome,
    OutputColumn,
    OutputRaster,
    OutputTable,
    Progress,
)
from ballerup_geo.spec.layer import Accessibility, Column, FileSource, Layer, ModelSource, Municipality, Sources
from ballerup_geo.spec.map import Categories, Classes, Field_, Flow, Headline, Map, MapLayer, Single, Slider, Table

__all__ = [
    "IDENTIFIER",
    "UNVERIFIED",
    "Accessibility",
    "Analysis",
    "Assumption",
    "AssumptionValue",
    "Categories",
    "Classes",
    "Column",
    "Expectation",
    "Field_",
    "FileSource",
    "Flow",
    "Given",
    "Headline",
    "Identifier",
    "Indicator",
    "Input",
    "InputChoice",
    "Layer",
    "Map",
    "MapLayer",
    "Method",
    "Model",
    "ModelSource",
    "Municipality",
    "NonEmpty",
    "Outcome",
    "OutputColumn",
    "OutputRaster",
    "OutputTable",
    "Progress",
    "Single",
    "Slider",
    "Sources",
    "Table",
    "Target",
    "Text",
]
