"""Speak with Google's voice, through gTTS; how it is asked again is in `online.py`."""

import binascii
from typing import Any

from stretchaudio.errors import UsageError, VoiceError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.engines.online import AGAIN_HINT, OnlineEngine, TryAgainError, asked_wait_s
from stretchaudio.util.versions import version

SUPPORTS: frozenset[str] = frozenset()
ONLINE = True
LICENCE = "Google's terms"
PIECE = 100
"""The most characters it is asked for at a time; Google cuts longer texts wherever it likes."""
ACCENTS = {
    "en": ("com", "en"), "en-us": ("com", "en"), "en-uk": ("co.uk", "en"), "en-gb": ("co.uk", "en"),
    "en-au": ("com.au", "en"), "en-ca": ("ca", "en"), "en-in": ("co.in", "en"),
    "en-ie": ("ie", "en"), "en-za": ("co.za", "en"), "en-ng": ("com.ng", "en"),
    "fr": ("fr", "fr"), "fr-fr": ("fr", "fr"), "fr-ca": ("ca", "fr-CA"),
    "de": ("de", "de"), "it": ("it", "it"),
    "es": ("es", "es"), "es-es": ("es", "es"), "es-mx": ("com.mx", "es"), "es-us": ("com", "es"),
    "hi": ("co.in", "hi"),
    "pt": ("com.br", "pt"), "pt-br": ("com.br", "pt"), "pt-pt": ("pt", "pt-PT"),
}  # fmt: skip
"""Voices by name: the domain that is asked, which decides the accent, and gTTS's language."""


def unavailable_reason() -> str:
    """Return nothing: only asking tells if there is a network."""
    return ""


def voices(language: Language) -> tuple[str, ...]:
    """List the accents of a language, its plain voice first."""
    return tuple(name for name in ACCENTS if name.partition("-")[0] == language.code)


def resolve_voice(name: str, language: Language) -> str:
    """Find the voice of a name such as `en-uk`.

    Raises:
        UsageError: If there is no such voice.
    """
    del language
    if name.lower() not in ACCENTS:
        raise UsageError(
            f"Google has no voice '{name}' here.{did_you_mean(name, ACCENTS)}",
            hint=f"Known: {', '.join(ACCENTS)}.",
        )
    return name.lower()


def open_engine(voice: Voice, jobs: int) -> "Google":
    """Open the voice; it sets by itself how many texts it asks for at once."""
    del jobs
    return Google(voice)


class Google(OnlineEngine):
    """Speaks by asking Google.

    Args:
        voice: Who speaks.
    """

    at_once = 6

    def __init__(self, voice: Voice) -> None:
        super().__init__("Google", PIECE)
        self.version = f"gTTS {version('gTTS')}"
        self._tld, self._language = ACCENTS[voice.name]

    def ask(self, text: str, connect_s: float, read_s: float) -> bytes:
        """Ask once, with gTTS."""
        import requests
        from gtts import gTTS
        from gtts.tts import gTTSError

        timeouts_s = (connect_s, read_s)
        try:
            client = gTTS(
                text,
                tld=self._tld,
                lang=self._language,
                lang_check=False,
                pre_processor_funcs=[],
                timeout=timeouts_s,
            )
            return b"".join(client.stream())
        except gTTSError as error:
            raise _refused(error) from None
        except (requests.RequestException, binascii.Error, UnicodeError) as error:
            raise TryAgainError(type(error).__name__) from None
        except AssertionError:
            raise VoiceError("Google finds nothing to speak in it.") from None


def _refused(error: Any) -> Exception:
    """Turn a refusal into an error: try again later, or never."""
    response = error.rsp
    if response is None:
        return TryAgainError("no connection")
    if response.status_code == 200:
        return TryAgainError("an answer without sound")
    if response.status_code == 429 or response.status_code >= 500:
        return TryAgainError(
            f"status {response.status_code}", asked_wait_s(response.headers.get("Retry-After", ""))
        )
    return VoiceError(
        f"Google refuses to speak it (status {response.status_code}).", hint=AGAIN_HINT
    )
