"""A report as a browser's parser sees it, and what must hold for every one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

#: Elements without an end.
VOID = ("meta", "img", "br", "wbr", "hr", "input", "link")

LARGEST = 2_000_000

#: Attributes by which a page would fetch something.
FETCHING = ("src", "srcset", "data", "action", "formaction", "poster", "background", "ping", "manifest")

#: What makes a browser forbid every request.
POLICY = ("default-src 'none'", "style-src 'unsafe-inline'", "script-src 'unsafe-inline'", "img-src data:")


@dataclass
class Element:
    """One element with what is inside."""

    tag: str
    attributes: Mapping[str, str]
    inside: "list[Element | str]" = field(default_factory=list)

    def all(self, *tags: str) -> "list[Element]":
        """Elements of these tags at any depth, in order; all without tags."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                found += [one] if not tags or one.tag in tags else []
                found += one.all(*tags)
        return found

    def text(self) -> str:
        """Everything said, as it stands."""
        return "".join(one if isinstance(one, str) else one.text() for one in self.inside)

    def words(self) -> str:
        """Everything said, with single blanks."""
        return " ".join(self.text().replace("\u2007", " ").split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {key: value or "" for key, value in attrs})
        self._open[-1].inside.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Element(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"<{self._open[-1].tag}> is ended by </{tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def read(html: str) -> Element:
    """A page as a tree; every element must end where it should."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader._open == [reader.root]
    return reader.root


def checked(file: Path) -> Element:
    """A report that holds to what all of them promise."""
    html = file.read_text(encoding="utf-8")
    page = read(html)
    assert len(html.encode()) < LARGEST
    ids = [one.attributes["id"] for one in page.all() if "id" in one.attributes]
    assert len(set(ids)) == len(ids)
    [policy] = [one.attributes["content"] for one in page.all("meta")
                if one.attributes.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
    assert all(rule in policy for rule in POLICY)
    assert not page.all("link", "iframe", "object", "embed", "base", "form")
    for one in page.all():
        for key, value in one.attributes.items():
            if key in FETCHING or (key, one.tag) == ("href", "image"):
                assert value.startswith("data:"), (one.tag, key, value[:60])
            elif key == "href":
                inside = value.startswith("#")
                assert value[1:] in ids if inside else (file.parent / value).is_file(), value
            for called in value.split("url(#")[1:] if "url(" in value else []:
                assert called.split(")")[0] in ids, value
            assert value.count("url(") == value.count("url(#"), value
    assert "@import" not in html and "xlink" not in html
    for figure in page.all("figure"):
        [drawn] = [one for one in figure.inside if isinstance(one, Element)]
        if drawn.tag == "img":
            assert drawn.attributes["alt"]
        else:
            title, about = drawn.all()[:2]
            assert (drawn.tag, title.tag, about.tag) == ("svg", "title", "desc") and title.words()
            assert drawn.attributes["role"] == "img" and title.attributes["id"] in drawn.attributes["aria-labelledby"]
    for table in page.all("table"):
        assert table.inside and table.all("caption") and all("scope" in head.attributes for head in table.all("th"))
    [question] = page.all("h1")
    assert question.words() and [one.attributes["id"] for one in page.all("section")][-3:] == [
        "hangs-on", "method", "repeat",
    ]  # fmt: skip
    return page


def section(page: Element, name: str) -> Element:
    """A part of the page by its id."""
    [found] = [one for one in page.all("section") if one.attributes["id"] == name]
    return found


def rows(table: Element) -> list[list[str]]:
    """Cells of each row."""
    cells = [[one for one in row.inside if isinstance(one, Element)] for row in table.all("tr")]
    return [[one.words() for one in row] for row in cells]
