"""The ID3 tag of a track: ID3v2.3, which old players read and new ones like."""

import io

from stretchaudio.track.manifest import Manifest

ARTIST = "stretchaudio"
GENRE = "Fitness"
MANIFEST_NAME = "manifest.json"


def tag(manifest: Manifest, *, album: str, year: int) -> bytes:
    """Write the tag.

    Args:
        manifest: What the track holds; it travels inside.
        album: What the track is a part of.
        year: When it was made.

    Returns:
        The bytes that a file begins with.
    """
    from mutagen import id3

    tags = id3.ID3()
    utf16 = id3.Encoding.UTF16
    tags.add(id3.TIT2(encoding=utf16, text=manifest.title))
    tags.add(id3.TPE1(encoding=utf16, text=ARTIST))
    tags.add(id3.TALB(encoding=utf16, text=album))
    tags.add(id3.TCON(encoding=utf16, text=GENRE))
    tags.add(id3.TYER(encoding=utf16, text=str(year)))
    tags.add(id3.TLEN(encoding=utf16, text=str(round(manifest.duration_s * 1000))))
    comment = f"Voice {manifest.voice}, {manifest.level_text}"
    tags.add(id3.COMM(encoding=utf16, lang="eng", desc="", text=comment))
    data = manifest.to_json().encode()
    tags.add(id3.GEOB(encoding=utf16, mime="application/json", filename=MANIFEST_NAME, desc=manifest.format, data=data))
    target = io.BytesIO()
    tags.save(target, v2_version=3, v1=0, padding=lambda _info: 0)
    return target.getvalue()
