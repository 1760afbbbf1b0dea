"""A bucket: what is there first holds, and errors tell what to do. LocalStore stands for S3."""

import sys
from pathlib import Path

import pytest

from stretchaudio import FileError, UsageError
from stretchaudio.cache import Cache, CacheArea, open_cache
from stretchaudio.util.bucket import Bucket, open_bucket

KEY = "ab" * 32


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return open_bucket(f"file://{tmp_path}/bucket/cache/")


def test_what_is_there_first_holds(bucket: Bucket) -> None:
    assert (bucket.read("a/b"), bucket.tag("a/b")) == (None, None)
    first = bucket.create("a/b", b"one")
    assert first == bucket.tag("a/b") != ""
    assert bucket.create("a/b", b"two") is None
    assert bucket.read("a/b") == b"one"
    assert bucket.write("a/b", b"three") != first
    assert bucket.read("a/b") == b"three"


def test_machines_share_what_was_spoken_each_with_a_folder_in_front(
    tmp_path: Path, bucket: Bucket
) -> None:
    one, other = Cache(tmp_path / "one", bucket), Cache(tmp_path / "other", bucket)
    one.put(CacheArea.CLIPS, KEY, b"clip")
    one.put(CacheArea.COVERS, KEY, b"cover")
    assert other.get(CacheArea.CLIPS, KEY) == b"clip"
    assert other.get(CacheArea.COVERS, KEY) is None, "covers are drawn where they are needed"
    path = next((tmp_path / "bucket").rglob(KEY))
    path.unlink()
    assert other.get(CacheArea.CLIPS, KEY) == b"clip", "it was kept here"


def test_a_damaged_object_counts_as_none_and_is_replaced(tmp_path: Path, bucket: Bucket) -> None:
    one, other = Cache(tmp_path / "one", bucket), Cache(tmp_path / "other", bucket)
    one.put(CacheArea.SPEECH, KEY, b"speech")
    path = next((tmp_path / "bucket").rglob(KEY))
    path.write_bytes(path.read_bytes()[:-1])
    assert other.get(CacheArea.SPEECH, KEY) is None
    assert other.put(CacheArea.SPEECH, KEY, b"again") == b"again"
    assert Cache(tmp_path / "third", bucket).get(CacheArea.SPEECH, KEY) == b"again"


def test_one_that_appears_in_between_holds_for_both(tmp_path: Path, bucket: Bucket) -> None:
    one, other = Cache(tmp_path / "one", bucket), Cache(tmp_path / "other", bucket)
    assert other.get(CacheArea.SPEECH, KEY) is None
    one.put(CacheArea.SPEECH, KEY, b"first")
    assert other.put(CacheArea.SPEECH, KEY, b"second") == b"first"
    assert other.get(CacheArea.SPEECH, KEY) == b"first"
    assert other.get_or_create(CacheArea.SPEECH, KEY, lambda: b"third") == b"first"


def test_without_obstore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.setitem(sys.modules, "obstore.exceptions", None)
    with pytest.raises(UsageError, match="needs obstore") as raised:
        open_cache("s3://clinic/cache")
    assert "stretchaudio[buckets]" in raised.value.hint


def test_a_bucket_that_does_not_answer_is_an_error_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
    ):
        monkeypatch.setenv(name, value)
    with pytest.raises(FileError, match="s3://clinic/silent cannot be read") as raised:
        open_bucket("s3://clinic/silent").read("a")
    assert "AWS_REGION" in raised.value.hint
    assert "\n" not in raised.value.message
