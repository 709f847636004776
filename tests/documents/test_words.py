"""What a user reads says things in the field's words, and the glossary explains those."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")

#: Words of our own -> what to say instead.
PRIVATE = {
    r"dock(?:ed|ing)": "the engines agree bit for bit",
    r"slow state": "what only reviews change",
    r"lower(?:ed|ing)(?! by)": "prepared for the engine",
    r"tall(?:y|ies)": "counts",
    r"sights?": "observed statistics",
    r"fates?": "outcome",
    r"(?:is|are|be|been|being|cannot be|not) told": "shown, reported, identified",
    r"(?:lives|life|it|they)(?: first)? parts?|parted|partings?": "diverge, divergence",
    r"tak(?:en|ing) back": "set to the baseline's value",
    r"(?:when|each one|alone and|alone,) left out": "removed",
    r"(?:the|our|this) house": "the package",
}

#: Where today's texts still have one, and how often at most: tables and sentences that a later change mends. Docking
#: keeps its name in the pages on engines.
KNOWN: dict[str, dict[str, int]] = {
    r"dock(?:ed|ing)": {
        "docs/verification.md": 2,
    },
    r"slow state": {
        "docs/model.md": 1, "docs/parameters.md": 1, "simulator/scenario": 1,
    },
    r"tall(?:y|ies)": {
        
    },
    r"fates?": {
        "docs/parameters.md": 1, "simulator/questions/frame": 2, "simulator/workshop": 2,
    },
    r"(?:is|are|be|been|being|cannot be|not) told": {
        "docs/gallery.md": 1, "docs/studies/mix.md": 1, "simulator/documents": 1,
        "simulator/leads": 2, "simulator/questions/mix": 1, "simulator/questions/sensitivity": 1,
        "simulator/questions/when": 1,
    },
    r"(?:lives|life|it|they)(?: first)? parts?|parted|partings?": {
        "docs/gallery.md": 4, "docs/parameters.md": 1, "docs/studies/twins.md": 13,
        "docs/workshop.md": 1, "conf": 1, "simulator/documents": 3, "simulator/questions/frame": 1,
        "simulator/questions/twins": 13, "simulator/workshop": 4,
    },
    r"tak(?:en|ing) back": {
        "docs/studies/twins.md": 4, "simulator/questions/frame": 3, "simulator/questions/twins": 3,
    },
    r"(?:when|each one|alone and|alone,) left out": {
        "docs/gallery.md": 2, "conf": 1,
        "simulator/documents": 1,
    },
}  # fmt: skip


def text_of_python(path: Path) -> str:
    """String literals of several words, but for docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return "\n".join(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if " " in node.value and id(node) not in docstrings
    )


def text_of_markdown(path: Path) -> str:
    """Without what stands in code marks: names of keys, columns and files."""
    return re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)", " ", path.read_text(encoding="utf-8"), flags=re.S)


@cache
def texts() -> dict[str, str]:
    """What a user reads, by page, or by the folder of the module that says it."""
    gathered: dict[str, str] = {}

    def add(place: str, text: str) -> None:
        gathered[place] = f"{gathered.get(place, '')}\n{text}"

    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        add(path.relative_to(ROOT).as_posix(), text_of_markdown(path))
    for folder in ("scenarios", "conf"):
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            add(folder, path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "simulator").rglob("*")):
        inside = path.relative_to(ROOT / "simulator").parts
        place = "/".join(("simulator", *inside[: 2 if inside[0] == "questions" else 1]))
        if path.suffix == ".py":
            add(place, text_of_python(path))
        elif path.suffix in (".html", ".js"):
            add(place, path.read_text(encoding="utf-8"))
    for page in ("glossary", "decisions"):  # what words mean; what maintainers read
        del gathered[f"docs/{page}.md"]
    return gathered


@pytest.mark.parametrize("word", PRIVATE)
def test_what_users_read_has_no_words_of_our_own(word: str) -> None:
    counts = Counter({place: len(re.findall(rf"\b(?:{word})\b", text, re.I)) for place, text in texts().items()})
    new = {place: count for place, count in counts.items() if count > KNOWN.get(word, {}).get(place, 0)}
    assert new == {}, f"say instead: {PRIVATE[word]}"


def test_the_known_ones_are_still_there() -> None:
    mended = [
        (word, place)
        for word, places in KNOWN.items()
        for place in places
        if not re.search(rf"\b(?:{word})\b", texts().get(place, ""), re.I)
    ]
    assert mended == [], "take them off the list"


def entries() -> Iterator[tuple[str, str]]:
    """Terms of the glossary and what they mean."""
    for line in GLOSSARY.splitlines():
        if line.startswith("| ") and not line.startswith(("| term |", "| --- |")):
            term, meaning = (cell.strip() for cell in line.strip("|").split(" | "))
            yield term, meaning


def test_the_glossary_is_in_order_and_says_each_term_once() -> None:
    terms = [term.lower() for term, _ in entries()]
    assert len(terms) > 60
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("term", ["MQL", "SAL", "SQL", "Shapley value", "jackknife", "docking", "holdout", "warm-up"])
def test_the_glossary_has_what_the_pages_take_for_known(term: str) -> None:
    assert dict(entries())[term]


def test_the_readme_leads_to_the_glossary() -> None:
    assert "docs/glossary.md" in (ROOT / "README.md").read_text(encoding="utf-8")
