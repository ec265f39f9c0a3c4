"""Light or dark: what a visitor may choose, and where the browser keeps it."""

from collections.abc import Mapping

# "system" follows the device and is what a browser without the cookie gets.
SYSTEM = "system"
THEMES = (SYSTEM, "light", "dark")
COOKIE = "theme"
# Seconds the browser keeps the choice: a year.
COOKIE_AGE = 365 * 24 * 60 * 60


def chosen_theme(cookies: Mapping[str, str]) -> str:
    """Return one of THEMES; anything else that a cookie may hold counts as not chosen."""
    wanted = cookies.get(COOKIE, "")
    return wanted if wanted in THEMES else SYSTEM
