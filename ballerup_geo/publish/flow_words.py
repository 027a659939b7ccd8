"""The words around questions to the terrain, in Danish and English."""

from __future__ import annotations

from ballerup_geo.spec import Text

__all__ = ["FLOW_SCRIPT_WORDS", "FLOW_WORDS"]

FLOW_WORDS: dict[str, Text] = {
    key: Text(da=da, en=en)
    for key, da, en in (
        (
            "about",
            "Vælg et spørgsmål, og klik på kortet. Træk i skyderen for at lade det regne.",
            "Choose a question and click on the map. Move the slider to let it rain.",
        ),
        ("question", "Et klik på kortet skal", "A click on the map should"),
        ("mode_select", "vise, hvad der ligger dér", "show what lies there"),
        ("mode_drop", "følge en vanddråbe derfra", "follow a drop of water from there"),
        ("mode_catchment", "vise, hvorfra vand løber dertil", "show where water runs there from"),
        ("middle", "Spørg fra kortets midte", "Ask from the middle of the map"),
        ("clear", "Ryd", "Clear"),
        ("rain", "Regn på terrænet", "Rain on the terrain"),
        (
            "caution",
            "Beregnet i et net på … m, uden tid og uden kloakker. Dråbe og opland følger terrænets overflade, "
            "ikke underløb; når det regner, løber lavningernes vand også gennem underløb. Screening, ikke prognose.",
            "Computed on a grid of … m, without time and without sewers. Drop and catchment follow the surface of the "
            "ground, not culverts; when it rains, water in hollows runs through culverts too. "
            "Screening, not a forecast.",
        ),
    )
}

FLOW_SCRIPT_WORDS: dict[str, dict[str, str]] = {
    key: {"da": da, "en": en}
    for key, da, en in (
        ("loading", "Henter terrænet …", "Fetching the terrain …"),
        (
            "lost",
            "Terrænet kan ikke hentes: en fil mangler, eller den er beskadiget.",
            "The terrain cannot be fetched: a file is missing or damaged.",
        ),
        (
            "outside",
            "Terrænet er ikke beregnet her. Vælg et sted i kommunen eller i det, der løber til den.",
            "The terrain has not been computed here. Choose a place in the municipality or in what drains to it.",
        ),
        ("dropTitle", "En vanddråbe herfra", "A drop of water from here"),
        ("reaches", "løber dråben først til {0}", "the drop runs first to {0}"),
        ("onward", "og derfra videre til {0}", "and from there to {0}"),
        (
            "leaves",
            "løber dråben ud over kortets kant uden at møde en recipient",
            "the drop leaves the map without meeting a recipient",
        ),
        ("stays", "bliver dråben i lavningen", "the drop stays in the hollow"),
        (
            "stops",
            "Efter {0} mm regn: dråben bliver stående i en lavning, der ikke er fuld.",
            "After {0} mm of rain the drop stays in a hollow that is not full.",
        ),
        (
            "passes",
            "Efter {0} mm regn: lavningerne på vejen er fulde, og dråben kommer frem.",
            "After {0} mm of rain the hollows on the way are full, and the drop gets there.",
        ),
        ("free", "Ingen lavning holder dråben tilbage.", "No hollow holds the drop back."),
        ("whenFull", "Når lavningerne på vejen er fulde, {0}.", "Once the hollows on the way are full, {0}."),
        ("always", "Herfra {0}.", "From here {0}."),
        ("length", "Længde", "Length"),
        ("fall", "Fald", "Fall"),
        ("levels", "Fra kote til kote", "From height to height"),
        ("hollowsPassed", "Lavninger på vejen, mindst {0} m dybe", "Hollows on the way, at least {0} m deep"),
        ("profile", "Terrænprofil langs vejen", "Terrain profile along the way"),
        (
            "profileText",
            "Terrænprofil: {0} fra kote {1} til kote {2}. Højeste punkt {3}, laveste {4}. {5}",
            "Terrain profile: {0} from height {1} to height {2}. Highest point {3}, lowest {4}. {5}",
        ),
        ("profileHollows", "Lavninger på vejen: {0}, den dybeste {1}.", "Hollows on the way: {0}, the deepest {1}."),
        ("profileKey", "Blå: vand i fulde lavninger", "Blue: water in full hollows"),
        ("catchmentTitle", "Hertil løber vand fra", "Water runs here from"),
        ("area", "Opland", "Catchment"),
        ("share", "Andel, der løber af", "Share that runs off"),
        ("fallen", "Regn på oplandet, {0} mm", "Rain on the catchment, {0} mm"),
        ("running", "Heraf løber af", "Of which runs off"),
        (
            "shareNote",
            "Andelen er lavningernes afløbskoefficient; {0} mm bliver på overfladen. "
            "Vand, som lavninger i oplandet holder tilbage, er ikke trukket fra.",
            "The share is the hollows' runoff coefficient; {0} mm stay on the surface. "
            "Water that hollows in the catchment hold back has not been deducted.",
        ),
        (
            "areaNote",
            "Uden afløbskoefficient: alt, hvad der falder, er regnet med.",
            "Without a runoff coefficient: all that falls is counted.",
        ),
        ("moved", "Flyttet {0} til den nærmeste strøm.", "Moved {0} to the nearest stream of water."),
        ("waterTitle", "Efter {0} mm regn", "After {0} mm of rain"),
        ("standing", "Vand, der står i lavninger", "Water standing in hollows"),
        ("overflow", "Løber over fra fulde lavninger og ud", "Spills from full hollows and leaves"),
        ("full", "Fulde lavninger", "Full hollows"),
        ("of", "{0} af {1}", "{0} of {1}"),
        ("depths", "Vanddybde på kortet", "Depth of water on the map"),
        ("depthOver", "{0} m eller mere", "{0} m or more"),
        ("depthBetween", "{0}–{1} m", "{0}–{1} m"),
        ("hidden", "Skjult, mens det regner: {0}.", "Hidden while it rains: {0}."),
        ("metres", "{0} m", "{0} m"),
        ("kilometres", "{0} km", "{0} km"),
    )
}
