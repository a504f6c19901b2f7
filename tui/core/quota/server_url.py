"""The URL of a PostgreSQL server, which may hold a password, and must not be shown with it."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote, urlsplit

HIDDEN = "…"
_SCHEMES = ("postgresql", "postgres")
_SECRET_OPTIONS = ("password", "sslpassword")


def is_server_url(text: str) -> bool:
    """Return whether `text` is a URL as libpq takes it: postgresql://user:password@host:port/database."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and text.startswith(f"{parts.scheme}://")


def host_of(url: str) -> str:
    """Return the server's name for a message."""
    return urlsplit(url).hostname or "PostgreSQL"


def without_secrets(text: str, url: str) -> str:
    """Return `text` without the passwords that `url` holds, in whatever spelling."""
    parts = urlsplit(url)
    written = parts.netloc.rpartition("@")[0].partition(":")[2]
    secrets = [written, *(value for name, value in parse_qsl(parts.query) if name in _SECRET_OPTIONS)]
    spellings = {kind for one in secrets for kind in (one, unquote(one), quote(one), quote(one, safe=""))}
    for secret in sorted(spellings - {""}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def without_password(url: str) -> str:
    """Return the URL as it may be shown."""
    return without_secrets(url, url)
