"""Keys of services: read from the environment or the project's ``.env``, and taken out of every message again."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ballerup_geo.errors import Fault, SourceError
from ballerup_geo.spec import KeyName

__all__ = ["KEYS", "Key", "Keys"]

HIDDEN = "…"
_SHORTEST = 6
"""A secret shorter than this is no secret; replacing it everywhere would spoil the messages."""
_IN_QUERY = re.compile(r"(?i)\b(api[_-]?key|access_token|token|password|pwd|client_secret|username)=[^&\s\"'<>]+")
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s:@\"'<>]*:[^/\s@\"'<>]*@")
_LINE = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>.*?))(?:\s+\#.*|\s*)"""
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key: the variable that holds it, the parameter it travels in, and where one gets it."""

    name: str
    variable: str
    parameter: str
    where: str

    @property
    def advice(self) -> str:
        """What to do when the key is missing."""
        return f"{self.where}; then put {self.variable}=… into the environment or into the project's .env"


KEYS: Mapping[str, Key] = {
    key.name: key
    for key in (
        Key(
            "datafordeler",
            "BALLERUP_GEO_DATAFORDELER_KEY",
            "apikey",
            "make an API key in Datafordeler Administration (https://administration.datafordeler.dk, with MitID)",
        ),
        Key(
            "dataforsyningen",
            "BALLERUP_GEO_DATAFORSYNINGEN_TOKEN",
            "token",
            "make a user and a token on https://dataforsyningen.dk",
        ),
        Key(
            "postgis",
            "BALLERUP_GEO_POSTGIS",
            "",
            "ask whoever runs the database for postgresql://user:password@host/database of a role that may read",
        ),
    )
}


class Keys:
    """The keys at hand. Neither ``repr`` nor any message shows a value.

    Parameters
    ----------
    values
        Variable → value, e.g. ``{"BALLERUP_GEO_DATAFORDELER_KEY": "…"}``.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        known = {key.variable for key in KEYS.values()}
        self._values = {name: value.strip() for name, value in values.items() if name in known and value.strip()}
        self._secrets = [pattern for value in self._values.values() if (pattern := _pattern(value)) is not None]

    @classmethod
    def read(cls, folder: Path) -> Keys:
        """Read the keys from ``folder/.env`` and the environment; the environment goes before."""
        set_here = {name: value for name, value in os.environ.items() if value.strip()}
        return cls({**_dotenv(folder / ".env"), **set_here})

    def __repr__(self) -> str:
        return f"Keys({', '.join(sorted(self._values)) or 'none'})"

    def has(self, name: KeyName | None) -> bool:
        """Say whether a key is at hand; a service that wants none is always served."""
        return name is None or KEYS[name].variable in self._values

    def value(self, name: KeyName) -> str:
        """Return a key's value.

        Raises
        ------
        SourceError
            It is not at hand: which key, and where one gets it.
        """
        if not self.has(name):
            key = KEYS[name]
            raise SourceError(Fault(key.variable, "", "the key is not there", key.advice))
        return self._values[KEYS[name].variable]

    def parameters(self, name: KeyName | None) -> dict[str, str]:
        """Return the query parameter that carries a key: ``{"apikey": "…"}``, or nothing."""
        return {} if name is None else {KEYS[name].parameter: self.value(name)}

    def redact(self, text: str) -> str:
        """Take every key, and whatever looks like one, out of a text.

        Examples
        --------
        >>> Keys({}).redact("https://x.dk/wfs?apikey=abc&request=GetFeature and postgresql://me:pw@host/db")
        'https://x.dk/wfs?apikey=…&request=GetFeature and postgresql://…@host/db'
        """
        for secret in self._secrets:
            text = secret.sub(HIDDEN, text)
        text = _IN_QUERY.sub(lambda found: f"{found[1]}={HIDDEN}", text)
        return _IN_ADDRESS.sub(f"{HIDDEN}@", text)


def _pattern(value: str) -> re.Pattern[str] | None:
    """Return what finds a secret however an address or JSON writes it; of a database address, its password too.

    Each letter stands as it is, behind a backslash, or as the bytes %xx.
    """
    password = urlsplit(value).password if "://" in value else None
    plain = {value, *((password, unquote(password)) if password else ())}
    long = sorted((text for text in plain if len(text) >= _SHORTEST), key=len, reverse=True)
    return re.compile("|".join("".join(map(_letter, text)) for text in long)) if long else None


def _letter(letter: str) -> str:
    coded = "".join(f"%{byte:02x}" for byte in letter.encode())
    return rf"(?:\\?{re.escape(letter)}|(?i:{coded})" + (r"|\+)" if letter == " " else ")")


def _dotenv(path: Path) -> dict[str, str]:
    """Read ``NAME=value`` lines; quotes around a value are taken off, and what stands behind `` #`` is a remark."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SourceError(
            Fault(str(path), "", f"cannot be read ({why})", "save it as UTF-8, readable for you")
        ) from None
    found = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match:
            found[match["name"]] = next(match[kind] for kind in ("double", "single", "bare") if match[kind] is not None)
    return found
