"""The words of the controls that a page's script makes: search, what the map says about a place, measuring, sharing."""

from __future__ import annotations

__all__ = ["CONTROL_WORDS"]

CONTROL_WORDS: dict[str, dict[str, str]] = {
    key: {"da": da, "en": en}
    for key, da, en in (
        ("searchTitle", "Søg på kortet", "Search the map"),
        ("searchFor", "Søg i: {}. Det, du skriver, bliver på denne side.", "Search in: {}. What you type stays here."),
        ("searchNone", "Intet på kortet hedder det.", "Nothing on the map is called that."),
        ("searchOne", "1 resultat", "1 result"),
        ("searchMany", "{} resultater", "{} results"),
        ("searchFirst", "De første {} af {} resultater", "The first {} of {} results"),
        ("searchStep", "Skyderen er flyttet hen, hvor {} findes.", "The slider was moved to where {} is there."),
        ("searchLost", "Listen kunne ikke hentes.", "The list could not be fetched."),
        ("placeTitle", "Hvad siger kortet om dette sted?", "What does the map say about this place?"),
        ("placeHere", "Her er: {}", "Here is: {}"),
        ("placeNearest", "Nærmeste: {}, {} i luftlinje", "Nearest: {}, {} as the crow flies"),
        ("placeSays", "{}: {}", "{}: {}"),
        ("placeFar", "{}, {} i luftlinje", "{}, {} as the crow flies"),
        ("placeNone", "ingen kendt her", "none known here"),
        ("placeUnread", "ikke kortlagt", "not mapped"),
        ("placeNothing", "Intet af det, kortet viser, ligger her.", "Nothing that the map shows lies here."),
        ("placeNotAll", "Det, der ikke er tegnet på kortet, kan godt findes.", "What is not drawn may still be there."),
        ("placeDrop", "Vis, hvor en dråbe løber hen herfra", "Show where a drop runs from here"),
        ("measureTitle", "Mål på kortet", "Measure on the map"),
        ("measureLength", "Mål en længde", "Measure a length"),
        ("measureArea", "Mål et areal", "Measure an area"),
        ("measureBack", "Fortryd sidste punkt", "Undo the last point"),
        ("measureEnd", "Afslut måling", "End measuring"),
        (
            "measureHow",
            "Klik på kortet for hvert punkt. Med tastaturet: flyt kortet med piletasterne, sæt et punkt i midten med "
            "Enter, fortryd med Backspace, afslut med Escape.",
            "Click on the map for each point. By keyboard: move the map with the arrow keys, set a point in its middle "
            "with Enter, undo with Backspace, end with Escape.",
        ),
        ("measureStart", "Sæt det første punkt.", "Set the first point."),
        ("measureNext", "Sæt næste punkt.", "Set the next point."),
        ("measuredLength", "Længde: {}", "Length: {}"),
        ("measuredArea", "Areal: {}. Omkreds: {}", "Area: {}. Perimeter: {}"),
        ("measureEnded", "Målingen er afsluttet.", "Measuring has ended."),
        ("shareLink", "Kopiér link til visningen", "Copy a link to this view"),
        ("shareDone", "Linket er kopieret.", "The link is copied."),
        ("shareByHand", "Kopiér adressen i browserens adresselinje.", "Copy the address in the browser's address bar."),
        ("strengths", "Farvernes styrke", "Strength of the colours"),
        ("percent", "{} %", "{} %"),
    )
}
