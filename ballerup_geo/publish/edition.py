"""An edition's name and date, as its pages say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from ballerup_geo.publish.text import both
from ballerup_geo.spec import Text

__all__ = ["Edition", "edition_line"]

_MONTHS_DA = (
    *("januar", "februar", "marts", "april", "maj", "juni"),
    *("juli", "august", "september", "oktober", "november", "december"),
)
_MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A dated copy of the site that does not change."""

    name: str
    date: date

    @property
    def line(self) -> Text:
        """Name and date in words.

        Examples
        --------
        >>> Edition("lokalplan-12", date(2026, 11, 23)).line.da
        'udgave lokalplan-12 af 23. november 2026'
        """
        day, month, year = self.date.day, self.date.month - 1, self.date.year
        return Text(
            da=f"udgave {self.name} af {day}. {_MONTHS_DA[month]} {year}",
            en=f"edition {self.name} of {day} {_MONTHS_EN[month]} {year}",
        )


def edition_line(edition: Edition | None) -> Markup:
    """Return the line in which a page says which edition it is of; nothing on the ordinary site."""
    if edition is None:
        return Markup("")
    line = edition.line
    said = Text(da=line.da[:1].upper() + line.da[1:], en=line.en[:1].upper() + line.en[1:])
    return Markup('<p class="edition">{}</p>').format(both(said))
