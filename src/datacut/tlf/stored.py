"""A `Layout` as bytes, and back: what documents are bound from, long after the output was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from pydantic import TypeAdapter

from datacut.tlf.layout import Image, Layout, Page

LAYOUT = "layout"
"""The member that holds the pages as JSON; the pictures stand beside it as they are."""


def layout_members(layout: Layout) -> dict[str, bytes]:
    """The members that a layout is kept as."""
    members: dict[str, bytes] = {}
    pages = []
    for number, page in enumerate(layout.pages):
        if page.image is not None:
            image = page.image.image
            members |= {f"{LAYOUT}/{number}.png": image.png, f"{LAYOUT}/{number}.pdf": image.pdf}
            page = _with(page, replace(image, png=b"", pdf=b""))
        pages.append(page)
    members[LAYOUT] = _adapter().dump_json(replace(layout, pages=tuple(pages)))
    return members


def layout_from(members: Mapping[str, bytes]) -> Layout:
    """The layout of `layout_members`."""
    layout = _adapter().validate_json(members[LAYOUT])
    pages = []
    for number, page in enumerate(layout.pages):
        if page.image is not None:
            png, pdf = members[f"{LAYOUT}/{number}.png"], members[f"{LAYOUT}/{number}.pdf"]
            page = _with(page, replace(page.image.image, png=png, pdf=pdf))
        pages.append(page)
    return replace(layout, pages=tuple(pages))


def _with(page: Page, image: Image) -> Page:
    return page if page.image is None else replace(page, image=replace(page.image, image=image))


@cache
def _adapter() -> TypeAdapter[Layout]:
    return TypeAdapter(Layout)
