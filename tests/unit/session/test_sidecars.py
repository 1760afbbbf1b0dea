"""Files next to a track."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Ran

HOSTILE = {
    "markup": "<script>alert(1)</script> & <b>bold</b> --> {\\an8}",
    "quotes": "\"&' [00:01.00] ; Title",
    "right-to-left": "تمارين الظهر",
    "long": "Back " * 80 + "end",
}


def test_what_is_beside_a_hostile_title_is_text(run: Callable[..., Ran], home: Path) -> None:
    title = json.dumps(HOSTILE["markup"])
    phrases = "{welcome: '<i>Welcome</i> & hello {{b}} -->.', goodbye: Bye.}".replace("{{b}}", "")
    (home / "bad.yaml").write_text(
        f"title: {title}\nphrases: {phrases}\nexercises: [{{name: <b>Hip</b>, hold: 1s}}]\n"
    )
    ran = run("build", "bad.yaml", "-q", "--captions", "vtt,srt,lrc", "--handout")
    assert ran.code == 0, ran.err
    assert "<script>" not in (home / "bad.html").read_text()
    assert "&lt;i&gt;Welcome&lt;/i&gt; &amp; hello --&gt;." in (home / "bad.vtt").read_text()
    assert "<i>" not in (home / "bad.srt").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--captions", "vvt"), "Perhaps you meant vtt?"),
        (("--captions", ","), "No kind of captions"),
        (("--chapters", "xml"), "--chapters json"),
        (("--captions", "vtt", "-m", "back-basics.vtt"), ""),
    ],
)
def test_what_cannot_be_written_beside_a_track_is_told(
    run: Callable[..., Ran], arguments: tuple[str, ...], said: str
) -> None:
    ran = run("build", "back-basics", *arguments)
    if said:
        assert ran.code == 2
        assert said in ran.err
        assert not Path("back-basics.mp3").exists()
