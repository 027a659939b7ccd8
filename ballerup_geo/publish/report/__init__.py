"""A lokalplan's climate check as files: page, PDF, embed, files for Plandata, and ``assessment.json``.

A folder is written whole or not at all::

    index.html         the report: summary, themes, maps, method and sources, Danish and English
    report.pdf         the same, tagged, with bookmarks (where there is a Chromium)
    embed.html         the summary for a frame in another page;  embed.txt  the code that puts it there
    indberetning/      the area (and building fields) as shapefile, TAB and GML
    kortbilag/         maps of the site on paper, at an exact scale (where asked for)
    assessment.json    all figures, for other systems
"""

from ballerup_geo.publish.report._report import MapLink, Report
from ballerup_geo.publish.report._sheets import draw_sheets
from ballerup_geo.publish.report._ways import credits_of_inputs, site_maps
from ballerup_geo.publish.report._write import Written, table_of_plans, write_report

__all__ = [
    "MapLink",
    "Report",
    "Written",
    "credits_of_inputs",
    "draw_sheets",
    "site_maps",
    "table_of_plans",
    "write_report",
]
