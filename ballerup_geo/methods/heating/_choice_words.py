"""The answer in words: for how much of the heat district heating costs less than a heat pump, ledger by ledger."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.methods._part import Words
from ballerup_geo.spec.words import number

__all__ = ["choice_words", "summary_words"]


def choice_words(indicators: Mapping[str, float | None]) -> Words:
    """Return the answer to "district heating or heat pump" as the headline figures give it."""
    names = ("society_dh_pct", "company_dh_pct", "household_dh_pct", "ledgers_agree_pct")
    values = [value for name in names if (value := indicators[name]) is not None]
    if len(values) < len(names):
        return {
            "da": "Alle opvarmede bygninger har fjernvarme eller varmepumpe: der er intet at vælge.",
            "en": "All heated buildings have district heating or a heat pump: there is nothing to choose.",
        }
    da, en = ([number(value, language=language) for value in values] for language in ("da", "en"))
    return {
        "da": (
            f"Af den varme, der endnu hverken er fjernvarme eller varmepumpe, er fjernvarme billigst for {da[0]} % i "
            f"samfundets regnskab, {da[1]} % i selskabets og {da[2]} % i husstandens; de tre er enige om {da[3]} %. "
            "De fleste priser er ikke efterprøvet."
        ),
        "en": (
            f"Of the heat that is neither district heating nor from heat pumps yet, district heating costs less for "
            f"{en[0]} % in society's ledger, {en[1]} % in the company's and {en[2]} % in the household's; the three "
            f"agree on {en[3]} %. Most prices are unverified."
        ),
    }


def summary_words() -> Words:
    """Return how it is computed, for the method's summary."""
    return {
        "da": (
            "Hver bygning uden fjernvarme og varmepumpe får tre regnskaber, der aldrig blandes: samfundets efter "
            "Energistyrelsens metode (kalkulationsrente, nettoafgiftsfaktor, udledning, forvridningstab), selskabets "
            "og husstandens (tarif, afgift, moms, tilslutning), i kr. pr. MWh som annuitet. Vendeprisen er den, hvor "
            "fjernvarme og varmepumpe koster det samme; tornadoen flytter én forudsætning ad gangen."
        ),
        "en": (
            "Each building without district heating and heat pump has three ledgers that are never mixed: society's by "
            "the method of the Danish Energy Agency (discount rate, net-tax factor, emissions, loss by distortion), "
            "the company's and the household's (tariff, taxes, VAT, connection), in DKK a MWh by annuities. A flip "
            "price is where district heating and heat pump cost the same; the tornado moves one assumption at a time."
        ),
    }
