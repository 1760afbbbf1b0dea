"""Lengths of time as options."""


def length_option_ms(text: str) -> int:
    """An option's length, such as 10s, in ms.

    Raises:
        UsageError: If it is not one.
    """
    from stretchaudio.errors import UsageError
    from stretchaudio.routine.values import BadValueError, duration_ms

    try:
        return duration_ms(text)
    except BadValueError as error:
        raise UsageError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
