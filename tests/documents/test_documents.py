"""The pages under docs/ that are made from the code are those that the code makes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.documents.reference import PAGES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("name", "page"), PAGES.items())
def test_pages_are_up_to_date(name: str, page: Callable[[], str]) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == page(), "run `make docs`"
