"""Figures inside a page: an SVG file cut down to what a page needs, its names made its own, readable aloud."""

import re
import xml.etree.ElementTree as ElementTree

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"

#: Figures are set in DejaVu Sans; Verdana is as wide.
_FONT = re.compile(r"'DejaVu Sans'")
_FONTS = "'DejaVu Sans', Verdana, Geneva, sans-serif"

#: Places of points that nobody sees: a hundredth of a point stays.
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_PLACES = ("d", "x", "y", "points")

_OWN = re.compile(r"url\(#([^)]*)\)")


def inline(svg: str, name: str, title: str, about: str = "") -> str:
    """An ``<svg>`` element to stand in a page, as wide as its place.

    Parameters
    ----------
    svg : a whole file, as matplotlib writes it.
    name : of the figure; every id in it begins with this, so that two figures in a page do not meet.
    title, about : what is read aloud in place of it.
    """
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{_SVG}style", f"{_SVG}metadata") or not child.tag.startswith(_SVG):
                parent.remove(child)  # the style is on the element itself, below: here it would be the whole page's
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        element.attrib = dict(_attribute(key, value, name) for key, value in element.attrib.items())
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.attrib |= {
        "id": name, "class": "figure", "role": "img", "aria-labelledby": f"{name}-title {name}-about",
        "style": "stroke-linejoin: round; stroke-linecap: butt",
    }  # fmt: skip
    for place, (tag, text) in enumerate((("title", title), ("desc", about))):
        said = ElementTree.Element(tag, {"id": f"{name}-{'about' if place else 'title'}"})
        said.text = text
        root.insert(place, said)
    return ElementTree.tostring(root, encoding="unicode")


def _attribute(key: str, value: str, name: str) -> tuple[str, str]:
    key = key.removeprefix(_XLINK)
    if key == "id":
        return key, f"{name}-{value}"
    if key == "href" and value.startswith("#"):
        return key, f"#{name}-{value[1:]}"
    if key in _PLACES:
        return key, _NUMBER.sub(lambda found: f"{float(found[0]):.2f}", value)
    return key, _FONT.sub(_FONTS, _OWN.sub(lambda found: f"url(#{name}-{found[1]})", value))
