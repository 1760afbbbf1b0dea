"""Tracks made to harm whoever reads them, up to 100 MB.

Each is written by a few lines instead of being kept.
"""

import io
import json
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutagen.id3 import ID3
from PIL import Image

LARGE = 100_000_000
_LARGEST_MANIFEST = 40 * 1024 * 1024
_REPS_OF_12_HOURS = 144_000


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A whole track, taken apart."""

    frames: bytes
    """The frames of its tag, but for those with attached files."""
    manifest: dict[str, Any]
    routine: bytes
    sound: bytes

    @classmethod
    def of(cls, track: Path) -> "Parts":
        data, tags = track.read_bytes(), ID3(track)
        end = 10 + _from_sevens(data[6:10])
        return cls(
            frames=b"".join(_kept(data[10:end])),
            manifest=json.loads(tags["GEOB:stretchaudio-manifest/1"].data),
            routine=tags["GEOB:stretchaudio-routine/1"].data,
            sound=data[end:],
        )

    def track(
        self,
        *,
        manifest: bytes | None = None,
        before: bytes = b"",
        sound: bytes | None = None,
        flags: int = 0,
    ) -> bytes:
        """A track with some of it replaced.

        Args:
            manifest: Instead of its manifest.
            before: Frames that come first in the tag.
            sound: Instead of what follows the tag.
            flags: Of the tag.
        """
        attached = geob("manifest.json", self.json() if manifest is None else manifest) + geob(
            "routine.yaml", self.routine
        )
        frames = before + self.frames + attached
        return tag(frames, flags) + (self.sound if sound is None else sound)

    def frames_alone(self) -> bytes:
        """Its sound without the frame in front that says how long it is."""
        return self.sound[self.sound.index(b"\xff\xf3", 4) :]

    def json(self, **changed: Any) -> bytes:
        """Its manifest with other values."""
        return json.dumps(
            self.manifest | changed, separators=(",", ":"), ensure_ascii=False
        ).encode()

    def with_member(self, name: str, value: bytes) -> bytes:
        """Its manifest with another value that is JSON already."""
        rest = {key: one for key, one in self.manifest.items() if key != name}
        return b'{"%s":%s,%s' % (name.encode(), value, json.dumps(rest).encode()[1:])


def _kept(frames: bytes) -> Iterator[bytes]:
    at = 0
    while at + 10 <= len(frames):
        size = 10 + int.from_bytes(frames[at + 4 : at + 8])
        if frames[at : at + 4] not in {b"GEOB", b"APIC"}:
            yield frames[at : at + size]
        at += size


def _from_sevens(size: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True))


def tag(frames: bytes, flags: int = 0, size: int | None = None) -> bytes:
    """An ID3v2.3 tag."""
    size = len(frames) if size is None else size
    return (
        b"ID3\3\0"
        + bytes([flags])
        + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
        + frames
    )


def frame(name: str, body: bytes) -> bytes:
    """A frame of one."""
    return name.encode() + struct.pack(">IH", len(body), 0) + body


def geob(name: str, data: bytes) -> bytes:
    """An attached file."""
    return frame("GEOB", b"\0application/json\0" + name.encode() + b"\0x\0" + data)


def apic(picture: bytes) -> bytes:
    """A cover."""
    return frame("APIC", b"\0image/jpeg\0\3\0" + picture)


def many(what: bytes, size: int, around: bytes = b"[]") -> bytes:
    """A list, or an object, of the same again and again."""
    return around[:1] + b",".join([what] * (size // (len(what) + 1))) + around[1:]


def _numbered(template: str, most: int, size: int = _LARGEST_MANIFEST - 100_000) -> bytes:
    """As `many`, each with its number."""
    longest = len((template % most).encode()) + 1
    return ",".join(template % number for number in range(min(most, size // longest))).encode()


def _twelve_hours(parts: Parts) -> bytes:
    """A manifest that is in order, of a session that is not there."""
    starts = [round(number * 0.3, 3) for number in range(_REPS_OF_12_HOURS)]
    like = {"exercise": "Side reach"}
    return parts.json(
        duration_s=43_200.0,
        windows=[
            {
                "kind": "rep",
                "start_s": at,
                "length_s": 0.3,
                "side": None,
                "set": 1,
                "rep": 1,
                **like,
            }
            for at in starts
        ],
        cues=[
            {"kind": "count", "text": "Up", "start_s": at, "end_s": at + 0.25, **like}
            for at in starts
        ],
        envelopes={"Up": "9" * 14},
    )


def _wide(parts: Parts) -> bytes:
    """Texts whose letters take four bytes each once they are read."""
    entry = '{"text":"%d \N{PERSON IN LOTUS POSITION}' + "a" * 1900 + '","reason":"","exercise":""}'
    return parts.with_member("dropped", b"[" + _numbered(entry, 100_000) + b"]")


def _bomb(kind: str, width: int, height: int) -> bytes:
    """A picture that says of itself that it is very large."""
    target = io.BytesIO()
    Image.new("RGB", (16, 16)).save(target, kind)
    data = bytearray(target.getvalue())
    if kind == "PNG":
        data[16:24] = struct.pack(">II", width, height)
    else:
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


MANIFESTS: dict[str, tuple[Callable[[Parts], bytes], str]] = {
    "brackets": (lambda _: b"[" * 10_000_000, "is damaged"),
    "braces": (lambda _: b'{"a":' * 8_000_000, "is damaged"),
    "brackets in a list": (
        lambda parts: parts.with_member("windows", b"[" * 30_000_000),
        "is damaged",
    ),
    "tiny objects": (
        lambda parts: parts.with_member("windows", many(b"{}", 30_000_000)),
        "is damaged (windows.0.kind",
    ),
    "tiny lists": (lambda parts: parts.with_member("cues", many(b"[]", 30_000_000)), "is damaged"),
    "tiny numbers": (lambda parts: parts.with_member("cues", many(b"0", 30_000_000)), "is damaged"),
    "bells": (
        lambda parts: parts.with_member("chimes", many(b'{"kind":"","at_s":0}', 40_000_000)),
        "more than 432,000 entries",
    ),
    "empty cues": (
        lambda parts: parts.with_member(
            "cues", many(b'{"kind":"","text":"","start_s":0,"end_s":0,"exercise":null}', 40_000_000)
        ),
        "more than 432,000 entries",
    ),
    "as many entries as can be": (
        lambda parts: parts.with_member(
            "chimes", b"[" + _numbered('{"kind":"start","at_s":%d.5}', 431_000) + b"]"
        ),
        "chimes do not lie within",
    ),
    "entries of many keys": (
        lambda parts: parts.with_member("cues", b"[{" + _numbered('"%d":0', 5_000_000) + b"}]"),
        "is damaged or holds texts that are too long",
    ),
    "envelopes": (
        lambda parts: parts.with_member(
            "envelopes", b"{" + _numbered('"%d":"!"', 5_000_000) + b"}"
        ),
        "more than 432,000",
    ),
    "traces": (
        lambda parts: parts.with_member("trace", b"[" + _numbered('"%d"', 5_000_000) + b"]"),
        "more than 432,000",
    ),
    "long shapes": (
        lambda parts: parts.with_member(
            "envelopes",
            b"{" + _numbered('"%d' + "9" * 300 + '":"' + "9" * 50 + '"', 100_000) + b"}",
        ),
        "more text than can be said",
    ),
    "a long text": (lambda parts: parts.json(title="a" * 39_000_000), "too long to be spoken"),
    "a long wide text": (
        lambda parts: parts.json(title="\N{PERSON IN LOTUS POSITION}" * 9_000_000),
        "too long to be spoken",
    ),
    "wide texts": (_wide, "more text than can be said"),
    "a text without end": (lambda _: b'{"title":"' + b"a" * 39_000_000, "too long to be spoken"),
    "escapes": (lambda _: b'{"title":"' + b'\\"' * 19_000_000, "too long to be spoken"),
    "a number of 5,000 digits": (
        lambda parts: parts.with_member("sample_rate_hz", b"1" + b"0" * 5000),
        "is damaged",
    ),
    "a number of 30 MB": (
        lambda parts: parts.with_member("sample_rate_hz", b"9" * 30_000_000),
        "is damaged",
    ),
    "a float of 5,000 digits": (
        lambda parts: parts.with_member("duration_s", b"9" * 5000 + b".0"),
        "NaN or infinity",
    ),
    "1e400": (lambda parts: parts.with_member("duration_s", b"1e400"), "NaN or infinity"),
    "a set of 18 digits": (
        lambda parts: parts.json(windows=[parts.manifest["windows"][0] | {"set": 10**17}]),
        "sets or reps that nobody counts",
    ),
    "the same key": (lambda _: many(b'"title":"x"', 30_000_000, b"{}"), "title: it is there twice"),
    "unknown keys": (
        lambda _: (
            b"{"
            + b",".join(b'"%s":0' % bytes([97 + n % 26, 97 + n // 26]) for n in range(600))
            + b"}"
        ),
        "is damaged",
    ),
    "an unknown key that is deep": (
        lambda parts: parts.with_member("more", b"[" * 100_000),
        "is damaged",
    ),
    "space": (lambda _: b" " * 40_000_000, "is damaged"),
    "space within": (lambda parts: parts.with_member("cues", b"[" + b" " * 39_000_000 + b"]"), ""),
    "zeros": (lambda _: bytes(40_000_000), "is damaged"),
    "noise": (lambda _: _noise(40_000_000), "is damaged"),
    "no UTF-8": (
        lambda parts: parts.json(title="x" * 9).replace(b"xxx", b"\xff\xed\xa0"),
        "is damaged",
    ),
    "half of a letter": (
        lambda parts: parts.json(title="x" * 9).replace(b"xxx", b"\\ud83e"),
        "control characters",
    ),
    "one byte too many": (lambda parts: parts.json() + b"x", "is damaged"),
    "more than any": (lambda _: bytes(50_000_000), "is larger than any"),
    "12 hours of which a second is there": (_twelve_hours, ""),
}
"""Manifests, and what `extract` says of them; nothing when it takes them."""

TRACKS: dict[str, tuple[Callable[[Parts], bytes], str, str]] = {
    "large frames before": (
        lambda parts: parts.track(
            before=b"".join(
                frame(name, b"\1" + bytes(12_000_000))
                for name in ("GEOB", "APIC", "USLT", "SYLT", "COMM")
            )
        ),
        "",
        "",
    ),
    "many attached files": (
        lambda parts: parts.track(before=geob("x", b"x" * 400) * 130_000),
        "",
        "",
    ),
    "many covers": (lambda parts: parts.track(before=apic(bytes(250_000)) * 200), "", ""),
    "many small frames": (
        lambda parts: parts.track(before=frame("TXXX", b"x") * 5_000_000),
        "more frames than",
        "more frames than",
    ),
    "a name without end": (
        lambda parts: parts.track(before=frame("GEOB", b"\1x\0" + b"\0a\0\0" * 10_000_000)),
        "",
        "",
    ),
    "two manifests": (
        lambda parts: parts.track(before=geob("manifest.json", bytes(40_000_000))),
        "is damaged",
        "is damaged",
    ),
    "a large routine": (
        lambda parts: parts.track(before=geob("routine.yaml", b"#" * 50_000_000)),
        "routine.yaml in",
        "routine.yaml in",
    ),
    "a tag larger than any": (
        lambda parts: tag(bytes(90_000_000)) + parts.sound,
        "is not one that can be",
        "is not one that can be",
    ),
    "a tag larger than the file": (
        lambda parts: tag(parts.track()[10:], size=60_000_000),
        "is damaged",
        "is damaged",
    ),
    "unsynchronised": (
        lambda parts: parts.track(flags=0x80),
        "is not one that can be read",
        "is not one that can be read",
    ),
    "an extended header": (
        lambda parts: parts.track(flags=0x40),
        "is not one that can be read",
        "is not one that can be read",
    ),
    "zeros for sound": (
        lambda parts: parts.track(sound=bytes(LARGE)),
        "",
        "there is no sound in it",
    ),
    "noise for sound": (
        lambda parts: parts.track(sound=_noise(LARGE)),
        "",
        "there is no sound in it",
    ),
    "syncs for sound": (
        lambda parts: parts.track(sound=b"\xff\xf3\x14\xc4" * (LARGE // 4)),
        "",
        "failed verification: length",
    ),
    "a second tag": (
        lambda parts: parts.track(sound=tag(frame("COMM", b"\0" * 90_000_000)) + parts.sound),
        "",
        "there is no sound in it",
    ),
    "a tag among the frames": (
        lambda parts: parts.track(
            sound=parts.sound
            + tag(frame("COMM", b"\0eng\0" + b"\xe4" * 90_000_000))
            + parts.sound[-2400:]
        ),
        "",
        "failed verification: length",
    ),
    "sound without end": (
        lambda parts: parts.track(sound=parts.frames_alone() * (LARGE // len(parts.sound))),
        "",
        "failed verification: length.",
    ),
    "zeros behind the sound": (
        lambda parts: parts.track(sound=parts.sound + bytes(LARGE)),
        "",
        "failed verification: length",
    ),
    "a JPEG of 65,000 x 65,000": (
        lambda parts: parts.track(before=apic(_bomb("JPEG", 65_000, 65_000))),
        "",
        "",
    ),
    "a JPEG of 12,000 x 12,000": (
        lambda parts: parts.track(before=apic(_bomb("JPEG", 12_000, 12_000))),
        "",
        "",
    ),
    "a JPEG of the right size, with nothing in it": (
        lambda parts: parts.track(before=apic(_bomb("JPEG", 1400, 1400))),
        "",
        "",
    ),
    "a PNG of 50,000 x 50,000": (
        lambda parts: parts.track(before=apic(_bomb("PNG", 50_000, 50_000))),
        "",
        "",
    ),
    "a cover of 30 MB": (
        lambda parts: parts.track(before=apic(b"\xff\xd8\xff" + bytes(30_000_000))),
        "",
        "",
    ),
}
"""Files, and what `extract` and `verify` say of them; nothing when they take them."""

_TOKENS = (
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b'"',
    b"\\",
    b"null",
    b"true",
    b"NaN",
    b"-1",
    b"1e999",
    b"0" * 30,
    b"\0",
    b"\xff",
    b"\\ud800",
)


def damaged(parts: Parts, seed: int) -> bytes:
    """A track with some damage: in its manifest, in the tag around it, or in its sound."""
    rng = random.Random(seed)
    whole = parts.track()
    end = len(whole) - len(parts.sound)
    if rng.random() < 0.5:
        return parts.track(manifest=_spoiled(parts.json(), rng, _TOKENS))
    if rng.random() < 0.6:
        return (
            _spoiled(
                whole[:end],
                rng,
                (b"GEOB", b"APIC", b"ID3", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xfe"),
            )
            + whole[end:]
        )
    return whole[:end] + _spoiled(
        parts.sound,
        rng,
        (b"\xff\xf3\x14\xc4", b"ID3\4\0\0\x7f\x7f\x7f\x7f", b"TAG", bytes(500), b"Xing"),
    )


def _spoiled(data: bytes, rng: random.Random, tokens: tuple[bytes, ...]) -> bytes:
    spoiled = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        at, length = rng.randrange(len(spoiled) + 1), rng.choice((1, 4, 50, 1000))
        match rng.randrange(5):
            case 0:
                spoiled[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                spoiled[at : at + rng.choice((0, 1, 4))] = rng.choice(tokens)
            case 2:
                del spoiled[at : at + length]
            case 3:
                spoiled[at:at] = spoiled[at : at + length] * rng.choice((1, 2, 20))
            case _:
                spoiled[at : at + 4] = rng.randbytes(4)
    return bytes(spoiled[: rng.randrange(len(spoiled))] if rng.random() < 0.05 else spoiled)
