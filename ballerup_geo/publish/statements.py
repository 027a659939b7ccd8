"""What the site says about itself: the accessibility statement and the privacy note.

The statement has the parts that the EU's model statement (decision 2018/1523) and the Danish order no. 904 of
22 August 2019 ask for. What only the municipality can say comes from ``[municipality.accessibility]``; what it has not
said is called "ikke oplyst".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from ballerup_geo.publish.foot import ACCESSIBILITY, PRIVACY
from ballerup_geo.publish.pages import text_page
from ballerup_geo.publish.text import both
from ballerup_geo.spec import Accessibility, Municipality, Text

__all__ = ["accessibility_page", "privacy_page"]

_NOT_TOLD = Text(da="ikke oplyst", en="not told")

_STATUS = (
    Text(
        da="Siderne er lavet efter WCAG 2.1 niveau AA (EN 301 549) og opfylder det delvist: det, der mangler, står "
        "nedenfor.",
        en="The pages are made to WCAG 2.1 level AA (EN 301 549) and meet it in part: what is lacking is listed below.",
    ),
)
_KNOWN = (
    Text(
        da="Selve kortbilledet kan ikke læses af en skærmlæser. Det samme står på siden som »Kortet i ord« og som "
        "tabeller, og en række i tabellen kan vise sit sted på kortet.",
        en="The picture of the map cannot be read by a screen reader. The same is on the page as “The map in words” "
        "and as tables, and a row of a table can show its place on the map.",
    ),
    Text(
        da="En lang tabel viser kun de øverste rækker; siden siger, hvor mange af hvor mange.",
        en="A long table shows its first rows only; the page says how many of how many.",
    ),
    Text(
        da="Navne og streger på kortet kan være små på en telefon. Kortet kan forstørres med plus og minus.",
        en="Names and lines on the map may be small on a phone. Plus and minus enlarge the map.",
    ),
    Text(
        da="Figurer i PDF, SVG og PNG er billeder uden mærker for skærmlæsere. Kortets side har teksten.",
        en="Figures as PDF, SVG and PNG are pictures without tags for screen readers. The map's page has the text.",
    ),
)
_FAINT = Text(
    da="Disse kort har farver, der står med mindre end 3:1 mod kortets bund. Deres tal står i signaturforklaringen:",
    en="These maps have colours with a contrast below 3:1 against the map's ground. Their figures are in the legend:",
)
_TESTED = (
    Text(
        da="Siderne er prøvet af dem, der har lavet dem, i Chromium: automatisk med axe-core, med tastatur alene, i en "
        "bredde som en telefons, og med lyse og mørke farver. Tekstfarverne er regnet efter til 4,5:1.",
        en="The pages were tested by their makers in Chromium: automatically with axe-core, by keyboard alone, at a "
        "phone's width, and in light and dark colours. The colours of text are computed to be 4.5:1.",
    ),
    Text(
        da="De er ikke prøvet af brugere af skærmlæser, og ikke i Firefox og Safari.",
        en="They were not tested by users of screen readers, nor in Firefox and Safari.",
    ),
)
_LAW = (
    Text(
        da="Digitaliseringsstyrelsen fører tilsyn med lov om tilgængelighed af offentlige organers websteder og "
        "mobilapplikationer. Svarer kommunen ikke, eller hjælper svaret ikke, kan du skrive til styrelsen.",
        en="The Danish Agency for Digital Government supervises the act on the accessibility of public bodies' "
        "websites. If the municipality does not answer, or its answer does not help, you can write to the agency.",
    ),
    Text(
        da="En myndighed afgiver sin erklæring i styrelsens WAS-Tool. Denne side siger det, der er at sige om "
        "kortsiderne, og erstatter ikke erklæringen dér.",
        en="A public body makes its statement in the agency's WAS-Tool. This page says what there is to say about the "
        "map pages, and does not replace the statement there.",
    ),
)
_REPORT = Text(
    da="Er der noget, du ikke kan læse eller bruge, så skriv eller ring. Sig, hvilken side det er, og hvad du ville.",
    en="If there is something that you cannot read or use, write or call. Say which page it is, and what you wanted.",
)
_OFFICIAL = Text(da="Den officielle erklæring:", en="The official statement:")
_LAST = Text(da="Erklæringen er sidst gennemgået:", en="The statement was last gone through:")
_TELEPHONE, _WRITTEN = Text(da="Telefon:", en="Telephone:"), Text(da="Skriftligt:", en="In writing:")

_NO_COOKIES = (
    Text(
        da="Siderne sætter ingen cookies og gemmer intet i din browser.",
        en="The pages set no cookies and store nothing in your browser.",
    ),
    Text(
        da="De henter intet fra andre end den server, de ligger på: ingen skrifttyper, baggrundskort, statistik eller "
        "søgetjenester. Siderne siger det til browseren, som afviser alt andet.",
        en="They fetch nothing from anyone but the server they lie on: no fonts, background maps, statistics or search "
        "services. The pages tell the browser so, and it refuses all else.",
    ),
)
_TYPED = (
    Text(
        da="Det, du skriver, klikker på eller trækker i, bliver i din browser: søgning, mål og beregninger sker på "
        "siden. Det valgte står efter # i adressen, og den del sender browseren ikke.",
        en="What you type, click or drag stays in your browser: searching, measuring and computing happen in the page. "
        "What is selected stands after # in the address, and that part the browser does not send.",
    ),
    Text(
        da="Deler du adressen, deler du også det valgte. Et kort, der er sat ind på en anden side, kan have lag og "
        "udsnit efter ? i sin adresse; dem har den side skrevet, og serveren ser dem.",
        en="If you share the address, you share what is selected. A map that stands inside another page may have "
        "layers and extent after ? in its address; that page wrote them, and the server sees them.",
    ),
)
_FEW = (
    Text(
        da="Tal om personer, for eksempel beboere og elever, er skjult, hvor få står bag, og hvor et samlet tal "
        "ellers ville røbe dem. Hvor grænsen går, står ved det skjulte tal. Det gælder kort, tabeller og filer. Hvor "
        "mange boliger der ligger et sted, er ikke skjult: husene kan enhver se.",
        en="Figures about persons, such as residents and pupils, are withheld where few stand behind them, and where "
        "a total would otherwise give them away. The limit stands by the withheld figure. It holds for maps, tables "
        "and files. How many dwellings lie at a place is not withheld: anyone can see the houses.",
    ),
)
_SERVER = (
    Text(
        da="Siderne fører ingen log. Den, der udgiver dem, har en webserver, som kan notere IP-adresse, tidspunkt og "
        "hentet fil. Hvad den noterer, og hvor længe, må du spørge udgiveren om.",
        en="The pages keep no log. Whoever publishes them has a web server, which may note IP address, time and file "
        "fetched. What it notes, and for how long, is for the publisher to tell.",
    ),
    Text(
        da="Et kort, der er gemt som én fil, åbner fra din disk uden netværk.",
        en="A map saved as one file opens from your disk without a network.",
    ),
)


def accessibility_page(
    municipality: Municipality, *, site: Text, modelled: bool, faint: Sequence[tuple[str, Text]] = ()
) -> str:
    """Return the accessibility statement (``tilgaengelighed.html``).

    Parameters
    ----------
    faint
        Address and title of the maps that have colours too faint to be seen by themselves.
    """
    told = municipality.accessibility
    known = Markup("").join(Markup("<li>{}</li>").format(both(each)) for each in _KNOWN)
    title = Text(
        da=f"Tilgængelighed: {site.da}",
        en=f"Accessibility: {site.en}",
    )
    main = Markup('<h1>{}</h1><p class="answer">{}</p>{}').format(
        both(title),
        both(_responsible(municipality.name)),
        Markup("").join(
            (
                _part(Text(da="Hvor langt siderne er", en="How far the pages are"), _paragraphs(_STATUS)),
                _part(
                    Text(da="Hvad der ikke virker for alle", en="What does not work for everybody"),
                    Markup('<ul class="notes">{}{}</ul>').format(known, _faint(faint)),
                ),
                _part(Text(da="Sådan er det prøvet", en="How it was tested"), _paragraphs(_TESTED), _dated(told)),
                _part(Text(da="Sig til, hvis noget mangler", en="Tell if something is missing"), _contact(told)),
                _part(Text(da="Tilsyn", en="Supervision"), _paragraphs(_LAW), _official(told)),
            )
        ),
    )
    return text_page(ACCESSIBILITY, site, home="index.html", main=main, modelled=modelled)


def privacy_page(*, site: Text, modelled: bool) -> str:
    """Return the privacy note (``privatliv.html``)."""
    answer = Text(
        da="Siderne ved ikke, hvem du er, og spørger ikke.",
        en="The pages do not know who you are, and do not ask.",
    )
    main = Markup('<h1>{}</h1><p class="answer">{}</p>{}').format(
        both(PRIVACY),
        both(answer),
        Markup("").join(
            (
                _part(
                    Text(da="Ingen cookies, ingen tredjepart", en="No cookies, no third party"),
                    _paragraphs(_NO_COOKIES),
                ),
                _part(
                    Text(da="Det, du skriver, bliver hos dig", en="What you type stays with you"), _paragraphs(_TYPED)
                ),
                _part(Text(da="Personer og boliger", en="Persons and homes"), _paragraphs(_FEW)),
                _part(Text(da="Webserveren", en="The web server"), _paragraphs(_SERVER)),
            )
        ),
    )
    return text_page(PRIVACY, site, home="index.html", main=main, modelled=modelled)


def _responsible(name: str) -> Text:
    """Say who must make the pages accessible; names that already say what they are get no second word."""
    return Text(
        da=f"{name} Kommune skal gøre sine websider tilgængelige for alle. Her står, hvordan det er med kortsiderne.",
        en=f"The municipality of {name} must make its web pages accessible to all. This is how the map pages stand.",
    )


def _part(heading: Text, *inside: Markup) -> Markup:
    return Markup("<section><h2>{}</h2>{}</section>").format(both(heading), Markup("").join(inside))


def _paragraphs(texts: Sequence[Text]) -> Markup:
    return Markup("").join(Markup("<p>{}</p>").format(both(text)) for text in texts)


def _faint(faint: Sequence[tuple[str, Text]]) -> Markup:
    if not faint:
        return Markup("")
    links = Markup(", ").join(Markup('<a href="{}">{}</a>').format(href, both(title)) for href, title in faint)
    return Markup("<li>{} {}.</li>").format(both(_FAINT), links)


def _dated(told: Accessibility | None) -> Markup:
    day = both(_NOT_TOLD) if told is None else Markup('<time datetime="{}">{}</time>').format(told.date, told.date)
    return Markup("<p>{} {}.</p>").format(both(_LAST), day)


def _contact(told: Accessibility | None) -> Markup:
    written = both(_NOT_TOLD) if told is None else _address(told.written)
    telephone = both(_NOT_TOLD)
    if told is not None:
        number = re.sub(r"[^0-9+]", "", told.telephone)
        telephone = Markup('<a href="tel:{}">{}</a>').format(number, told.telephone)
    return Markup("<p>{}</p><ul><li>{} {}</li><li>{} {}</li></ul>").format(
        both(_REPORT), both(_WRITTEN), written, both(_TELEPHONE), telephone
    )


def _address(written: str) -> Markup:
    """Return a link to an e-mail address or a form; the content file's check lets nothing else in."""
    href = written if written.startswith("https://") else f"mailto:{written}"
    return Markup('<a href="{}">{}</a>').format(href, written)


def _official(told: Accessibility | None) -> Markup:
    if told is None or told.official is None:
        return Markup("<p>{} {}.</p>").format(both(_OFFICIAL), both(_NOT_TOLD))
    return Markup("<p>{} {}</p>").format(both(_OFFICIAL), _address(told.official))
