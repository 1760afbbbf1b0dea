"""A batch whose cache and tracks are in a bucket, against a server that speaks S3."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from conftest import DATA, Ran
from sessions import build_session
from stretchaudio.cli import batch
from stretchaudio.session.batch import _pools
from stretchaudio.session.options import Options
from stretchaudio.util.bucket import Bucket

Run = Callable[..., Ran]
TABLE = "routine,name,captions\n{0},Anna,vtt\n{0},Bob,\nnope.yaml,Eve,\n"


class _Silent(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        pass


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Start a server with an empty bucket."""
    server_module = pytest.importorskip("moto.server")
    app = server_module.DomainDispatcherApplication(server_module.create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in (
        ("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}"),
        ("AWS_ACCESS_KEY_ID", "anyone"),
        ("AWS_SECRET_ACCESS_KEY", "anything"),
        ("AWS_REGION", "us-east-1"),
        ("NO_PROXY", "127.0.0.1"),
    ):
        monkeypatch.setenv(name, value)
    requests = pytest.importorskip("requests")
    requests.put(f"http://127.0.0.1:{server.server_port}/clinic-{server.server_port}", timeout=10)
    yield Bucket(f"s3://clinic-{server.server_port}")
    _pools().close()
    _pools.cache_clear()
    server.shutdown()
    server.server_close()


def test_tracks_and_what_was_spoken_are_in_the_bucket(
    bucket: Bucket, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "processes", ThreadPoolExecutor)  # which start at once
    monkeypatch.setenv("STRETCHAUDIO_CACHE", str(home / "front"))
    usual = build_session(DATA / "short.yaml", home / "usual.mp3", Options(voice="espeak"))
    usual_bytes = usual.path.read_bytes()
    (home / "people.csv").write_text(TABLE.format(DATA / "short.yaml"))
    places = ("-o", f"{bucket.address}/out", "--cache-dir", f"{bucket.address}/cache")
    options = ("--jobs", "1", "--voice", "espeak", *places)
    ran = run("batch", "people.csv", *options)
    assert (ran.code, "out: 2 of 3 tracks; 1 row failed. " in ran.out) == (1, True), ran.err
    records = _records(bucket)
    assert [record.get("path") for record in records] == [
        f"{bucket.address}/out/{name}.mp3" for name in ("anna", "bob", "eve")
    ]
    assert bucket.read("out/anna.mp3") == bucket.read("out/bob.mp3") == usual_bytes
    assert records[0]["sha256"] == hashlib.sha256(usual_bytes).hexdigest()
    assert (bucket.read("out/anna.vtt") or b"").startswith(b"WEBVTT")
    assert not list(home.glob("*.mp3.part"))
    assert {path.name for path in home.glob("*.mp3")} == {"usual.mp3"}
    bucket.write("out/bob.mp3", b"changed")
    monkeypatch.setenv("STRETCHAUDIO_CACHE", str(home / "another"))
    again = run("batch", "people.csv", *options)
    assert "2 of 3 tracks, 1 of them unchanged; 1 row failed" in again.out
    assert bucket.read("out/bob.mp3") == usual_bytes


def _records(bucket: Bucket) -> list[dict[str, str]]:
    return [json.loads(line) for line in (bucket.read("out/results.jsonl") or b"").splitlines()]


def test_a_bucket_that_is_not_there_is_told_before_anything_is_made(
    bucket: Bucket, run: Run, home: Path
) -> None:
    (home / "people.csv").write_text(TABLE.format(DATA / "short.yaml"))
    ran = run("batch", "people.csv", "-o", "s3://elsewhere/out", "--voice", "espeak")
    assert (ran.code, ran.out) == (4, "")
    assert "There is no bucket at s3://elsewhere/out." in ran.err
    assert "AWS_REGION" in ran.err
