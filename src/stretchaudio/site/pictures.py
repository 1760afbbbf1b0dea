"""Draw the pictures of a site: covers, pictures for lock screens, and icons."""

import hashlib
from collections.abc import Mapping
from functools import partial
from itertools import pairwise

from stretchaudio.cache import Cache, CacheArea, key_of
from stretchaudio.routine.body import HUES
from stretchaudio.routine.model import Routine
from stretchaudio.track.cover import (
    COVER_FORMAT,
    Drawing,
    cover,
    drawing_of,
    icon,
    is_cover,
    smaller,
)
from stretchaudio.track.reader import Embedded

ARTWORK_SIDES = (96, 256, 512)
"""Sides in pixels of the pictures that lock screens choose from."""
ICON_SIDES = (192, 512)
_MASKABLE = 512
_SAFE_PART = 0.8
_RING = (0.0, 0.13, 0.3, 0.42, 0.6, 0.72, 0.88, 1.0)
"""Where the pieces of the ring on the site's own picture begin and end, as parts of a turn."""


def session_cover(embedded: Embedded, routine: Routine | None) -> bytes:
    """Take the cover inside a track, or draw one if somebody put another picture in its place."""
    if embedded.cover and is_cover(embedded.cover):
        return embedded.cover
    return cover(drawing_of(embedded.manifest, routine.focus if routine else ()))


def session_artwork(picture: bytes, cache: Cache) -> Mapping[int, bytes]:
    """Make a cover smaller for lock screens; by side."""
    key = partial(key_of, COVER_FORMAT, "artwork", hashlib.sha256(picture).hexdigest())
    return {
        side: cache.get_or_create(CacheArea.COVERS, key(side), partial(smaller, picture, side))
        for side in ARTWORK_SIDES
    }


def site_cover(title: str, cache: Cache) -> bytes:
    """Draw the picture of a site."""
    key = key_of(COVER_FORMAT, "site", title)
    return cache.get_or_create(CacheArea.COVERS, key, partial(cover, _drawing(title)))


def site_icons(cache: Cache) -> Mapping[str, bytes]:
    """Draw the icons of a site; by name. Systems cut the maskable one to a shape of their own."""
    wanted = {f"icon-{side}.png": (side, 1.0) for side in ICON_SIDES}
    wanted[f"icon-maskable-{_MASKABLE}.png"] = (_MASKABLE, _SAFE_PART)
    return {
        name: cache.get_or_create(
            CacheArea.COVERS,
            key_of(COVER_FORMAT, "icon", side, part),
            partial(icon, _drawing(""), side, part=part),
        )
        for name, (side, part) in wanted.items()
    }


def _drawing(title: str) -> Drawing:
    exercises = tuple(pairwise(_RING))
    return Drawing(title=title, note="", exercises=exercises, windows=(), hue=HUES["whole body"])
