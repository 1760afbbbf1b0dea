"""Name the arrays that hold sound: full scale is 1 in all but PCM."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Mono: TypeAlias = NDArray[np.float64]
"""One channel of speech at 24 kHz, or of a generated sound at 48 kHz; shape (n,)."""
Stereo: TypeAlias = NDArray[np.floating[Any]]
"""Both channels of a mix at 48 kHz, float32 unless said otherwise; shape (n, 2)."""
Signal: TypeAlias = NDArray[np.floating[Any]]
"""Samples at any rate; shape (n,) or (n, channels)."""
Curve: TypeAlias = NDArray[np.floating[Any]]
"""One value for each sample of a sound, such as its gain; shape (n,)."""
FrameValues: TypeAlias = NDArray[np.floating[Any]]
"""One value for each MP3 frame, such as its energy; shape (frames,)."""
Pcm: TypeAlias = NDArray[np.int16]
"""Little-endian samples of 16 bits, as files and encoders take them."""
