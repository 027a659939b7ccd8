"""The pages' own words, in Danish and English: every sentence that comes neither from content nor from data."""

from __future__ import annotations

from ballerup_geo.spec import Text

__all__ = ["SCRIPT_WORDS", "WORDS", "counted", "target_words"]

WORDS: dict[str, Text] = {
    key: Text(da=da, en=en)
    for key, da, en in (
        ("all_maps", "Alle kort", "All maps"),
        ("analysis_file", "Forudsætninger", "Assumptions"),
        ("answer", "Svar", "Answer"),
        ("area", "Område", "Area"),
        ("assumption", "Forudsætning", "Assumption"),
        ("attribution", "Kilde", "Source"),
        ("background", "Baggrund", "Background"),
        ("calculated", "Hvordan er det beregnet?", "How was this computed?"),
        ("caution", "Bemærk", "Note"),
        ("column", "Kolonne", "Column"),
        ("contents", "Indhold", "Contents"),
        ("content_link", "Spring til indholdet", "Skip to the content"),
        ("description", "Betydning", "Meaning"),
        ("downloads", "Hent data", "Download data"),
        (
            "downloads_about",
            "Filerne er i EPSG:25832 og DVR90. CSV er UTF-8 med semikolon og decimalkomma, til danske regneark. "
            "Nævn kilderne i LICENS.txt, når du bruger filerne.",
            "The files are in EPSG:25832 and DVR90. CSV is UTF-8 with semicolons and decimal commas, as Danish "
            "spreadsheets open it. Name the sources in LICENS.txt when you use the files.",
        ),
        (
            "edition_kept",
            "Denne udgave ændres ikke og kan sættes ind i en lokalplan. "
            "Genereret tekst er redegørelse, aldrig bestemmelser.",
            "This edition does not change: a local plan may embed it. Generated text is explanation, never provisions.",
        ),
        ("embed", "Indsæt kortet", "Embed the map"),
        (
            "embed_about",
            "Koden viser kortet, som det står nu, på en anden side.",
            "The code shows the map, as it is now, on another page.",
        ),
        ("embed_code", "Kode til indsætning", "Code for embedding"),
        ("embed_copy", "Kopiér koden", "Copy the code"),
        (
            "embed_plan",
            "Til en lokalplan skal du bruge en udgave (ballerup-geo publish --edition). Kortet her følger de nyeste "
            "beregninger; det ville ændre planens redegørelse, efter at planen er vedtaget.",
            "For a local plan use an edition (ballerup-geo publish --edition). This map follows the newest results; "
            "it would change the plan's explanation after the plan was adopted.",
        ),
        ("expectation", "Kontrol", "Check"),
        ("expectations", "Kontroller af resultatet", "Checks of the result"),
        (
            "failure",
            "Kortet kan ikke tegnes: browseren er for gammel, eller en fil mangler. Tal og tabel står på siden.",
            "The map cannot be drawn: the browser is too old, or a file is missing. Figures and table are here.",
        ),
        ("file", "Fil", "File"),
        ("figures", "Hovedtal", "Headline figures"),
        ("full_page", "Åbn hele kortet i en ny fane", "Open the whole map in a new tab"),
        ("figure_files", "Kortet til print", "The map for print"),
        ("format", "Format", "Format"),
        (
            "handouts_about",
            "Udskriv siden: hvert ark fylder én side A4. Skal kun ét med, så vælg dets nummer som side.",
            "Print the page: each sheet takes one page of A4. For one of them alone, choose its number as the page.",
        ),
        ("handouts_none", "Der er ingen ark.", "There are no sheets."),
        (
            "homes_stay",
            "Tabeller om enkelte boliger er ikke med.",
            "Tables about single homes are not included.",
        ),
        ("input", "Data", "Data"),
        ("inputs", "Data, der indgår", "Data used"),
        ("legend", "Signaturforklaring", "Legend"),
        ("licence", "Licens", "Licence"),
        ("limits", "Hvad beregningen ikke tager med", "What it does not consider"),
        ("maps", "Kort", "Maps"),
        ("measured", "måles i hver kørsel", "measured in each run"),
        ("method", "Metode", "Method"),
        ("missing", "Det mangler", "What is missing"),
        ("name", "Navn", "Name"),
        (
            "no_script",
            "Kortet tegnes med JavaScript, som er slået fra i din browser. Tal, tabel og kilder står her på siden.",
            "The map is drawn with JavaScript, which your browser has switched off. Figures, table, sources are here.",
        ),
        (
            "no_script_step",
            "Uden JavaScript viser siden det trin, der står her. Tabellerne har alle trin.",
            "Without JavaScript the page shows the step named here. The tables have all steps.",
        ),
        ("not_mapped", "ikke kortlagt", "not mapped"),
        ("not_run", "Ikke beregnet endnu.", "Not computed yet."),
        ("notes", "Bemærkninger", "Notes"),
        ("optional", "kan undværes", "optional"),
        ("other_language", "English", "Dansk"),
        ("outputs", "Hvad beregningen giver", "What it gives"),
        ("read_method", "Læs hele metoden", "Read the whole method"),
        ("required", "nødvendig", "required"),
        (
            "site_lead",
            "Kort over kommunens klimatilpasning og planlægning. Hvert kort svarer på ét spørgsmål.",
            "Maps of the municipality's climate adaptation and planning. Each map answers one question.",
        ),
        ("size", "Størrelse", "Size"),
        ("source", "Kilde", "Source"),
        ("sheets", "Kortbilag", "Map sheets"),
        (
            "sheets_about",
            "Til redegørelsen i en lokalplan, aldrig til dens bestemmelser. Udskriv i 100 %, så passer målestokken.",
            "For the explanatory statement of a local plan, never its provisions. Print at 100 % to keep the scale.",
        ),
        ("single", "Hent kortet som én fil", "Download the map as one file"),
        (
            "single_about",
            "Filen åbner i en browser fra disken, uden net.",
            "The file opens in a browser from the disk, without a network.",
        ),
        ("sources", "Kilder", "Sources"),
        ("status", "Status", "Status"),
        ("strength", "Farvens styrke", "Strength of the colour"),
        ("summary", "Sådan beregnes det", "How it is computed"),
        ("take", "Del og hent", "Share and download"),
        ("table", "Tabel", "Table"),
        ("table_link", "Spring til tabellen", "Skip to the table"),
        ("tables", "Kortet som tabel", "The map as a table"),
        ("target", "Mål", "Target"),
        ("targets", "Klimaplanens mål", "The climate plan's targets"),
        ("unit", "Enhed", "Unit"),
        ("unverified", "ikke efterprøvet", "unverified"),
        ("use", "Hvad svaret kan bruges til", "What the answer may be used for"),
        ("value", "Værdi", "Value"),
        ("version", "Metodens version", "Version of the method"),
        ("year", "År", "Year"),
    )
}

SCRIPT_WORDS: dict[str, dict[str, str]] = {
    key: {"da": da, "en": en}
    for key, da, en in (
        ("unknown", "ukendt", "unknown"),
        ("yes", "ja", "yes"),
        ("no", "nej", "no"),
        ("zoom", "Zoom hertil", "Zoom here"),
        ("row", "Vis i tabellen", "Show in the table"),
        ("close", "Luk", "Close"),
        ("copied", "Koden er kopieret.", "The code is copied."),
        ("marked", "Koden er markeret: tryk Ctrl+C.", "The code is selected: press Ctrl+C."),
        (
            "ignored",
            "{} i adressen kunne ikke bruges og er udeladt.",
            "{} in the address could not be used and is left out.",
        ),
        ("gone", "Det, som linket peger på, er ikke på kortet.", "What the link points to is not on the map."),
        ("zoomIn", "Zoom ind", "Zoom in"),
        ("zoomOut", "Zoom ud", "Zoom out"),
        ("map", "Kort. Piletaster flytter, plus og minus zoomer", "Map. Arrow keys move, plus and minus zoom"),
    )
}


def counted(shown: int, total: int) -> Text:
    """Say how many rows of a table stand on the page."""
    if shown == total:
        return (
            Text(da=f"{_danish(total)} rækker", en=f"{total:,} rows") if total != 1 else Text(da="1 række", en="1 row")
        )
    return Text(da=f"{_danish(shown)} af {_danish(total)} rækker", en=f"{shown:,} of {total:,} rows")


def target_words(year: int, value: Text | None, direction: str) -> Text:
    """Say what a target asks for, and by when."""
    if value is None:
        return Text(da=f"Mål {year}", en=f"Target {year}")
    da, en = ("mindst", "at least") if direction == "at_least" else ("højst", "at most")
    return Text(da=f"Mål {year}: {da} {value.da}", en=f"Target {year}: {en} {value.en}")


def _danish(value: int) -> str:
    return f"{value:,}".replace(",", ".")
