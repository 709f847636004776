"""A run in a few characters, to compare runs of different processes."""

import hashlib

import numpy as np

from simulator.engines.report import EngineReport, columns_of


def digest(report: EngineReport) -> str:
    """Digest of every field of every table of a report, padding between fields left out."""
    found = hashlib.blake2b(digest_size=16)
    found.update(f"{report.events} {report.own_pieces} {report.search_us}".encode())
    tables = (report.rows, report.history, report.people, report.queues, report.reviews, report.load, report.spend)
    for table in (*tables, report.assets, report.hours, report.log):
        if table is not None:
            for name in columns_of("history" if table is report.history else "", table):
                column = np.ascontiguousarray(table[name] if name else table)
                found.update(f"{name} {column.dtype} {column.shape}".encode())
                found.update(column.tobytes())
    return found.hexdigest()
