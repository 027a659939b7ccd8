"""The base of every content model, and text in two languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = ["IDENTIFIER", "Identifier", "Model", "NonEmpty", "Text"]

IDENTIFIER = r"^[a-z][a-z0-9_]{0,62}$"
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
"""A name used as file stem, table or column name: lower-case letters, digits, underscore."""

NonEmpty = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Model(BaseModel):
    """Frozen and strict: an unknown key or a value of another type is a fault, never a guess.

    TOML's ``nan`` and ``inf`` are no numbers here: no comparison answers the one, and JSON can hold neither.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Text(Model):
    """The same words in Danish and in English."""

    da: Annotated[NonEmpty, Field(description="Danish, the language readers meet first")]
    en: Annotated[NonEmpty, Field(description="English, written as carefully")]
