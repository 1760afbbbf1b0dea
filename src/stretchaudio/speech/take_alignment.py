"""Tell which piece of a take is which sentence, and of which of them one can be sure.

A hidden Markov model of somebody who reads a list aloud: after a sentence comes the next, or the
same once more, or one further on; between them there may be noises. What a piece says for or
against a sentence is how long it lasts and how it sounds beside a synthetic voice; what says that
a piece repeats the one before is how alike the two are. All probabilities are natural logarithms.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import median

from stretchaudio.speech.take import Piece, groups

AHEAD = 4
"""The most sentences that somebody may leave out at once."""
_MOST_PARTS, _LONGEST_GAP_S = 3, 1.4
"""A sentence may have pauses of its own, so long and so many."""
_REPEATED, _LEFT_OUT, _PAUSED = -3.5, -5.0, -2.5
"""How likely it is that a sentence is said again, left out, or has such a pause in it."""
_NOISE, _NOISE_A_SECOND = -3.0, -4.0
"""How likely a noise is, and how much less with each second."""
_LENGTH_SPREAD = 0.2
"""The standard deviation of the logarithm of a length, against a synthetic voice's."""
_FARTHEST_LENGTH = 0.9
"""No sentence is as far from its length as that."""
_BEAM = 20.0
"""States that are so much less likely than the best are given up."""
_SURE = 0.98
"""A piece whose probability is below that is doubtful."""
_FAR_LENGTH = 0.6
"""So is one whose length is off by this much, as a logarithm."""
_STRANGE = 1.0
"""So is one that sounds so unlike its sentence."""
# Of twenty noises none was nearer than 1.02 to any of 44 sentences.
_LONG_GAP_S = 0.75
"""So is one with such a pause in it: whoever reads leaves a second between two sentences."""


@dataclass(frozen=True, slots=True)
class Said:
    """A piece that is a sentence."""

    sentence: int
    """The number of the sentence, from 0."""
    piece: Piece
    """Where it is."""
    is_sure: bool
    """Whether nothing else is nearly as likely."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a take's pieces."""

    expected_s: Sequence[float]
    """How long a synthetic voice takes for each sentence."""
    apart: Callable[[Piece, int], float]
    """The distance of a piece's sound from a sentence's, in deviations."""
    likeness: Callable[[Piece, int], float]
    """The log likelihood ratio of a piece's sound for a sentence against any other."""
    sameness: Callable[[Piece, Piece], float]
    """The log likelihood ratio of two pieces for being one sentence against being two."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A way from one state to another: so many pieces, after which a sentence was the last."""

    parts: int
    sentence: int
    piece: Piece | None
    """None where a piece is a noise."""
    log_likelihood: float


_Scores = dict[int, float]


def align(pieces: list[Piece], evidence: Evidence) -> list[Said]:
    """Find the sentences of a take, in their order; of one that was repeated, all takes.

    Args:
        pieces: What was said between pauses.
        evidence: What speaks for which sentence.
    """
    steps = _Reader(pieces, evidence)
    forward = _forward(pieces, steps)
    last = len(evidence.expected_s) - 1
    ending = {now: _LEFT_OUT * (last - now) for now in forward[len(pieces)]}
    backward: list[_Scores] = [{} for _ in pieces] + [ending]
    for at in range(len(pieces) - 1, -1, -1):
        for now in forward[at]:
            later = [
                step.log_likelihood + backward[at + step.parts].get(step.sentence, -math.inf)
                for step in steps(at, now)
            ]
            backward[at][now] = _sum(later)
    return _best(forward, backward, steps)


def last_takes(said: Sequence[Said]) -> dict[int, Said]:
    """Keep the last take of each sentence."""
    return {one.sentence: one for one in said}


class _Reader:
    """Says what may come next, and how likely that is."""

    def __init__(self, pieces: list[Piece], evidence: Evidence) -> None:
        self._pieces = pieces
        self._evidence = evidence
        spoken_s = sum(piece.length_s for piece in pieces)
        self._pace = math.log(spoken_s / sum(evidence.expected_s))
        typical = [
            math.log(piece.length_s / expected_s) - self._pace
            for piece, expected_s in zip(pieces, evidence.expected_s, strict=False)
        ]
        self._pace += max(-0.2, min(0.2, median(typical)))
        self._steps = cache(self._find_steps)

    def __call__(self, at: int, now: int) -> list[_Step]:
        return self._steps(at, now)

    def off_length(self, piece: Piece, sentence: int) -> float:
        """Return how far a piece is from the length of a sentence, as a logarithm."""
        expected_s = self._evidence.expected_s[sentence]
        return math.log(max(piece.length_s, 0.01) / expected_s) - self._pace

    def is_strange(self, piece: Piece, sentence: int) -> bool:
        """Tell whether a piece sounds like no sentence, as a noise does."""
        return self._evidence.apart(piece, sentence) >= _STRANGE

    def longest_gap_s(self, at: int, parts: int) -> float:
        """Return the longest pause within some pieces, in seconds."""
        gaps = pairwise(self._pieces[at : at + parts])
        return max((after.start_s - before.end_s for before, after in gaps), default=0.0)

    def _find_steps(self, at: int, now: int) -> list[_Step]:
        piece = self._pieces[at]
        noise = _NOISE + _NOISE_A_SECOND * piece.length_s
        found = [_Step(1, now, None, noise)]
        last = min(len(self._evidence.expected_s) - 1, now + AHEAD)
        joined = groups(self._pieces, at, most=_MOST_PARTS, longest_gap_s=_LONGEST_GAP_S)
        for parts, group in enumerate(joined, 1):
            for sentence in range(max(0, now), last + 1):
                off = self.off_length(group, sentence)
                if abs(off) > _FARTHEST_LENGTH:
                    continue
                score = -0.5 * min(9.0, (off / _LENGTH_SPREAD) ** 2) + _PAUSED * (parts - 1)
                score += self._evidence.likeness(group, sentence)
                score += self._order(at, group, sentence, now)
                found.append(_Step(parts, sentence, group, score))
        return found

    def _order(self, at: int, group: Piece, sentence: int, now: int) -> float:
        """Return how likely it is that a sentence comes after another."""
        # What was just before may have been a noise.
        before = self._pieces[max(0, at - 2) : at]
        same = max((self._evidence.sameness(one, group) for one in before), default=0.0)
        if sentence == now:
            return _REPEATED + same
        return _LEFT_OUT * (sentence - now - 1) - max(0.0, same)


def _forward(pieces: list[Piece], steps: _Reader) -> list[_Scores]:
    """Return how likely it is to have come to each state."""
    ways: list[dict[int, list[float]]] = [defaultdict(list) for _ in range(len(pieces) + 1)]
    ways[0][-1] = [0.0]
    forward: list[_Scores] = []
    for at, coming in enumerate(ways):
        scores = {now: _sum(parts) for now, parts in coming.items()}
        best = max(scores.values(), default=0.0)
        kept = {now: score for now, score in scores.items() if score > best - _BEAM}
        forward.append(kept)
        if at == len(pieces):
            break
        for now, score in kept.items():
            for step in steps(at, now):
                ways[at + step.parts][step.sentence].append(score + step.log_likelihood)
    return forward


def _best(forward: list[_Scores], backward: list[_Scores], steps: _Reader) -> list[Said]:
    """Go the way whose steps are each the most probable, and judge its pieces."""
    total = backward[0][-1]
    chances: list[dict[tuple[int, int], float]] = []
    for at in range(len(forward) - 1):
        found: dict[tuple[int, int], float] = defaultdict(float)
        for now, score in forward[at].items():
            for step in steps(at, now):
                ahead = backward[at + step.parts].get(step.sentence, -math.inf)
                chance = math.exp(min(0.0, score + step.log_likelihood + ahead - total))
                found[step.parts, -1 if step.piece is None else step.sentence] += chance
        chances.append(found)
    said = []
    at, now = 0, -1
    while at < len(chances):
        step = max(
            (one for one in steps(at, now)),
            key=lambda one: (
                one.log_likelihood + backward[at + one.parts].get(one.sentence, -math.inf)
            ),
        )
        if step.piece is not None:
            likely = chances[at][step.parts, step.sentence] >= _SURE
            fits = abs(steps.off_length(step.piece, step.sentence)) < _FAR_LENGTH
            whole = steps.longest_gap_s(at, step.parts) < _LONG_GAP_S
            is_sure = likely and fits and whole and not steps.is_strange(step.piece, step.sentence)
            said.append(Said(step.sentence, step.piece, is_sure))
        at, now = at + step.parts, step.sentence
    return said


def _sum(logarithms: Sequence[float]) -> float:
    """Add probabilities that are given as logarithms."""
    most = max(logarithms, default=-math.inf)
    if most == -math.inf:
        return most
    return most + math.log(sum(math.exp(one - most) for one in logarithms))
