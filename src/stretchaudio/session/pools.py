"""Keep the helper processes that sessions share."""

from stretchaudio.util.workers import Workers


class WorkerPools:
    """Helper processes for clips and for mixes; each starts when it is first needed.

    Args:
        jobs: How many processes of each kind at the most.
    """

    def __init__(self, jobs: int) -> None:
        self.speech = Workers("stretchaudio.speech.worker", jobs=jobs)
        """Make clips."""
        self.mix = Workers("stretchaudio.mix.worker", jobs=jobs, together=True)
        """Make clips, measure music and make blocks."""

    def close(self) -> None:
        """End all of them."""
        self.speech.close()
        self.mix.close()
