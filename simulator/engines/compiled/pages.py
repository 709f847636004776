"""Arrays that take memory only where they are written: room for the worst case costs nothing until it is used.

The system gives a page when it is first touched. What numpy allocates may be memory that was used before, and is then
cleared, and so touched, in full; these arrays come straight from the system and go straight back.
"""

import contextlib
import mmap
from typing import Any

import numpy as np

#: From this size on the system is asked for large pages, if it has any: fewer addresses to look up.
_LARGE = 1 << 22
#: Only this process sees them; elsewhere than on Unix there is nothing to say.
_PRIVATE: dict[str, Any] = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}


def untouched(length: int, dtype: Any, large_pages: bool = False) -> np.ndarray:
    """Zeros that begin with a page, and so with a line of the processor's cache.

    Parameters
    ----------
    length, dtype : rows, and their type.
    large_pages : for what is filled from its beginning and read at random; one that is half empty is a waste.
    """
    size = length * np.dtype(dtype).itemsize
    pages = mmap.mmap(-1, max(1, size), **_PRIVATE)
    if large_pages and size >= _LARGE and hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a system without them
            pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, np.uint8, size).view(dtype)
