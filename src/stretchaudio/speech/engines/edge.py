"""Speak with the voices of Microsoft Edge, through edge-tts."""

import asyncio
import re
from importlib.util import find_spec
from urllib.request import getproxies

from stretchaudio.errors import UsageError, VoiceError
from stretchaudio.language import Language
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.engines.online import AGAIN_HINT, OnlineEngine, TryAgainError
from stretchaudio.util.versions import version

SUPPORTS = frozenset({"speed"})
# Not pitch: it is counted in hertz, of which a semitone is another number with each voice.
ONLINE = True
LICENCE = "Microsoft's terms"
PACE = 0.92
"""The part of a voice's own pace that it speaks at."""
# Its own is that of somebody who reads aloud; a coach takes more time.
PIECE = 1000
"""The most characters it is asked for at a time."""
# A cue is never longer, and edge-tts itself divides only at 4096 bytes.
VOICES = {
    "en": ("en-US-JennyNeural", "en-GB-SoniaNeural", "en-US-GuyNeural", "en-AU-NatashaNeural"),
    "de": ("de-DE-KatjaNeural", "de-DE-ConradNeural"),
    "es": ("es-ES-ElviraNeural", "es-MX-DaliaNeural"),
    "fr": ("fr-FR-DeniseNeural", "fr-CA-SylvieNeural"),
    "hi": ("hi-IN-SwaraNeural", "hi-IN-MadhurNeural"),
    "it": ("it-IT-ElsaNeural", "it-IT-DiegoNeural"),
    "pt": ("pt-BR-FranciscaNeural", "pt-PT-RaquelNeural"),
}
"""Some voices of each language; any other of the service's can be named as well."""
_NAME = re.compile(r"[a-z]{2,3}-[A-Z]{2}(-[A-Za-z]+)*-[A-Za-z]+Neural")


def unavailable_reason() -> str:
    """Ask for the package edge-tts if it is missing; only asking tells if there is a network."""
    return "" if find_spec("edge_tts") else "Install it with: pip install 'stretchaudio[edge]'"


def voices(language: Language) -> tuple[str, ...]:
    """List some voices of a language."""
    return VOICES.get(language.code, ())


def resolve_voice(name: str, language: Language) -> str:
    """Accept the name of a voice, such as `en-GB-SoniaNeural`.

    Raises:
        UsageError: If no voice can have that name.
    """
    if not _NAME.fullmatch(name):
        some = ", ".join(voices(language) or VOICES["en"])
        raise UsageError(f"'{name}' is not the name of an Edge voice.", hint=f"Such as: {some}.")
    return name


def open_engine(voice: Voice, jobs: int) -> "Edge":
    """Open the voice; it sets by itself how many texts it asks for at once."""
    del jobs
    return Edge(voice)


class Edge(OnlineEngine):
    """Speaks by asking Microsoft.

    Args:
        voice: Who speaks.
    """

    at_once = 4

    def __init__(self, voice: Voice) -> None:
        super().__init__("Microsoft Edge's service", PIECE)
        self.version = f"edge-tts {version('edge-tts')} pace {PACE}"
        self._voice = voice

    def ask(self, text: str, connect_s: float, read_s: float) -> bytes:
        """Ask once, with edge-tts."""
        import aiohttp
        from edge_tts.exceptions import EdgeTTSException, NoAudioReceived

        try:
            # Its own time limits are whole seconds, and hold for each message only.
            return asyncio.run(
                asyncio.wait_for(self._stream(text, connect_s, read_s), connect_s + read_s)
            )
        except NoAudioReceived:
            raise TryAgainError("an answer without sound; perhaps there is no such voice") from None
        except aiohttp.WSServerHandshakeError as error:
            if error.status in {403, 429} or error.status >= 500:  # 403 comes and goes
                raise TryAgainError(f"status {error.status}") from None
            raise VoiceError(
                f"Microsoft Edge's service refuses to speak it (status {error.status}).",
                hint=AGAIN_HINT,
            ) from None
        except (EdgeTTSException, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise TryAgainError(type(error).__name__) from None

    async def _stream(self, text: str, connect_s: float, read_s: float) -> bytes:
        from edge_tts import Communicate

        percent = round((PACE * self._voice.prosody.speed - 1) * 100)
        limits = {
            "connect_timeout": max(1, round(connect_s)),
            "receive_timeout": max(1, round(read_s)),
        }
        # For web sockets aiohttp does not take the proxy by itself.
        proxy = getproxies().get("https")
        client = Communicate(text, self._voice.name, rate=f"{percent:+d}%", proxy=proxy, **limits)
        return b"".join(
            [chunk["data"] async for chunk in client.stream() if chunk["type"] == "audio"]
        )
