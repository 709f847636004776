"""Write the goldens: all, or those that are named."""

import sys
import time

from tests.goldens.cases import CASES
from tests.goldens.reading import KEPT
from tests.goldens.running import texts


def main(names: list[str]) -> None:
    """Run each case and keep what it leaves in place of what was kept before."""
    if unknown := set(names) - set(CASES):
        sys.exit(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    for name in names or CASES:
        before = time.process_time()
        found = texts(CASES[name])
        folder = KEPT / name
        folder.mkdir(exist_ok=True)
        for stale in {file.name for file in folder.iterdir()} - set(found):
            (folder / stale).unlink()
        for file, text in found.items():
            (folder / file).write_text(text, encoding="utf-8")
        size = sum(len(text) for text in found.values())
        print(f"{name:22} {len(found):3} files {size / 1000:7.1f} kB {time.process_time() - before:6.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
