"""Keep bytes under names in a bucket of an object store, such as `s3://bucket/folder`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from stretchaudio.errors import FileError, UsageError

_ADDRESS = re.compile(r"(?:s3|gs|az|file)://")
_HINT = (
    "Its address, region and credentials are read from the environment, "
    "such as AWS_REGION and AWS_ACCESS_KEY_ID."
)


def is_bucket(place: object) -> bool:
    """Tell whether a place is the address of a bucket rather than a folder."""
    return bool(_ADDRESS.match(str(place)))


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, or a folder in one; credentials come from the environment alone.

    Args:
        address: Such as `s3://bucket/folder`.
    """

    address: str

    def read(self, name: str) -> bytes | None:
        """Read an object; None if there is none.

        Raises:
            FileError: If the bucket does not answer, or there is none.
            UsageError: If obstore is not installed.
        """
        import obstore

        with self._told("read"):
            try:
                return bytes(obstore.get(_store(self.address), name).bytes())
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                return None

    def create(self, name: str, data: bytes) -> str | None:
        """Write an object unless there is one; return its tag, or None if there was one.

        Raises:
            FileError: If the bucket does not answer, or there is none.
            UsageError: If obstore is not installed.
        """
        import obstore

        with self._told("written"):
            try:
                return _tag(obstore.put(_store(self.address), name, data, mode="create"))
            except obstore.exceptions.AlreadyExistsError:
                return None

    def write(self, name: str, data: bytes) -> str:
        """Write an object, in place of one that is there; return its tag.

        Raises:
            FileError: If the bucket does not answer, or there is none.
            UsageError: If obstore is not installed.
        """
        import obstore

        with self._told("written"):
            return _tag(obstore.put(_store(self.address), name, data))

    def tag(self, name: str) -> str | None:
        """Get the tag of an object, which changes with what is in it; None if there is none.

        Raises:
            FileError: If the bucket does not answer.
            UsageError: If obstore is not installed.
        """
        import obstore

        with self._told("read"):
            try:
                return _tag(obstore.head(_store(self.address), name))
            except FileNotFoundError:
                return None

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Turn what obstore raises into an error with a hint."""
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError:
            raise FileError(f"There is no bucket at {self.address}.", hint=_HINT) from None
        except (BaseError, OSError, ValueError) as error:
            # Behind the first line are the parts of the program that failed.
            reason = re.split(r"\n|: <\?xml", str(error))[0].strip()
            raise FileError(
                f"The bucket {self.address} cannot be {done}: {reason}", hint=_HINT
            ) from None


def open_bucket(address: str) -> Bucket:
    """Open a bucket; nothing is asked of it yet.

    Raises:
        UsageError: If obstore is not installed, or the address is none.
    """
    try:
        import obstore.exceptions
    except ImportError:
        raise UsageError(
            f"{address} needs obstore, which is not installed.",
            hint="Install it: pip install 'stretchaudio[buckets]'",
        ) from None
    try:
        _store(address.rstrip("/"))
    except (obstore.exceptions.BaseError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{address} cannot be opened: {reason}", hint=_HINT) from None
    return Bucket(address.rstrip("/"))


@cache
def _store(address: str) -> Any:
    from obstore.store import from_url

    if address.startswith("file://"):
        return from_url(address, mkdir=True)
    # A server of one's own may speak plain HTTP; the environment has to name it.
    client: Any = {"timeout": "60s", "connect_timeout": "5s", "allow_http": True}
    patience: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
    return from_url(address, client_options=client, retry_config=patience)


def _tag(found: Any) -> str:
    return str(found["e_tag"])
