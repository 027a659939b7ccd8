"""Where a database is: ``postgresql://user@host:5432/database``, never with a password in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

from ballerup_geo.errors import Fault, ProjectError

__all__ = ["PORT", "Address", "read_address"]

PORT = 5432
_SCHEMES = ("postgresql", "postgres")
_OPTIONS = ("sslmode", "sslrootcert", "connect_timeout")
"""What may follow behind a question mark; all else is refused, since it might hold a secret."""
_FORM = "postgresql://user@host:5432/database"


@dataclass(frozen=True, slots=True)
class Address:
    """A database on a server, and who asks for it."""

    host: str
    database: str
    user: str | None = None
    """None: as the system or ``PGUSER`` says."""
    port: int = PORT
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        user = "" if self.user is None else f"{self.user}@"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{user}{host}:{self.port}/{self.database}"


def read_address(text: str, *, where: str, key: str = "", secret_in: str) -> tuple[Address, str | None]:
    """Read an address; return it and the password that stood in it.

    Parameters
    ----------
    text
        ``postgresql://user@host:5432/database?sslmode=require``.
    where, key
        What a message points to.
    secret_in
        What is said about where a password belongs.

    Raises
    ------
    ProjectError
        It cannot be understood. The message does not repeat it: a mistyped address may hold a password.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port or PORT
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise ProjectError(Fault(where, key, "the address cannot be understood", f"write it as {_FORM}")) from error
    database = unquote(parts.path.lstrip("/"))
    if parts.scheme not in _SCHEMES or not parts.hostname or not database or "/" in database:
        what = "the address names no server or no database" if parts.scheme in _SCHEMES else "is no PostgreSQL address"
        raise ProjectError(Fault(where, key, what, f"write it as {_FORM}"))
    if surplus := sorted(set(options) - set(_OPTIONS)):
        shown = ", ".join(name for name in surplus if name.isidentifier())
        what = f"the address has options that are not used here: {shown}"
        raise ProjectError(Fault(where, key, what, f"leave them out; known are {', '.join(_OPTIONS)}; {secret_in}"))
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return Address(parts.hostname, database, user, port, MappingProxyType(options)), password
