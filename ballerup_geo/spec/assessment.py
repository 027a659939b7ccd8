"""What ``assessment.json`` holds: a plan area's climate check for other systems."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ballerup_geo.spec._model import Identifier, Model, NonEmpty, Text

__all__ = ["FORMAT", "AssessmentDocument"]

FORMAT = 1
"""Rises with any change of keys or their meaning: readers may refuse what they do not know."""

_Value = Annotated[
    float | Text | None, Field(description="a number in the figure's unit, words, or null: unknown or not asked")
]


class AnswerDocument(Model):
    """One answer: as it is today and with the proposal, with the rule that it is held to."""

    id: Identifier
    title: Text
    unit: Annotated[str, Field(description='"1" or "" for a pure number or words')]
    existing: _Value
    proposed: _Value
    target: Annotated[float | None, Field(description="the rule's number, in the figure's unit")]
    rule: Text | None
    status: Annotated[
        Literal["met", "look", "not_met", "unknown", "told"],
        Field(description="told: held to no rule; look: to be looked into"),
    ]
    status_text: Text
    how: Annotated[Text, Field(description="how it was computed")]
    assumed: Annotated[bool, Field(description="the proposal did not say what it needs: an assumption stands for it")]
    missing: Annotated[Text | None, Field(description="why it is unknown")]


class ThemeDocument(Model):
    """The answers of one theme, and what they leave out."""

    id: Identifier
    title: Text
    figures: Annotated[list[AnswerDocument], Field(min_length=1)]
    leaves_out: list[Text]


class OneAssessment(Model):
    """What was assessed: the area with one proposal, or as it is."""

    label: Annotated[Text | None, Field(description="the proposal's name, where there are two")]
    area_m2: Annotated[float, Field(gt=0)]
    proposal: bool
    concern: Annotated[
        int, Field(ge=0, description="1 for each answer to be looked into, 2 for each that keeps no rule")
    ]
    notes: Annotated[list[Text], Field(description="what was repaired, cut or taken for granted")]
    themes: Annotated[list[ThemeDocument], Field(min_length=1)]


class AssumptionDocument(Model):
    """A value that the answers stand on."""

    title: Text
    value: bool | int | float | str
    unit: NonEmpty
    source: NonEmpty


class AssessmentDocument(Model):
    """A plan area's climate check; two assessments are two proposals for the same area."""

    format: Literal[1]
    name: str
    municipality: NonEmpty
    data: Annotated[str, Field(description='"model": modelled data, not real buildings')]
    notice: Annotated[Text | None, Field(description="what must stand wherever these figures are shown")]
    newest_input: Annotated[str | None, Field(description="when the newest of the inputs was made (ISO 8601)")]
    crs: Literal["EPSG:25832"]
    bounds: Annotated[list[float], Field(min_length=4, max_length=4, description="west, south, east, north, m")]
    software: dict[str, str]
    assessments: Annotated[list[OneAssessment], Field(min_length=1, max_length=2)]
    assumptions: list[AssumptionDocument]
    inputs: Annotated[
        dict[str, dict[str, Any] | None], Field(description="where each input comes from; null: it was not there")
    ]
    upload: Annotated[list[str], Field(description="files in the folder indberetning")]
