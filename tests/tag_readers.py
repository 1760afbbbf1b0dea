"""Other programs' readers of tags and captions; all use what Python 3.12 and 3.13 warn of."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import eyed3
    import pysrt
    import webvtt

__all__ = ["eyed3", "pysrt", "webvtt"]
