"""What all tests share."""

import gc


def pytest_collection_finish() -> None:
    """Libraries and collected tests live as long as the suite: Python's search for garbage may pass them by."""
    gc.collect()
    gc.freeze()
