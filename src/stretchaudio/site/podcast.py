"""Know what podcast directories ask for: categories, and the form of a cover and an address."""

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from stretchaudio.errors import FileError, UsageError, did_you_mean

CATEGORIES: dict[str, str] = {
    "Arts": "Books, Design, Fashion & Beauty, Food, Performing Arts, Visual Arts",
    "Business": "Careers, Entrepreneurship, Investing, Management, Marketing, Non-Profit",
    "Comedy": "Comedy Interviews, Improv, Stand-Up",
    "Education": "Courses, How To, Language Learning, Self-Improvement",
    "Fiction": "Comedy Fiction, Drama, Science Fiction",
    "Government": "",
    "Health & Fitness": "Alternative Health, Fitness, Medicine, Mental Health, Nutrition, "
    "Sexuality",
    "History": "",
    "Kids & Family": "Education for Kids, Parenting, Pets & Animals, Stories for Kids",
    "Leisure": "Animation & Manga, Automotive, Aviation, Crafts, Games, Hobbies, Home & Garden, "
    "Video Games",
    "Music": "Music Commentary, Music History, Music Interviews",
    "News": "Business News, Daily News, Entertainment News, News Commentary, Politics, "
    "Sports News, Tech News",
    "Religion & Spirituality": "Buddhism, Christianity, Hinduism, Islam, Judaism, Religion, "
    "Spirituality",
    "Science": "Astronomy, Chemistry, Earth Sciences, Life Sciences, Mathematics, "
    "Natural Sciences, Nature, Physics, Social Sciences",
    "Society & Culture": "Documentary, Personal Journals, Philosophy, Places & Travel, "
    "Relationships",
    "Sports": "Baseball, Basketball, Cricket, Fantasy Sports, Football, Golf, Hockey, Rugby, "
    "Running, Soccer, Swimming, Tennis, Volleyball, Wilderness, Wrestling",
    "TV & Film": "After Shows, Film History, Film Interviews, Film Reviews, TV Reviews",
    "Technology": "",
    "True Crime": "",
}
"""Apple's categories with their subcategories (podcasters.apple.com, Apple Podcasts categories)."""
SIDES = range(1400, 3001)
"""Sides of a cover in pixels that Apple takes."""
MOST_COVER_BYTES = 10 * 1024 * 1024
_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Podcast:
    """What podcast directories ask for, beside a title. None stands for the usual."""

    author: str | None = None
    """Who makes the podcast."""
    email: str | None = None
    """Where directories send the code that proves whose podcast it is."""
    category: tuple[str, ...] = ("Health & Fitness", "Fitness")
    """One of Apple's categories, and its subcategory if there is one."""
    cover: str | None = None
    """The name of a cover of one's own in the site; None for one that is drawn."""


def parse_category(text: str) -> tuple[str, ...]:
    """Find a category or a subcategory by its name.

    Raises:
        UsageError: If Apple has none of that name.
    """
    known: dict[str, tuple[str, ...]] = {name.casefold(): (name,) for name in CATEGORIES}
    for name, subcategories in CATEGORIES.items():
        for one in filter(None, subcategories.split(", ")):
            known[one.casefold()] = (name, one)
    wanted = re.split(r"\s*[>:/]\s*", text.strip())[-1].casefold()
    if wanted not in known:
        names = [found[-1] for found in known.values()]
        hint = did_you_mean(text, names).strip() or f"Choose one of: {', '.join(CATEGORIES)}."
        raise UsageError(f"'{text}' is not a category of Apple's.", hint=hint)
    return known[wanted]


def check_email(text: str) -> str:
    """Refuse what cannot be an address for mail.

    Raises:
        UsageError: If it cannot.
    """
    if not _EMAIL.fullmatch(text):
        raise UsageError(f"'{text}' is not an e-mail address.", hint="Write it as me@example.org.")
    return text


def read_cover(path: Path) -> tuple[str, bytes]:
    """Read a cover that directories will take.

    Returns:
        Its name in a site, and its bytes.

    Raises:
        FileError: If it cannot be read.
        UsageError: If it is no JPEG or PNG, not square, or of another size.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        if path.stat().st_size > MOST_COVER_BYTES:
            raise UsageError(f"{path} is larger than 10 MB.", hint="Save it as a JPEG.")
        data = path.read_bytes()
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    hint = "A cover is a square JPEG or PNG with sides of 1400 to 3000 pixels."
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as picture,
        ):
            kind, (width, height) = picture.format, picture.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise UsageError(f"{path} is not a JPEG or a PNG.", hint=hint) from None
    if width != height or width not in SIDES:
        raise UsageError(f"{path} is {width} × {height} pixels.", hint=hint)
    return f"cover.{'png' if kind == 'PNG' else 'jpg'}", data
