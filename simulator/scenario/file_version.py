"""What tells whether a file has changed, without reading it."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

#: Two writes within one tick of a file system's clock cannot be told apart by their times.
_CLOCK_TICK_NS = 20_000_000


@dataclass(frozen=True)
class FileVersion:
    """What tells one state of a file from another without reading it.

    Attributes
    ----------
    path : as it was named, with ``~`` for the home folder resolved.
    size : bytes.
    mtime_ns, ctime_ns : when its content, and when anything of it, was last changed; nanoseconds since 1970.
    inode, device : which file it is, whatever it is called.
    """

    path: Path
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, path: Path) -> "FileVersion":
        """The present version of a file; raises what ``os.stat`` raises."""
        about = os.stat(path)
        return cls(path, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_dev)

    @property
    def settled(self) -> bool:
        """Whether a change from now on would show in the times."""
        return time.time_ns() - max(self.mtime_ns, self.ctime_ns) > _CLOCK_TICK_NS
