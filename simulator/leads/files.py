"""Files that a user names: only regular ones are opened, and a file that changed is known to be another version."""

from pathlib import Path
from typing import BinaryIO

from simulator.scenario.file_version import FileVersion
from simulator.scenario.given_files import refuse_irregular
from simulator.scenario.schema import ScenarioError


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
        version = FileVersion.of(file)
    except (FileNotFoundError, NotADirectoryError, ValueError, RuntimeError) as fault:  # a zero character; no such home
        raise ScenarioError(f"{key} must name a file, got {str(path)!r}: there is none") from fault
    except OSError as fault:
        raise ScenarioError(f"{key} cannot be read: {path}: {fault.strerror}") from fault
    refuse_irregular(file, key)
    return version


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
