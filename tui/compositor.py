"""A compositor that renders what an update touches, and nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._compositor import Compositor
from textual.geometry import Region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.strip import Strip


class NarrowCompositor(Compositor):
    """Textual renders, for one row that has changed, all rows of all widgets around it.

    Not public; the version of Textual is pinned, and a test compares its updates with these.
    """

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not crop:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            touched = region.intersection(clip).intersection(crop)
            if touched:
                band = Region(clip.x, touched.y, clip.width, touched.height)
                x, y, width, height = region.intersection(band)
                lines = widget.render_lines(Region(x - region.x, y - region.y, width, height))
                yield region, band, lines
