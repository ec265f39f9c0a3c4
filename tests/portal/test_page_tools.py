"""The tools that walk the pages: addresses are filled, pictures are joined, bytes add up."""

from pathlib import Path

from PIL import Image

from tools.contact_sheet import GAP, LABEL, TALLEST, join
from tools.customer_pages import OPEN_PAGES, OWN_PAGES, CustomerPage, address
from tools.slow_link import Traffic

OURS = "http://portal.example/"


def test_address_is_filled_with_what_the_demo_showed() -> None:
    page = CustomerPage("usage", "{line_1}usage/")
    assert address(page, {"line_1": "/lines/abc/"}) == "/lines/abc/usage/"


def test_page_to_which_the_demo_shows_no_way_has_no_address() -> None:
    page = CustomerPage("usage", "{line_1}usage/")
    assert address(page, {"line_1": ""}) == ""
    assert address(page, {}) == ""


def test_every_page_has_a_name_of_its_own() -> None:
    names = [page.name for page in OPEN_PAGES + OWN_PAGES]
    assert len(names) == len(set(names))


def test_pictures_are_scaled_cut_and_put_side_by_side(tmp_path: Path) -> None:
    for name, size in (("short", (200, 100)), ("tall", (100, 9_000)), ("third", (50, 50))):
        Image.new("RGB", size).save(tmp_path / f"{name}.png")
    pictures = [(name, tmp_path / f"{name}.png") for name in ("short", "tall", "third")]
    join(pictures, tmp_path / "sheet.png", shown_width=100, in_a_row=2)
    with Image.open(tmp_path / "sheet.png") as sheet:
        rows = (TALLEST + LABEL + GAP) + (100 + LABEL + GAP)
        assert sheet.size == (GAP + 2 * (100 + GAP), rows + GAP)


def test_traffic_counts_our_answers_and_redirects_but_no_icon_and_no_other_host() -> None:
    traffic = Traffic(origin=OURS)
    for number, url in enumerate(("lines/", "static/icon.1234.svg")):
        traffic.sent({"requestId": str(number), "request": {"url": OURS + url}})
        traffic.finished({"requestId": str(number), "encodedDataLength": 1024})
    traffic.sent({"requestId": "h", "request": {"url": "http://checkout.example/"}})
    traffic.finished({"requestId": "h", "encodedDataLength": 5_000})
    traffic.sent({"requestId": "r", "request": {"url": f"{OURS}a/"}})
    hop = {"redirectResponse": {"encodedDataLength": 512}, "request": {"url": f"{OURS}b/"}}
    traffic.sent({"requestId": "r", **hop})
    traffic.finished({"requestId": "r", "encodedDataLength": 512})
    assert (traffic.requests, traffic.kilobytes) == (3, 2.0)
