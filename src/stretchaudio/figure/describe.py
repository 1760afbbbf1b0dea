"""Put a figure into words for those who do not see it: its position, and what is bent or raised."""

from collections.abc import Iterator, Mapping, Sequence

from stretchaudio.figure.geometry import subtract, times, transposed, unit
from stretchaudio.figure.pose import OTHER, SIDES, Pose
from stretchaudio.figure.reach import solve
from stretchaudio.figure.skeleton import Body

BENT, FOLDED, LEANING, AHEAD, RAISED, NODDING = 22, 40, 15, 18, 70, 30
"""Degrees, and hundredths of the body's height, from which something is worth a word."""
MOST = 4
"""Things that are said of a pose; more is no picture any more."""


def describe(poses: Sequence[Pose], words: Mapping[str, str], positions: Mapping[str, str]) -> str:
    """Describe the poses of a figure, one after the other.

    Args:
        poses: They begin from the same position.
        words: What can be said, in a language, by the keys that `details` gives.
        positions: The names of positions.
    """
    told = (", ".join(words[key] for key in [*details(pose)][:MOST]) for pose in poses)
    first, rest = positions[position(poses[-1])], [*dict.fromkeys(filter(None, told))]
    text = f"{first}, {'; '.join(rest)}" if rest else first
    return text[:1].upper() + text[1:]


def position(pose: Pose) -> str:
    """Name the position of a pose, as routines name positions."""
    touching = {name.removeprefix("right ").removeprefix("left ") for name in pose.ground}
    if pose.chair or ("seat" in touching and pose.pelvis.bend > -FOLDED):
        return "seated"
    if pose.pelvis.bend < -FOLDED:
        return "supine"
    if "hip" in touching:
        return "prone"
    if touching & {"knee", "leg", "shank"}:
        on_hands = touching & {"hand", "forearm"} and pose.pelvis.turn == 0
        thighs_upright = all(abs(pose.pelvis.bend - leg.lift) < AHEAD for leg in pose.legs.values())
        return "all fours" if on_hands and thighs_upright else "kneeling"
    return "standing"


def details(pose: Pose) -> Iterator[str]:
    """Name what is bent, raised or turned, the most striking first."""
    where = position(pose)
    solved, body = solve(pose)
    yield from _trunk(pose, where)
    yield from _legs(solved, body, where)
    yield from _arms(solved, body)
    yield from _head(pose)


def _trunk(pose: Pose, where: str) -> Iterator[str]:
    bend, lean, turn = (
        sum(getattr(part, name) for part in pose.spine) for name in ("bend", "lean", "turn")
    )
    if where in {"standing", "seated"} and pose.pelvis.bend > BENT:
        yield "bent forward"
    elif bend > BENT:
        yield "back rounded"
    if bend < -BENT:
        yield "bent back"
    if where == "supine" and pose.pelvis.bend < -90 - BENT:
        yield "hips raised"
    for name, amount in (("leaning", lean + pose.pelvis.lean), ("turned", turn)):
        if abs(amount) > LEANING and where != "supine":
            yield f"{name} {'right' if amount > 0 else 'left'}"
    if where == "supine" and abs(pose.pelvis.lean) > LEANING:
        yield f"knees {'right' if pose.pelvis.lean > 0 else 'left'}"


def _legs(solved: Pose, body: Body, where: str) -> Iterator[str]:
    lifts = {side: leg.lift - (where == "standing") * solved.pelvis.bend
             for side, leg in solved.legs.items()}  # fmt: skip
    for side in SIDES:
        leg, other = solved.legs[side], OTHER[side]
        is_up = lifts[side] > RAISED * 0.8 and lifts[side] - lifts[other] > BENT
        if where in {"standing", "supine", "seated"} and is_up and leg.knee > BENT:
            yield f"{side} knee raised"
        elif where == "seated" and leg.knee < BENT < solved.legs[other].knee:
            yield f"{side} leg straight"
        elif where in {"standing", "kneeling"}:
            ahead = body.points[f"{side} ankle"][0] - body.points[f"{other} ankle"][0]
            if ahead > AHEAD and abs(leg.knee) < 140 and solved.legs[other].knee < 140:
                yield f"{side} leg forward"
        if where == "standing" and leg.knee > 100 and lifts[side] < BENT:
            yield f"{side} heel to seat"


def _arms(solved: Pose, body: Body) -> Iterator[str]:
    found = {side: _arm(solved, body, side) for side in SIDES}
    if found["right"] == found["left"] and found["right"]:
        yield f"arms {found['right']}"
        return
    yield from (f"{side} arm {where}" for side, where in found.items() if where)


def _arm(solved: Pose, body: Body, side: str) -> str:
    arm = solved.arms[side]
    if arm.elbow > RAISED or f"{side} hand" in solved.reach:  # it holds on to something
        return ""
    at = body.points
    way = unit(subtract(at[f"{side} hand"], at[f"{side} shoulder"]))
    # Of somebody upright one says where the arm is in the room, of others where on the body.
    is_turned = any(part.turn for part in solved.spine)
    is_upright = abs(solved.pelvis.bend) < FOLDED and not is_turned
    x, y, z = way if is_upright else times(transposed(body.frames["thorax"]), way)
    if z > 0.7:
        return "overhead"
    if abs(y) > 0.75:
        return "out"
    if x > 0.7:
        return "ahead"
    return "back" if x < -0.5 else ""


def _head(pose: Pose) -> Iterator[str]:
    bend = pose.neck.bend + pose.head.bend
    turn = pose.neck.turn + pose.head.turn
    if bend > NODDING:
        yield "chin down"
    if bend < -NODDING:
        yield "chin up"
    if abs(turn) > NODDING and all(part.turn == 0 for part in pose.spine):
        yield f"head {'right' if turn > 0 else 'left'}"
