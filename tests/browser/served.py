"""A workshop that runs, for browsers."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx


class Server:
    """A workshop as it is shipped, but for the overrides, in a process of its own; what it prints goes to a file."""

    def __init__(self, folder: Path, *overrides: str) -> None:
        command = [sys.executable, "-m", "simulator", "workshop", "workshop.port=0", *overrides]
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        self.url = self._url()

    def _url(self) -> str:
        for _ in range(600):
            found = re.search(r"http://(127\.0\.0\.1:\d+)/", self.log.read_text())
            if found:
                try:
                    httpx.get(f"http://{found[1]}/", timeout=5)
                    return f"http://{found[1]}"
                except httpx.HTTPError:
                    pass
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def cpu_seconds(self) -> float:
        """What it has computed so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> str:
        """End it; what it printed."""
        self.process.terminate()
        self.process.wait(timeout=20)
        return self.log.read_text()
