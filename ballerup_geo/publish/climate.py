"""What the analyses say of CO2, as a section of the page on the plan's targets."""

from __future__ import annotations

from markupsafe import Markup

from ballerup_geo.publish.text import both, with_unit
from ballerup_geo.results import BASE_YEARS, Climate, Effect
from ballerup_geo.spec import Text
from ballerup_geo.spec.words import known_digits

__all__ = ["climate_section"]

SIGNIFICANT = 3
"""Figures of a mass that are shown."""

_TITLE = Text(da="Virkning på CO2", en="Effect on CO2")
_ABOUT = Text(
    da="Alle virkninger holdes op mod kommunens eget CO2-regnskab: det, der brændes i kommunen som geografisk område. "
    "Kun det, der hører til dér, lægges sammen, og intet tælles to gange. Rækkefølgen betyder noget: "
    "varmebesparelser virker mere, hvis de regnes før omlægningen til fjernvarme og varmepumper end efter.",
    en="All effects are held against the municipality's own CO2 account: what is burnt in the municipality as a "
    "geographic area. Only what belongs there is added up, and nothing is counted twice. The order matters: heat "
    "savings count for more if they are reckoned before the change to district heating and heat pumps than after.",
)
_HEADS = (
    Text(da="Virkning", en="Effect"),
    Text(da="Før, t om året", en="Before, t a year"),
    Text(da="Efter, t om året", en="After, t a year"),
    Text(da="Fald, t om året", en="Fall, t a year"),
    Text(da="Tælles med", en="Counted"),
)
_YES, _NO = Text(da="ja", en="yes"), Text(da="nej", en="no")
_SUM = Text(da="I alt, det der tælles med og er kendt", en="Sum of what is counted and known")
_NO_ACCOUNT = Text(
    da="Regnskabets tal for 1990 (målets basisår) og 2019 (dataenes basisår) er ikke indtastet; faldet kan derfor ikke "
    "siges i procent. De hører hjemme i layers/municipality.toml.",
    en="The account's figures of 1990 (the target's base year) and 2019 (the data's) have not been entered, so the "
    "fall cannot be told in per cent. They belong in layers/municipality.toml.",
)
_MODELLED = Text(
    da="Tallene er regnet på modeldata og siger intet om kommunens udledning.",
    en="The figures are computed on modelled data and say nothing of the municipality's emissions.",
)


def climate_section(climate: Climate, *, modelled: bool) -> Markup:
    """Return the section; nothing where no analysis says anything of CO2."""
    if not climate.effects:
        return Markup("")
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(both(head)) for head in _HEADS)
    rows = Markup("").join(_row(each) for each in climate.effects)
    total = Markup('<tr><th scope="row">{}</th><td></td><td></td><td class="num">{}</td><td></td></tr>').format(
        both(_SUM), _tonnes(climate.fall_t)
    )
    note = Markup("<p>{}</p>").format(both(_MODELLED)) if modelled else Markup("")
    return Markup(
        '<section id="co2"><h2>{}</h2><p>{}</p>{}{}<div class="scroll" tabindex="0" role="region" aria-label="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}{}</tbody></table></div></section>"
    ).format(both(_TITLE), both(_ABOUT), note, _shares(climate), _TITLE.da, heads, rows, total)


def _row(each: Effect) -> Markup:
    return Markup(
        '<tr><th scope="row">{}<br><span class="small">{}</span></th><td class="num">{}</td><td class="num">{}</td>'
        '<td class="num">{}</td><td>{}</td></tr>'
    ).format(
        both(each.effect.title),
        both(each.effect.why),
        _tonnes(each.before_t),
        _tonnes(each.after_t),
        _tonnes(each.fall_t),
        both(_YES if each.effect.counted else _NO),
    )


def _tonnes(value: float | None) -> Markup:
    return both(with_unit(value, "t", digits=None if value is None else known_digits(value, significant=SIGNIFICANT)))


def _shares(climate: Climate) -> Markup:
    known = [(year, climate.share_pct(climate.fall_t, year)) for year in BASE_YEARS]
    if all(share is None for _, share in known):
        return Markup("<p>{}</p>").format(both(_NO_ACCOUNT))
    parts = Markup("").join(
        Markup("<li>{}: {}</li>").format(year, both(with_unit(share, "%", digits=1))) for year, share in known
    )
    return Markup('<p>{}</p><ul class="plain">{}</ul>').format(
        both(Text(da="Faldet i procent af regnskabets år:", en="The fall in per cent of the account's years:")), parts
    )
