"""The slow, obvious oracle of `summarise`: a run's summary read from its tables, with pandas."""

import numpy as np
import pandas as pd

from simulator.results.summary import DAY, HOUR, Sample, Summary
from simulator.results.survival import order
from simulator.scenario.scenario import payroll_usd_per_year

OUTCOMES = {"open": 0, "won": 1, "lost": 2, "no_decision": 3, "elsewhere": 4}
ROLES = ("marketer", "sdr", "rep")
GROUPS = ("education", "solution", "selection")


def summary(result, scenario, organisation, replication):
    """Only buyers of the cohort count, except for people's hours (the whole run)."""
    journeys = result.journeys
    cohort = journeys[journeys["in_cohort"].to_numpy(dtype=bool)]
    inquiry_at = cohort["inquiry_at"]
    if scenario.market.leads.path:
        inquiry_at = inquiry_at.fillna(cohort["arrived_at"])
    inquired = inquiry_at.notna().to_numpy()
    happened = {name: cohort[f"{name}_at"].notna().to_numpy() for name in ("mql", "sal", "sql", "opportunity")}
    contacted = inquired & cohort["first_contact_at"].notna().to_numpy()
    forecast = happened["opportunity"] & cohort["making_selection_at"].notna().to_numpy()
    codes = np.asarray(cohort["outcome"].astype("object").map(OUTCOMES), dtype=np.int8)
    still_open, won = codes == 0, codes == 1
    met_rep = ((codes == 1) | (codes == 2)) & cohort["first_rep_at"].notna().to_numpy()

    ended = cohort["ended_at"].fillna(pd.Timestamp(result.end_at)).to_numpy(dtype="datetime64[us]")
    ended = np.where(still_open, np.datetime64(pd.Timestamp(result.end_at), "us"), ended)
    response = np.maximum(microseconds(inquiry_at, cohort["first_contact_at"])[contacted], 0)
    samples = {
        "cycle": sample(microseconds(cohort["arrived_at"], ended), codes),
        "sales_cycle": sample(
            microseconds(cohort["opportunity_at"], ended)[happened["opportunity"]], codes[happened["opportunity"]]
        ),
        "response": sample(response, np.full(len(response), 1, dtype=np.int8)),
    }
    begun = cohort["arrived_at"].where(~cohort["came_dormant"].astype(bool), cohort["project_at"])
    had = begun.notna().to_numpy()
    project_us = microseconds(begun, ended)
    samples["project_cycle"] = sample(project_us[had], codes[had])
    samples["won_cycle"] = sample(project_us[won], codes[won])
    asked = inquired & cohort["requested_at"].notna().to_numpy()
    answer = np.array([
        working_hours(row.requested_at, row.answered_at, scenario.organisations[organisation].calendar)
        for row in cohort[asked].itertuples()
    ])  # fmt: skip
    start = pd.Timestamp(result.end_at) - pd.Timedelta(days=scenario.horizon_days())
    day = (pd.Series(ended) - start) // pd.Timedelta(days=1)  # of the run, whose first is a Monday
    last, weekday = (day % 91 == 88).to_numpy(), (day % 7 < 5).to_numpy()
    opened = happened["opportunity"]
    talks = float(cohort["talk_minutes"][opened].sum())
    pieces = sum(int(cohort[f"touches_{kind}"][opened].sum()) for kind in ("ours", "third_party", "rival", "mail"))
    years = scenario.run.cohort_days / 365
    spend = float(result.channels["spend_usd"].sum())
    payroll = payroll_usd_per_year(scenario.organisations[organisation]) * years
    overhead = (scenario.economics.content_usd_per_year + scenario.economics.tools_usd_per_year) * years
    value = cohort["value_usd"].to_numpy(dtype=np.float64)
    discount = (cohort["deal_value_usd"] - cohort["value_usd"]).to_numpy(dtype=np.float64)
    sums = {
        "replications": 1,
        "events": int(result.events),
        "buyers": len(journeys),
        "cohort": len(cohort),
        "inquiries": count(inquired),
        **{f"{name}s": count(inquired & mask) for name, mask in happened.items() if name != "opportunity"},
        "accepted_mqls": count(inquired & happened["mql"] & happened["sal"]),
        "inquiry_opportunities": count(inquired & happened["opportunity"]),
        "opportunities": count(happened["opportunity"]),
        "forecast": count(forecast),
        "won": count(won),
        "won_inquiries": count(inquired & won),
        "won_opportunities": count(happened["opportunity"] & won),
        "won_forecast": count(forecast & won),
        "open": count(still_open),
        "projects": count(inquired & had),
        "won_projects": count(inquired & had & won),
        "dormant": count(inquired & still_open & ~cohort["has_project"].to_numpy(dtype=bool)),
        "elsewhere": count(inquired & (codes == 4)),
        "asked": count(asked),
        "request_answered_1h": count(answer <= 1),
        "request_answered_24h": count((answer > 1) & (answer <= 8)),
        "request_answered_later": count((answer > 8) & (answer < np.inf)),
        "request_never_answered": count(answer == np.inf),
        "calls": float(cohort["calls"].sum()),
        "worked": float(cohort["worked"].sum()),
        "talk_minutes": talks,
        "talk_and_reading_minutes": talks + 20.0 * pieces,
        "contradicted": count(contacted & (cohort["contradictions"] > 0).to_numpy()),
        "project_cycles": float(project_us[won].sum()),
        "won_unmet": count(won & cohort["first_rep_at"].isna().to_numpy()),
        **{
            f"{which}_{name}": float(
                (64 if which == "last_day" else 1)
                * count(opened & (codes == code) & (last if which == "last_day" else weekday & ~last))
            )
            for name, code in (("wins", 1), ("losses", 2))
            for which in ("last_day", "other_days")
        },
        "contacted": count(contacted),
        "never_contacted": count(inquired & ~contacted),
        "within_1_hour": count(response <= HOUR),
        "within_24_hours": count(response <= DAY),
        "cleared_before_person": float(cohort["cleared_before_person"].to_numpy(dtype=np.float64)[met_rep].sum()),
        "cleared_total": float(cohort["cleared_total"].to_numpy(dtype=np.float64)[met_rep].sum()),
        "spend": spend,
        "cost": payroll + spend + overhead,
        "revenue": whole_cents(value[won]),
        "discounts": whole_cents(discount[won]),
        "self_served": count(won & cohort["self_served"].to_numpy(dtype=bool)),
        "assigned": count(cohort["owned_at"].notna().to_numpy()),
        **{
            f"{kind}_in_{group}": float(cohort[f"{kind}_in_{group}"].sum())
            for group in GROUPS
            for kind in ("touches", "person_touches")
        },
        **hours(result.people),
        "assets": len(result.assets),
        "assets_unused": count((result.assets["uses"] == 0).to_numpy()),
        "own_pieces": int(result.report.own_pieces),
        "search_hours": result.report.search_us / HOUR,
    }
    sums["net"] = sums["revenue"] - sums["cost"]
    return Summary(organisation, replication, sums, samples, weekly_revenue=weekly_revenue(result, scenario))


def working_hours(since, until, calendar):
    """Hours of a calendar between two times, day by day; infinite if the second never comes."""
    if pd.isna(until):
        return np.inf
    total, day = pd.Timedelta(0), since.normalize()
    while day <= until:
        opens, closes = (0.0, 24.0) if calendar.always_on else (calendar.opens_hour, calendar.closes_hour)
        if calendar.always_on or day.weekday() < 5:
            first = max(since, day + pd.Timedelta(hours=opens))
            total += max(pd.Timedelta(0), min(until, day + pd.Timedelta(hours=closes)) - first)
        day += pd.Timedelta(days=1)
    return total / pd.Timedelta(hours=1)


def weekly_revenue(result, scenario):
    """What customers of the whole run paid, by week."""
    won = result.journeys[result.journeys["outcome"].astype("object") == "won"]
    horizon = scenario.horizon_days()
    start = pd.Timestamp(result.end_at) - pd.Timedelta(days=horizon)
    week = ((won["ended_at"] - start) // pd.Timedelta(weeks=1)).to_numpy(dtype=np.int64)
    return np.bincount(week, won["value_usd"].to_numpy(dtype=np.float64), minlength=-(-horizon // 7)).astype(np.float64)


def hours(people):
    """Hours paid and worked by each role over the whole run."""
    found = dict.fromkeys((f"{kind}_{role}" for kind in ("paid", "worked") for role in ROLES), 0.0)
    for role, table in people.groupby("role"):
        found[f"paid_{role}"] = float(table["paid_hours"].sum())
        found[f"worked_{role}"] = float(table["worked_hours"].sum())
    return found


def channels(result, scenario):
    """What each channel brought, channel by channel from the journeys; without what was spent on it."""
    cohort = result.journeys[result.journeys["in_cohort"]]
    inquiry_at = cohort["inquiry_at"]
    if scenario.market.leads.path:
        inquiry_at = inquiry_at.fillna(cohort["arrived_at"])
    rows = []
    for name in result.setup.arrivals.channels:
        mine = (cohort["channel"] == name).to_numpy()
        opened, won = mine & cohort["opportunity_at"].notna(), mine & (cohort["outcome"] == "won")
        rows.append({
            "names": name,
            "buyers": count(mine),
            "inquiries": count(mine & inquiry_at.notna()),
            "mqls": count(mine & cohort["mql_at"].notna()),
            "opportunities": count(opened),
            "pipeline_usd": one_by_one(cohort["deal_value_usd"][opened]),
            "won": count(won),
            "revenue_usd": one_by_one(cohort["value_usd"][won]),
        })  # fmt: skip
    return pd.DataFrame(rows)


def one_by_one(amounts):
    """Their sum as it is when they are added in their order."""
    total = 0.0
    for amount in amounts:
        total += amount
    return total


def sample(durations, codes):
    taken = order(durations, codes)
    return Sample(durations[taken], codes[taken])


def microseconds(start, end):
    """Durations; meaningless where either time is missing."""
    since, until = (np.asarray(times, dtype="datetime64[us]") for times in (start, end))
    return (until - since).astype(np.int64)


def count(mask):
    return int(np.count_nonzero(mask))


def whole_cents(amounts):
    """A sum of money that does not depend on order."""
    return int(np.rint(amounts * 100).astype(np.int64).sum()) / 100
