"""An analysis file (``analyses/<id>.toml``): what is asked, with which inputs, targets and assumptions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ballerup_geo.spec._model import Identifier, Model, NonEmpty, Text

__all__ = ["UNVERIFIED", "Analysis", "AssumptionValue", "Expectation", "InputChoice", "Target"]

UNVERIFIED = "unverified"
"""The ``source`` of a value that nobody has checked yet; pages show it as such."""


class InputChoice(Model):
    """What a method's input is read from: a layer, or a table of another analysis' result."""

    layer: Identifier | None = None
    result: Identifier | None = None
    table: Identifier | None = None
    raster: Identifier | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> InputChoice:
        if (self.layer is None) == (self.result is None):
            raise ValueError('name either layer = "…" or result = "…" with table = "…" or raster = "…"')
        if self.result is not None and (self.table is None) == (self.raster is None):
            raise ValueError('beside result = "…" name one of table = "…" and raster = "…"')
        if self.layer is not None and (self.table is not None or self.raster is not None):
            raise ValueError('table and raster go with result = "…", not with layer = "…"')
        return self


class AssumptionValue(Model):
    """A value that the method needs: with its unit, and who says so."""

    value: bool | int | float | str
    unit: Annotated[NonEmpty, Field(description='"1" for a pure number, "-" for a text or a choice')]
    source: Annotated[NonEmpty, Field(description=f'document and place, or "{UNVERIFIED}"')]
    title: Text
    note: Text | None = None


class Target(Model):
    """A dated target of the climate plan that this analysis answers to."""

    id: Identifier
    title: Text
    year: Annotated[int, Field(ge=1990, le=2100)]
    section: Annotated[NonEmpty, Field(description="where the plan says it")]
    source: NonEmpty
    kind: Annotated[Literal["measured", "registered"], Field(description="from a run, or entered by the municipality")]
    indicator: Annotated[Identifier | None, Field(description="the indicator that measures it")] = None
    value: float | None = None
    unit: NonEmpty | None = None
    direction: Annotated[Literal["at_least", "at_most"], Field(description="which side of the value is reached")] = (
        "at_least"
    )
    status: Annotated[
        Literal["reached", "on_the_way", "behind", "unknown"],
        Field(description="of a registered target, as the municipality says"),
    ] = "unknown"
    status_date: NonEmpty | None = None

    @model_validator(mode="after")
    def _measurable(self) -> Target:
        if (self.value is None) != (self.unit is None):
            raise ValueError("value and unit go together")
        if self.kind == "measured" and self.indicator is None:
            raise ValueError('a measured target names its indicator = "…"')
        if self.kind == "registered" and self.indicator is not None:
            raise ValueError("a registered target has no indicator")
        return self


class Expectation(Model):
    """A range that an indicator must lie in; outside, the result is not written."""

    minimum: float | None = None
    maximum: float | None = None
    why: Text


class Analysis(Model):
    """One question: the method that answers it, and all that the method needs."""

    method: Identifier
    title: Text
    question: Text
    use: Annotated[Text, Field(description="what the answer may be used for, and what not")]
    inputs: dict[Identifier, InputChoice]
    assumptions: dict[Identifier, AssumptionValue] = {}
    targets: tuple[Target, ...] = Field(default=(), strict=False)
    expectations: dict[Identifier, Expectation] = {}
