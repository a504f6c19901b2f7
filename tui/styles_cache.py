"""What a widget looked like goes with the widget."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from textual._styles_cache import StylesCache
from textual.style import Style

if TYPE_CHECKING:
    from textual.color import Color


@lru_cache(1024)
def _inner_outer(base_background: Color, background: Color) -> tuple[Style, Style]:
    return Style(background=base_background + background), Style(background=base_background)


def _get_inner_outer(_: StylesCache, base_background: Color, background: Color) -> tuple[Style, Style]:
    return _inner_outer(base_background, background)


def forget_with_widget() -> None:
    """From now on remember two colours by themselves.

    Textual (8.2.8, `_styles_cache.py`) remembers them by the cache of the widget as well, and with it the
    lines of up to 1,024 widgets that have gone: some 50 MB.
    """
    setattr(StylesCache, "get_inner_outer", _get_inner_outer)  # noqa: B010 - a method of Textual's
