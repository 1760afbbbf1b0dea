"""The voices of Microsoft Edge, through edge-tts."""

import asyncio
import re
from importlib.metadata import version
from importlib.util import find_spec
from urllib.request import getproxies

from stretchaudio.errors import UsageError, VoiceError
from stretchaudio.language import Language
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.engines.online import TIP, OnlineEngine, TryAgainError

SUPPORTS = frozenset({"speed"})
"""Its pitch is counted in hertz, of which a semitone is another number with each voice."""
ONLINE = True
PACE = 0.92
"""Of a voice's own pace, which is that of somebody who reads aloud; a coach takes more time."""
PIECE = 1000
"""Characters; a cue is never longer, and edge-tts itself divides only at 4096 bytes."""
VOICES = {
    "en": ("en-US-JennyNeural", "en-GB-SoniaNeural", "en-US-GuyNeural", "en-AU-NatashaNeural"),
    "de": ("de-DE-KatjaNeural", "de-DE-ConradNeural"),
    "es": ("es-ES-ElviraNeural", "es-MX-DaliaNeural"),
    "fr": ("fr-FR-DeniseNeural", "fr-CA-SylvieNeural"),
    "hi": ("hi-IN-SwaraNeural", "hi-IN-MadhurNeural"),
    "it": ("it-IT-ElsaNeural", "it-IT-DiegoNeural"),
    "pt": ("pt-BR-FranciscaNeural", "pt-PT-RaquelNeural"),
}
"""Some of each language's; any other of the service's voices can be named as well."""
_NAME = re.compile(r"[a-z]{2,3}-[A-Z]{2}(-[A-Za-z]+)*-[A-Za-z]+Neural")


def unavailable_reason() -> str:
    """The package edge-tts; the network is found out by asking."""
    return "" if find_spec("edge_tts") else "Install it with: pip install 'stretchaudio[edge]'"


def voices(language: Language) -> tuple[str, ...]:
    """Some voices of a language."""
    return VOICES.get(language.code, ())


def resolve_voice(name: str, language: Language) -> str:
    """The voice of a name such as `en-GB-SoniaNeural`.

    Raises:
        UsageError: If no voice can have that name.
    """
    if not _NAME.fullmatch(name):
        some = ", ".join(voices(language) or VOICES["en"])
        raise UsageError(f"'{name}' is not the name of an Edge voice.", hint=f"Such as: {some}.")
    return name


def open_engine(voice: Voice, jobs: int) -> "Edge":
    """An engine for a voice that `resolve_voice` returned; how many cues it asks for at once is its own choice."""
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
                f"Microsoft Edge's service refuses to speak it (status {error.status}).", hint=TIP
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
        proxy = getproxies().get("https")  # which aiohttp does not take for web sockets by itself
        client = Communicate(text, self._voice.name, rate=f"{percent:+d}%", proxy=proxy, **limits)
        return b"".join(
            [chunk["data"] async for chunk in client.stream() if chunk["type"] == "audio"]
        )
