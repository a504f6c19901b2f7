"""The HTTP client under all providers: how long to wait, whom to trust, what never to do."""

from __future__ import annotations

import os
import re
import socket
import ssl
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import httpx

from tui.core.providers.addresses import is_loopback
from tui.core.providers.base import DEFAULT_TIMEOUTS, Timeouts
from tui.core.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOPBACK_PATTERNS = ("all://localhost", "all://127.0.0.1", "all://[::1]")
_ERRNO = re.compile(r"\[Errno -?\d+\] ")
_KEEPALIVE_S = 60.0

# RFC 9110, sections 5.1 and 5.5, without the letters beyond ASCII.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?:[!-~](?:[ -~\t]*[!-~])?)?")


def new_http_client(timeouts: Timeouts = DEFAULT_TIMEOUTS) -> httpx.AsyncClient:
    """Make the pooled client that all calls share; the caller closes it.

    Proxies and certificates come from the environment, but a server on this machine is never asked through a
    proxy. Redirects are not followed, since they would carry the key to another host. Where the environment
    names a proxy that cannot be one, calls to other machines fail and say so.
    """
    make = partial(
        httpx.AsyncClient,
        headers={"User-Agent": f"penstock/{version('penstock')}"},
        timeout=httpx.Timeout(timeouts.read_s, connect=timeouts.connect_s, pool=timeouts.total_s),
        limits=httpx.Limits(max_connections=None, keepalive_expiry=_KEEPALIVE_S),
        follow_redirects=False,
    )
    here: dict[str, httpx.AsyncBaseTransport | None] = dict.fromkeys(_LOOPBACK_PATTERNS)
    try:
        return make(mounts=here)
    except (ValueError, httpx.InvalidURL):  # whose words repeat the address, and a password in it
        return make(mounts=here | {"all://": _NoProxy()}, trust_env=False)


class _NoProxy(httpx.AsyncBaseTransport):
    """Stands where a proxy should: going around it could show to others what it is to hide."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ProxyError("its address cannot be one", request=request)


def check_url(url: str, *, provider: str, allow_http: bool) -> httpx.URL:
    """Parse the address of a request.

    Raises ProviderError("bad_request") when it is no http(s) address, or when it would send a prompt and a
    key unencrypted to another machine.
    """
    if "@" in url:
        # Neither sent, since it would replace the key, nor repeated in a message, since it may be a password.
        raise _bad_url(provider, "the base_url holds a user name or password; take it out")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise _bad_url(provider, f"{url!r} is no web address ({error}); check base_url") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise _bad_url(provider, f"{url!r} must begin with https:// and name a host; check base_url")
    if parsed.scheme == "http" and not allow_http and not is_loopback(parsed.host):
        raise _bad_url(
            provider,
            f"plain http to {parsed.host} would send the key unencrypted; use https or set allow_http",
        )
    return parsed


def unsendable(headers: Mapping[str, str]) -> str:
    """Return the name of a header that HTTP cannot carry, or "".

    Asked here, because the complaint of the library below would repeat the value, which may be a key.
    """
    for name, value in headers.items():
        if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            return name
    return ""


def explain_transport(error: Exception, host: str) -> str:
    """Say in one sentence why the network failed and what to check; `host` may have a port."""
    match error:
        case httpx.ConnectTimeout():
            return f"{host} did not answer the connection in time; check the network and the proxy."
        case httpx.ProxyError():
            return f"The proxy refused the way to {host} ({error}); check HTTPS_PROXY and its like."
        case httpx.ConnectError():
            return f"Cannot reach {host} ({_reason(error)}); check the network, the proxy and base_url."
        case httpx.TimeoutException():
            return f"{host} has sent nothing for too long; try again or raise the timeout."
        case httpx.DecodingError():
            return f"{host} sent a damaged answer ({_reason(error)}); check what lies between."
        case _:
            return f"The connection to {host} broke ({_reason(error)}); try again."


def _reason(error: BaseException) -> str:
    """Return what the system said, where that is at the bottom of it: "Connection refused"."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror | ssl.SSLError) and cause.strerror:
            return cause.strerror
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno)  # asyncio puts words and the address in its place
        groups = isinstance(cause, BaseExceptionGroup)
        cause = cause.exceptions[0] if groups else cause.__cause__ or cause.__context__  # type: ignore[attr-defined]
    return _ERRNO.sub("", " ".join(str(error).split())) or type(error).__name__


def _bad_url(provider: str, problem: str) -> ProviderError:
    return ProviderError("bad_request", f"Provider {provider}: {problem}.", provider=provider)
