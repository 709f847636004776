"""How many buyers a figure is measured with."""

from dataclasses import dataclass

#: Buyers of a run that only shows that all works.
QUICK_BUYERS = 300


@dataclass(frozen=True)
class Sizes:
    """``buyers`` in place of the size that a figure has; ``quick`` makes all sizes tiny, and peers run once.

    A quick figure says that all works, and nothing about speed.
    """

    buyers: int | None = None
    quick: bool = False

    def of(self, usual: int) -> int:
        """Buyers of a run that usually has so many."""
        return self.buyers or (QUICK_BUYERS if self.quick else usual)
