"""MP3 frames: independent, linked, and described by an exact Info frame."""

import io
from collections.abc import Iterator

import lameenc
import numpy as np
import pytest
import soundfile
from fastcrc import crc16

from stretchaudio.audio.mp3.encode import SPEECH_EFFORT, encode, encode_stream
from stretchaudio.audio.mp3.frames import (
    HEADER_BYTES,
    MOST_BACK,
    FrameError,
    FrameFormat,
    independent,
    packed,
    split,
)
from stretchaudio.audio.mp3.info_frame import info_bytes, info_frame, read_sum, sum_of
from stretchaudio.audio.mp3.link import EXTRA_FRAMES, Piece, StreamMeter, ToneLoop, link

FORMATS = [
    FrameFormat(sample_rate_hz=rate, channels=channels)
    for rate in (24_000, 48_000)
    for channels in (1, 2)
]
_IDS = [f"{form.sample_rate_hz // 1000} kHz, {form.channels} channels" for form in FORMATS]
every_format = pytest.mark.parametrize("form", FORMATS, ids=_IDS)


def _bursts(form: FrameFormat, seconds: float = 6) -> bytes:
    """Noise bursts in quiet: the encoder saves bits in the quiet and spends them on the bursts."""
    rng = np.random.default_rng(7)
    rate = form.sample_rate_hz
    samples = np.zeros((round(seconds * rate), form.channels))
    for start in range(0, len(samples) - rate // 8, rate // 2):
        samples[start : start + rate // 10] = rng.standard_normal((rate // 10, form.channels)) * 0.2
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def _lame(samples: bytes, form: FrameFormat, quality: int) -> bytes:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(form.channels)
    encoder.set_in_sample_rate(form.sample_rate_hz)
    encoder.set_out_sample_rate(form.sample_rate_hz)
    encoder.set_quality(2)
    encoder.set_vbr(4)
    encoder.set_vbr_quality(quality)
    return bytes(encoder.encode(samples)) + bytes(encoder.flush())


def _decode(stream: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(stream), dtype="int16", always_2d=True)[0]


def _track(frames: list[bytes], form: FrameFormat) -> bytes:
    meter = StreamMeter()
    for frame in frames:
        meter.add(Piece(frames=1, data=frame))
    return info_frame(form, meter.info(form)) + b"".join(frames)


def _begins(frames: list[bytes], form: FrameFormat) -> list[int]:
    """How far back each frame's main data begins."""
    return [int.from_bytes(frame[4:6]) >> (16 - form.begin_bits) for frame in frames]


@every_format
@pytest.mark.parametrize("quality", [0, 4, 9])
def test_independent_frames_decode_to_the_same_samples(form: FrameFormat, quality: int) -> None:
    samples = _bursts(form)
    borrowed = split(_lame(samples, form, quality), form)
    own = encode(samples, form, quality=quality)
    assert any(_begins(borrowed, form)), (
        "this sound does not make the encoder borrow, so the test proves nothing"
    )
    assert np.array_equal(_decode(_track(borrowed, form)), _decode(_track(own, form)))


@every_format
def test_frames_depend_on_others_only_where_one_frame_cannot_hold_the_data(
    form: FrameFormat,
) -> None:
    frames = encode(_bursts(form), form, quality=0)
    largest = max(form.kbps) * 3
    for before, frame, begin in zip([b"", *frames], frames, _begins(frames, form), strict=False):
        if begin:
            assert len(frame) == largest
            assert begin <= len(before) - 4 - form.side_bytes


def test_no_overflow_refers_beyond_the_first_frame() -> None:
    for form in FORMATS:
        assert _begins(encode(_bursts(form), form, quality=0), form)[0] == 0


@every_format
def test_frames_can_stand_anywhere(form: FrameFormat) -> None:
    """Frames with other neighbours decode as they did, but for the first, which overlaps."""
    frames = encode(_bursts(form), form, quality=4)
    part = slice(40, 80)
    assert _begins(frames[part], form)[0] == 0
    whole = _decode(_track(frames, form)).astype(int)
    moved = _decode(_track([frames[150]] * 3 + frames[part] + frames[:3], form)).astype(int)
    size = form.samples
    # The first frame's overlap is over after two; one step of 16 bits is the decoder's own
    # rounding.
    assert np.max(np.abs(moved[5 * size : 40 * size] - whole[42 * size : 77 * size])) <= 1


def _reaches(frames: list[bytes], form: FrameFormat) -> Iterator[tuple[int, int]]:
    """How far back the data of each frame begin, and how much the frames before it may hold."""
    room = [len(frame) - HEADER_BYTES - form.side_bytes for frame in frames]
    for at, begin in enumerate(_begins(frames, form)):
        yield begin, sum(room[max(0, at - MOST_BACK) : at])


@every_format
@pytest.mark.parametrize("quality", [0, 5])
def test_packed_runs_hold_the_same_frames_in_fewer_bytes(form: FrameFormat, quality: int) -> None:
    samples = _bursts(form)
    alone = encode(samples, form, quality=quality)
    frames = encode_stream(samples, form, quality=quality, effort=SPEECH_EFFORT)
    runs = [(7, 40), (40, 41), (41, 200)]
    together = packed(frames, form, runs)
    for (low, high), run in zip(runs, together, strict=True):
        split_again = split(run, form)
        assert _begins(split_again, form)[0] == 0
        assert independent(split_again, form) == alone[low:high]
        needed = _begins(alone[low:high], form)  # what the largest frame cannot hold begins earlier
        reaches = zip(_reaches(split_again, form), needed, strict=True)
        assert all(begin <= max(back, least) for (begin, back), least in reaches)
    # Also where a run begins with a frame whose data begin in the run before.
    overflowing = next((at for at, begin in enumerate(_begins(alone, form)) if begin), 50)
    two = packed(frames, form, [(0, overflowing), (overflowing, 200)])
    assert independent(split(b"".join(two), form), form) == alone[:200]
    assert sum(map(len, together)) < sum(map(len, alone[7:200]))
    assert np.array_equal(
        _decode(_track(split(together[2], form), form)), _decode(_track(alone[41:200], form))
    )


@pytest.mark.parametrize(
    "stream",
    [
        b"\0" * 100,
        b"ID3" + bytes(100),
        bytes([0xFF, 0xF3, 0x04, 0xC4]),
        bytes([0xFF, 0xF3, 0xF4, 0xC4]),
    ],
)
def test_what_is_no_mp3_stream_is_refused(stream: bytes) -> None:
    with pytest.raises(FrameError):
        split(stream, FORMATS[0])


def test_a_frame_that_refers_to_missing_data_is_refused() -> None:
    frames = split(_lame(_bursts(FORMATS[0]), FORMATS[0], 4), FORMATS[0])
    borrowing = next(at for at, begin in enumerate(_begins(frames, FORMATS[0])) if begin)
    with pytest.raises(FrameError, match="not there"):
        independent(frames[borrowing:], FORMATS[0])


@every_format
def test_a_gapless_player_plays_exactly_the_track(form: FrameFormat) -> None:
    """A click put at sample 1000 is heard there, and the length is a whole number of frames."""
    samples = np.zeros((form.samples * 53, form.channels), "<i2")
    samples[1000] = 20_000
    frames = encode(samples.tobytes(), form, quality=0)[: 50 + EXTRA_FRAMES]
    decoded = _decode(_track(frames, form))
    assert len(decoded) == 50 * form.samples
    assert abs(int(np.argmax(np.abs(decoded[:, 0].astype(int)))) - 1000) <= 1


@every_format
def test_the_info_frame_is_a_frame_and_says_what_follows(form: FrameFormat) -> None:
    frames = encode(_bursts(form), form, quality=4)
    stream = _track(frames, form)
    info = stream[: info_bytes(form)]
    assert split(stream, form)[0] == info
    at = 4 + form.side_bytes
    assert info[at : at + 4] == b"Xing"
    assert int.from_bytes(info[at + 8 : at + 12]) == len(frames)
    assert int.from_bytes(info[at + 12 : at + 16]) == len(stream)
    assert int.from_bytes(info[at + 152 : at + 154]) == crc16.arc(stream[len(info) :])
    assert int.from_bytes(info[at + 154 : at + 156]) == crc16.arc(info[: at + 154])


@every_format
def test_the_sum_of_an_info_frame_is_read_where_it_is_whole(form: FrameFormat) -> None:
    stream = _track(encode(_bursts(form, seconds=1), form, quality=4), form)
    info = stream[: info_bytes(form)]
    assert read_sum(info, form) == (len(stream), sum_of(stream[len(info) :]))
    for at in (len(info) // 4, 4 + form.side_bytes, 4 + form.side_bytes + 155):
        spoiled = info[:at] + bytes([info[at] ^ 1]) + info[at + 1 :]
        assert read_sum(spoiled, form) is None
    assert read_sum(info[:100], form) is None
    assert read_sum(split(stream, form)[1], form) is None


def test_the_seek_table_points_at_each_hundredth() -> None:
    form = FORMATS[0]
    quiet = encode(bytes(2 * 576 * 400), form, quality=9)
    loud = encode(_bursts(form), form, quality=0)
    frames = quiet + loud + quiet
    info = _track(frames, form)[: info_bytes(form)]
    table = info[4 + form.side_bytes + 16 :][:100]
    total = sum(map(len, frames)) + len(info)
    for percent in range(100):
        expected = len(info) + sum(len(frame) for frame in frames[: len(frames) * percent // 100])
        assert abs(table[percent] / 256 * total - expected) <= total / 256 + 480


def test_linking_puts_every_clip_at_its_frame() -> None:
    tone = ToneLoop([bytes([at]) * (at % 3 + 1) for at in range(10)])
    clips = [Piece(frames=3, data=b"AAA"), Piece(frames=2, data=b"BB")]
    data = b"".join(piece.data for piece in link(clips, [4, 12], tone, frames=20))
    quiet = [bytes([at % 10]) * (at % 10 % 3 + 1) for at in range(22)]
    assert data == b"".join([*quiet[:4], b"AAA", *quiet[7:12], b"BB", *quiet[14:22]])


def test_linking_counts_every_frame_once() -> None:
    tone = ToneLoop([b"x"] * 7)
    clips = [Piece(frames=5, data=b"c" * 5)] * 4
    pieces = list(link(clips, [0, 5, 100, 995], tone, frames=1000))
    assert (
        sum(piece.frames for piece in pieces)
        == sum(len(piece.data) for piece in pieces)
        == 1000 + EXTRA_FRAMES
    )


def test_clips_that_overlap_are_refused() -> None:
    clips = [Piece(frames=5, data=b"c" * 5)] * 2
    with pytest.raises(ValueError, match="before the one before it ends"):
        list(link(clips, [0, 4], ToneLoop([b"x"]), frames=10))
