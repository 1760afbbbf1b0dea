"""Define a pose: the angles of one body's joints, what it touches, what is to be shown of it.

All angles are in degrees, all lengths in hundredths of the body's height. What is said of one
side is said of both when the key is plural: `arms` for `right arm` and `left arm`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from stretchaudio.errors import did_you_mean

SIDES = ("right", "left")
OTHER = {"right": "left", "left": "right"}
PAIRS = {
    "arm": "arms", "leg": "legs", "hand": "hands", "elbow": "elbows", "foot": "feet",
    "knee": "knees", "toes": "toes", "heel": "heels", "hip": "hips", "forearm": "forearms",
    "shoulder": "shoulders", "thigh": "thighs", "shank": "shanks",
}  # fmt: skip
FREE = "free"
"""A limb that no longer reaches for what another pose reaches for."""
LISTS = ("ground", "work", "stretch", "arrow", "circle")
JOINTS = frozenset(
    {"hips", "waist", "ribs", "chest", "collar", "neck", "head", "chin", "nose", "forehead"}
).union(
    f"{side} {joint}"
    for side in SIDES
    for joint in (
        "ear", "nape", "shoulder", "elbow", "wrist", "hand", "fingers",
        "hip", "knee", "ankle", "heel", "ball", "toes",
    )
)  # fmt: skip
"""The points of a body that have a name."""
TRUNK_RESTS = ("back", "belly", "chest", "forehead", "head", "seat")
LIMB_RESTS = (
    "foot", "heel", "toes", "instep", "knee", "shank", "ankle", "leg", "hand", "fingers",
    "forearm", "elbow", "hip", "shoulder",
)  # fmt: skip
"""What can lie on the ground."""
TRUNK_PLACES = ("upper back", "lower back", "chest", "belly", "neck back", "neck front")
SIDE_PLACES = (
    "thigh back", "thigh front", "inner thigh", "outer hip", "hip front", "seat", "calf", "shin",
    "shoulder", "flank", "neck",
)  # fmt: skip
"""Where a stretch is felt."""
WAYS = frozenset({"up", "down", "forward", "back", "out", "in", "right", "left"})

Number = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
View = Literal[
    "front", "back", "right", "left", "right front", "left front", "right back", "left back",
    "above", "feet",
]  # fmt: skip
Point = tuple[Number, Number, Number | Literal["floor"]]


def _one_of(*known: str, sided: tuple[str, ...] = ()) -> AfterValidator:
    """Refuse a name that is none of those known; those in `sided` begin with right or left."""
    names = {*known, *(f"{side} {name}" for side in SIDES for name in sided)}

    def check(name: str) -> str:
        if name not in names:
            near = did_you_mean(name, names)
            raise ValueError(f"'{name}' is not known here.{near}")
        return name

    return AfterValidator(check)


def _directions(words: str) -> str:
    for word in words.split():
        if word not in WAYS:
            raise ValueError(f"'{word}' is no direction; there are {', '.join(sorted(WAYS))}")
    return words


Joint = Annotated[str, _one_of(*JOINTS)]
Directions = Annotated[str, AfterValidator(_directions)]


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bend(_Keys):
    """How far a part of the trunk is bent, seen from the part below it."""

    bend: Number = 0
    """Forward; less than 0 is backward."""
    lean: Number = 0
    """To the right."""
    turn: Number = 0
    """To the right."""


class Arm(_Keys):
    """An arm that hangs straight down, palm to the thigh, has 0 everywhere."""

    lift: Number = 0
    """How far the upper arm is raised: 90 is level, 180 overhead."""
    out: Number = 0
    """In which direction: 0 forward, 90 out to the side, 180 backward; below 0 across."""
    turn: Number = 0
    """Outward about its own length."""
    elbow: Number = 0
    wrist: Number = 0
    """Bent to the back of the hand."""
    palm: Number = 0
    """Turned backward, for an arm that hangs."""
    up: Number = 0
    """The shoulder, shrugged."""
    forward: Number = 0
    """The shoulder, rounded forward."""


class Leg(_Keys):
    """A leg that one stands on, toes ahead, has 0 everywhere."""

    lift: Number = 0
    """How far the thigh is raised forward."""
    out: Number = 0
    """How far it is out to the side."""
    turn: Number = 0
    """Outward about its own length."""
    knee: Number = 0
    point: Number = 0
    """How far the foot points away; less than 0 is drawn up."""
    toes: Number = 0
    """Bent up, as when one stands on them."""


class Reach(_Keys):
    """Where a hand, an elbow or an ankle is; the angles of its limb follow."""

    to: Annotated[
        str,
        _one_of(
            *JOINTS,
            *(name.removeprefix("right ") for name in JOINTS),
            *(name.replace("right ", "other ") for name in JOINTS),
        ),
    ]
    """A joint, of the same side if it names none; `other` names the other side's."""
    by: Point = (0, 0, 0)
    """How far from it: forward, outward, up; or down to the floor."""
    bend: Directions = ""
    """Where the elbow or the knee points, such as `down out`."""
    fingers: Directions = ""
    """Where the fingers point; left out, they go on as the forearm does."""


def _reach(value: Any) -> Any:
    return {"to": value} if isinstance(value, str) else value


class Pose(_Keys):
    """A body's pose, and how it is shown."""

    view: View = "right"
    """From where it is seen."""
    pelvis: Bend = Bend()
    """How the pelvis lies in the room: bent forward by 90, the body is face down."""
    spine: tuple[Bend, Bend, Bend] = (Bend(), Bend(), Bend())
    """From the lower back up."""
    neck: Bend = Bend()
    head: Bend = Bend()
    arms: Mapping[str, Arm] = {side: Arm() for side in SIDES}
    legs: Mapping[str, Leg] = {side: Leg() for side in SIDES}
    reach: Mapping[
        Annotated[str, _one_of(sided=("hand", "elbow", "foot"))],
        Annotated[Reach, BeforeValidator(_reach)],
    ] = {}
    """By what reaches: `right hand`, `left elbow`, `right foot`."""
    ground: tuple[Annotated[str, _one_of(*TRUNK_RESTS, sided=LIMB_RESTS)], ...] = ()
    """What rests on the ground."""
    chair: Literal["", "back", "front"] = ""
    """Whether it sits on one: against its back, or near its front."""
    wall: Annotated[str, _one_of("", sided=("hand",))] = ""
    """The hand that is on a wall."""
    work: tuple[Annotated[str, _one_of(sided=("arm", "leg"))], ...] = ()
    """The limbs at work."""
    stretch: tuple[Annotated[str, _one_of(*TRUNK_PLACES, sided=SIDE_PLACES)], ...] = ()
    """Where it is felt."""
    arrow: tuple[Joint, ...] = ()
    """The joints whose way from the other end of the movement is drawn."""
    circle: tuple[Joint, ...] = ()
    """The joints that go round in circles, as seen from the side."""


def expanded(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Write keys of both sides out for each side, and one number for the spine as its three."""
    result: dict[str, Any] = {}
    for limb, pair in (("arm", "arms"), ("leg", "legs")):
        result[pair] = {
            side: {**keys.get(pair, {}), **keys.get(f"{side} {limb}", {})} for side in SIDES
        }
    result["reach"] = {
        one: to for name, to in keys.get("reach", {}).items() for one in names_of_both(name)
    }
    if "spine" in keys:
        result["spine"] = _spine(keys["spine"])
    for name in LISTS:
        if name in keys:
            result[name] = [one for given in keys[name] for one in names_of_both(given)]
    done = {"arms", "legs", "right arm", "left arm", "right leg", "left leg", *result}
    return result | {name: value for name, value in keys.items() if name not in done}


def names_of_both(name: str) -> tuple[str, ...]:
    """Name both sides where a plural is written."""
    one = next((single for single, plural in PAIRS.items() if plural == name), None)
    return tuple(f"{side} {one}" for side in SIDES) if one else (name,)


def _spine(keys: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{}, {}, {}]
    for name, value in keys.items():
        shared = value if isinstance(value, list) else [float(value) / 3] * 3
        for part, degrees in zip(parts, shared, strict=True):
            part[name] = degrees
    return parts


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change some keys of a pose, all of them expanded."""
    result = dict(base)
    for name, value in changes.items():
        if value == FREE:
            result.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(base.get(name), Mapping):
            result[name] = merged(base[name], value)
        elif name == "spine" and name in base:
            result[name] = [{**a, **b} for a, b in zip(base[name], value, strict=True)]
        else:
            result[name] = value
    return result


def _side(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"{OTHER[first]} {rest}".strip() if first in OTHER else name


def _sides(words: str) -> str:
    return " ".join(map(_side, words.split()))


def mirrored(pose: Pose) -> Pose:
    """Do the same on the other side."""

    def bend(one: Bend) -> Bend:
        return Bend(bend=one.bend, lean=-one.lean, turn=-one.turn)

    spine = tuple(map(bend, pose.spine))
    return pose.model_copy(
        update={
            "view": _side(pose.view),
            "pelvis": bend(pose.pelvis),
            "spine": spine,
            "neck": bend(pose.neck),
            "head": bend(pose.head),
            "arms": {OTHER[one]: arm for one, arm in pose.arms.items()},
            "legs": {OTHER[one]: leg for one, leg in pose.legs.items()},
            "reach": {
                _side(name): Reach(
                    to=_side(to.to), by=to.by, bend=_sides(to.bend), fingers=_sides(to.fingers)
                )
                for name, to in pose.reach.items()
            },
            "wall": _side(pose.wall),
            **{name: tuple(map(_side, getattr(pose, name))) for name in LISTS},
        }
    )
