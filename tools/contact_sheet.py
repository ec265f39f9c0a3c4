"""Pictures of all customer pages beside the design, or with --check what is wrong with them.

`uv run python -m tools.contact_sheet` against a running demo. Pictures and sheets go to
var/sheets/; the browser is Playwright's, or the one that PORTAL_CHROMIUM names.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from tools import page_checks
from tools.customer_pages import (
    LOGIN,
    OPEN_PAGES,
    OWN_PAGES,
    PASSWORD,
    CustomerPage,
    Scheme,
    address,
    launch,
    log_in,
    places,
    speak,
    visitor,
)

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# (name, width in CSS px, scheme, width of a picture on the sheet, pictures in a row)
MODES: tuple[tuple[str, int, Scheme, int, int], ...] = (
    ("390-light", 390, "light", 300, 7),
    ("390-dark", 390, "dark", 300, 7),
    ("1280-light", 1280, "light", 640, 4),
)
DESIGN = {
    "390-light": "dashboard-390.png",
    "390-dark": "dashboard-390-dark.png",
    "1280-light": "dashboard-1280.png",
}
WIDTHS = (320, 390, 1280)
GAP, LABEL = 24, 22
# A longer picture is cut on the sheet, not in its own file; in px.
TALLEST = 2200
PAPER, INK = (120, 124, 122), (255, 255, 255)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of both jobs; return the exit code."""
    options = _options(arguments)
    with sync_playwright() as playwright:
        browser = launch(playwright, options.chromium)
        try:
            if options.check:
                return check(browser, options)
            take_pictures(browser, options)
        finally:
            browser.close()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--login", default=LOGIN)
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    parser.add_argument("--only", default="", help="names of pages, parted by commas")
    parser.add_argument("--out", type=Path, default=Path("var/sheets"))
    parser.add_argument("--design", type=Path, help="folder with the design's pictures")
    parser.add_argument("--chromium", default=os.environ.get("PORTAL_CHROMIUM", ""))
    parser.add_argument("--check", action="store_true", help="judge the pages, take no pictures")
    return parser.parse_args(arguments)


def pages_in(page: Page, options: argparse.Namespace, language: str) -> Iterator[tuple[str, str]]:
    """Open each wanted page in turn and yield (name, what is wrong with its answer or "")."""
    wanted = set(filter(None, options.only.split(",")))
    base = options.base_url.rstrip("/")
    page.goto(f"{base}/accounts/login/")
    log_in(page, base, login=options.login, password=options.password)
    speak(page, language)
    found = places(page, base)
    for group in (OWN_PAGES, OPEN_PAGES):
        if group is OPEN_PAGES:
            page.context.clear_cookies()
        for one in group:
            if not wanted or one.name in wanted:
                yield one.name, _open(page, base, one, found)


def _open(page: Page, base: str, one: CustomerPage, found: dict[str, str]) -> str:
    path = address(one, found)
    if not path:
        return "no way to this page in the demo"
    answer = page.goto(base + path)
    status = answer.status if answer else 0
    return "" if status == one.status else f"answered {status} instead of {one.status}"


def take_pictures(browser: Browser, options: argparse.Namespace) -> None:
    """Save a picture of every page in every mode, and one sheet a mode."""
    options.out.mkdir(parents=True, exist_ok=True)
    for mode, width, scheme, shown_width, in_a_row in MODES:
        design = options.design / DESIGN[mode] if options.design else None
        pictures = [("design", design)] if design and design.exists() else []
        with visitor(browser, language=options.language, width=width, scheme=scheme) as context:
            page = context.new_page()
            for name, wrong in pages_in(page, options, options.language):
                if wrong:
                    print(f"{mode} {name}: {wrong}", file=sys.stderr)
                    continue
                picture = options.out / f"{name}-{mode}-{options.language}.png"
                photograph(page, picture, width=width)
                pictures.append((name, picture))
        sheet = options.out / f"sheet-{mode}-{options.language}.png"
        join(pictures, sheet, shown_width=shown_width, in_a_row=in_a_row)
        print(sheet)


def photograph(page: Page, picture: Path, *, width: int) -> None:
    """Save the whole page, in a window as tall as it: the bar then stands at its very bottom."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(page_checks.HEIGHT, height)})
    page.screenshot(path=picture)
    page_checks.resize(page, width)


def join(
    pictures: Sequence[tuple[str, Path]], sheet: Path, *, shown_width: int, in_a_row: int
) -> None:
    """Put pictures side by side, each scaled to `shown_width` and named, into one file."""
    tiles = [(name, _scaled(path, shown_width)) for name, path in pictures]
    rows = [tiles[start : start + in_a_row] for start in range(0, len(tiles), in_a_row)]
    heights = [max(tile.height for _, tile in row) + LABEL + GAP for row in rows]
    whole = Image.new("RGB", (GAP + in_a_row * (shown_width + GAP), sum(heights) + GAP), PAPER)
    draw = ImageDraw.Draw(whole)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for place, (name, tile) in enumerate(row):
            left = GAP + place * (shown_width + GAP)
            draw.text((left, top), name, fill=INK)
            whole.paste(tile, (left, top + LABEL))
        top += height
    whole.save(sheet)


def _scaled(path: Path, width: int) -> Image.Image:
    with Image.open(path) as picture:
        height = round(picture.height * width / picture.width)
        small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        return small.crop((0, 0, width, min(height, TALLEST)))


def check(browser: Browser, options: argparse.Namespace) -> int:
    """Judge every page in two languages, three widths, light and dark; print a table."""
    rows: list[tuple[str, str, str]] = []
    judged = 0
    for language in ("zh", "en"):
        with visitor(browser, language=language, width=WIDTHS[0], scheme="light") as context:
            page = context.new_page()
            heard = page_checks.Listener(page)
            for name, wrong in pages_in(page, options, language):
                found = [(language, wrong)] if wrong else list(judge(page, language))
                found += [(language, text) for text in heard.take()]
                rows += [(name, where, text) for where, text in found]
                judged += 1
    _print_table(rows, judged)
    return 1 if rows else 0


def judge(page: Page, language: str) -> Iterator[tuple[str, str]]:
    """Yield (mode, finding) of the open page in every width, light and dark."""
    for width in WIDTHS:
        page_checks.resize(page, width)
        for text in page_checks.sideways(page):
            yield f"{language} {width}", text
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for text in page_checks.axe_violations(page):
                yield f"{language} {width} {scheme}", text


def _print_table(rows: Sequence[tuple[str, str, str]], judged: int) -> None:
    for name, where, text in rows:
        print(f"{name:20} {where:16} {text}")
    print(f"{judged} pages judged (two languages), {len(rows)} findings")


if __name__ == "__main__":
    sys.exit(main())
