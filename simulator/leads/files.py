"""Files that a user names: only regular ones are opened, and a file that changed is known to be another version."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from simulator.scenario.given_files import refuse_irregular
from simulator.scenario.schema import ScenarioError

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

    @property
    def settled(self) -> bool:
        """Whether a change from now on would show in the times."""
        return time.time_ns() - max(self.mtime_ns, self.ctime_ns) > _CLOCK_TICK_NS


def version_of(key: str, path: str | Path) -> FileVersion:
    """The version of the regular file that a setting names; the file is not opened.

    Parameters
    ----------
    key : the setting, for refusals.

    Raises
    ------
    ScenarioError
        One line, when there is no file, or a folder, a device or a pipe, which could block or never end.
    """
    try:
        file = Path(path).expanduser()
        status = os.stat(file)
    except (FileNotFoundError, NotADirectoryError, ValueError, RuntimeError) as fault:  # a zero character; no such home
        raise ScenarioError(f"{key} must name a file, got {str(path)!r}: there is none") from fault
    except OSError as fault:
        raise ScenarioError(f"{key} cannot be read: {path}: {fault.strerror}") from fault
    refuse_irregular(file, key)
    return FileVersion(file, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


def opened(key: str, path: str | Path) -> BinaryIO:
    """The regular file that a setting names, open for reading its bytes.

    Raises
    ------
    ScenarioError
        As ``version_of``, and when the file may not be read.
    """
    file = version_of(key, path).path
    try:
        return file.open("rb")
    except OSError as fault:
        raise ScenarioError(f"{key} cannot be read: {path}: {fault.strerror}") from fault
