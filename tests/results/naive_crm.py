"""A CRM's tables from the journeys table, one buyer after the other: the oracle of ``simulator.results.crm_export``."""

import pandas as pd

NO = pd.NaT


def naive_tables(result, day=None):
    """leads, deals and stages as lists of tuples; the owners from the touches."""
    journeys, start = result.journeys, pd.Timestamp(result.setup.arrivals.first_day)
    until = pd.Timestamp(result.end_at) if day is None else start + pd.Timedelta(days=day)
    owners = naive_owners(result, until)
    leads, deals, stages = [], [], []
    for one in journeys.to_dict("records"):
        created = one["inquiry_at"]
        if result.scenario.market.leads.path and pd.isna(created):
            created = one["arrived_at"]
        if pd.isna(created) or created >= until:
            continue
        known = {
            name: one[f"{name}_at"] if one[f"{name}_at"] < until else NO
            for name in ("mql", "sal", "sql", "opportunity", "released", "ended", "first_contact")
        }
        lead = str(one.get("lead_id", one["buyer"]))
        owner = owners.get(one["buyer"])
        leads.append((lead, created, one["channel"], one["segment"], owner, known["first_contact"]))
        story = [("inquiry", created)]
        story += [(name, known[name]) for name in ("mql", "sal", "sql", "opportunity") if not pd.isna(known[name])]

        is_deal, outcome, closed = not pd.isna(known["opportunity"]), None, NO
        ended = not pd.isna(known["ended"])
        if is_deal and known["released"] >= known["opportunity"] and not known["released"] >= known["ended"]:
            outcome, closed = "no_decision", known["released"]
            story.append(("lost", closed))
        elif is_deal and ended and one["outcome"] in ("lost", "no_decision", "elsewhere"):
            outcome, closed = "lost" if one["outcome"] == "lost" else "no_decision", known["ended"]
            story.append(("lost", closed))
        if ended and one["outcome"] == "won":
            outcome, closed = "won", known["ended"]
            story.append(("won", closed))
        if is_deal or outcome == "won":
            value = one["value_usd"] if outcome == "won" else one["deal_value_usd"]
            deals.append((lead, owner, closed, outcome, value, created, one["buyer"]))
        order = ("inquiry", "mql", "sal", "sql", "opportunity", "won", "lost")
        story.sort(key=lambda entry: (entry[1], order.index(entry[0])))
        stages.append((created, one["buyer"], [(lead, *entry) for entry in story]))
    buyer_of = dict(zip(journeys.get("lead_id", journeys["buyer"]).astype(str), journeys["buyer"], strict=True))
    leads.sort(key=lambda row: (row[1], buyer_of[row[0]]))
    deals.sort(key=lambda row: row[5:])
    stages.sort(key=lambda row: row[:2])
    return leads, [row[:5] for row in deals], [entry for row in stages for entry in row[2]]


def naive_owners(result, until):
    """Buyer -> the rep who was last made its owner; empty if touches were not recorded."""
    owners = {}
    if result.touches is not None:
        for row in result.touches.to_dict("records"):
            if row["concept:name"] == "owner_assigned" and row["time:timestamp"] < until:
                owners[int(row["case:concept:name"].split("/")[2])] = row["org:resource"]
    return owners


def as_rows(table):
    """A table as a list of tuples, nothing as None or NaT."""
    columns = [table[name].astype(object).where(table[name].notna(), None) for name in table]
    dated = [name in ("created", "first_contact", "closed", "entered") for name in table]
    rows = zip(*columns, strict=True)
    return [
        tuple(NO if cell is None and is_date else cell for cell, is_date in zip(row, dated, strict=True))
        for row in rows
    ]
