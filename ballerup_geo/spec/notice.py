"""The words that stand on everything made from the modelled municipality; they cannot be switched off."""

from __future__ import annotations

from ballerup_geo.spec._model import Text

__all__ = ["MODEL_NOTICE"]

MODEL_NOTICE = Text(
    da="Modelberegnede data – ikke virkelige bygninger",
    en="Modelled data – not real buildings",
)
