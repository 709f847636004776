"""What the world is: channels, segments, buyers and rivals, the same for every organisation."""

from dataclasses import dataclass, field

from simulator.leads.settings import SheetForm
from simulator.model.sizes import MAX_GROUP
from simulator.model.words import STAGES, GroupRule, Topic
from simulator.scenario.buyer_side import Closing, OfficeHours, Pace, Projects, Reach, Requests, Talks
from simulator.scenario.schema import parameter


@dataclass
class Segment:
    """A kind of buyer."""

    share: float = parameter(1.0, "weight of this segment among arrivals", low=0, rule="")
    complexity_low: float = parameter(
        0.3, "least complexity of a purchase; uniform between low and high", low=0, high=1
    )
    complexity_high: float = parameter(0.7, "greatest complexity of a purchase", low=0, high=1)
    deal_value_median_usd: float = parameter(
        30_000.0,
        "median deal value; log-normal",
        unit="usd",
        low=1,
        high=1e9,
        source="deals of 25-35 thousand dollars: forentrepreneurs SaaS survey",
    )
    deal_value_sigma: float = parameter(0.5, "standard deviation of the logarithm of deal value", low=0, high=3)
    patience_median_days: float = parameter(
        275.0,
        "median time after which a buyer gives its project up, at a pace of 1; log-normal",
        unit="days",
        low=0,
        high=3650,
    )
    patience_sigma: float = parameter(0.6, "standard deviation of the logarithm of patience", low=0, high=3)
    rep_free_share: float = parameter(
        0.33,
        "share who want no rep at all when complexity is 0; falls in proportion to 1 - complexity",
        low=0,
        high=1,
        source="up to one third: Forrester 2015",
    )


@dataclass
class Channel:
    """Where buyers come from."""

    share: float = parameter(
        1.0, "weight of this channel among arrivals; a replayed export brings its own", low=0, rule=""
    )
    cost_per_inquiry_usd: float = parameter(
        198.0, "spend for one arrival", unit="usd", low=0, high=1e6,
        source="mean 198: vendor benchmarks of cost per lead", rule="",
    )  # fmt: skip
    fit_shift: float = parameter(0.0, "shift of the logit of true fit of the buyers it brings", low=-5, high=5)
    fit_spread: float = parameter(
        1.0, "spread of fit of the buyers it brings, times market.fit_spread", low=0, high=5, rule=""
    )
    project_factor: float = parameter(
        1.0, "how much likelier than in the market at large its buyers have a project when they come", low=0, high=10
    )
    elasticity: float = parameter(
        0.5,
        "arrivals grow with spend to this power: below 1, returns diminish",
        low=0.05,
        high=1,
        source="assumption; sales grow with advertising to the power 0.12 at once, 0.24 in the long run "
        "(Sethuraman, Tellis and Briesch 2011)",
    )
    closed: bool = parameter(
        False, "it brings nobody and costs nothing; what other channels bring stays as it is", rule=""
    )


@dataclass
class Journey:
    """How buyers research on their own."""

    step_days: float = parameter(
        4.0, "mean time between a buyer's research steps at a pace of 1; exponential", unit="days", low=1e-4, high=365
    )
    reading_minutes: float = parameter(
        20.0, "time that a buyer spends on one piece, mail or review", unit="minutes", low=0, high=10_000, rule=""
    )
    prior_knowledge: float = parameter(
        0.35, "greatest share of a topic a buyer knows at arrival; uniform from 0", low=0, high=1
    )
    ready_share: float = parameter(
        0.0, "share of buyers who have done most of their research elsewhere before they come", low=0, high=1
    )
    ready_knowledge: float = parameter(
        0.75, "least share of a topic that such a buyer knows at arrival; uniform from it to 1", low=0, high=1
    )
    known_topics: list[str] = parameter(
        list, "topics that a buyer knows all about when it comes, as where prices are public",
        choices=tuple(topic.name.lower() for topic in Topic), rule="",
    )  # fmt: skip
    useful_share_by_stage: list[float] = parameter(
        lambda: [1.0] * STAGES, "for each of the six stages the share of pieces that are of any use there", low=0,
        high=1,
    )  # fmt: skip
    distraction_by_stage: list[float] = parameter(
        lambda: [1.0] * STAGES, "for each of the six stages a factor on distraction_chance", low=0, high=1
    )
    clear_level: float = parameter(0.25, "uncertainty below which a topic is clear", low=0, high=1)
    content_gain: float = parameter(1.0, "uncertainty that one fully useful piece of content removes", low=0, high=1)
    person_gain: float = parameter(
        0.385, "without `talks`: uncertainty that one fully useful talk removes, at skill 1", low=0, high=1
    )
    complexity_drag: float = parameter(
        0.6, "share of content's use lost at complexity 1; talks lose none", low=0, high=1
    )
    fit_drag: float = parameter(
        0.35,
        "share of what is learned about us that is lost at fit 0: claims that do not fit do not convince",
        low=0,
        high=1,
    )
    usefulness_spread: float = parameter(
        1.0,
        "spread of usefulness of one touch: 0 always average, 1 uniform between nothing and twice the average",
        low=0,
        high=1,
    )
    distraction_days: float = parameter(
        150.0,
        "mean time, at a pace of 1, after which a project is dropped for reasons of the buyer's own; exponential, "
        "0 for never",
        unit="days", low=0, high=36_500, mechanism="projects", neutral=0.0,
    )  # fmt: skip
    distraction_chance: float = parameter(0.0, "chance of the same at each step", low=0, high=1)
    patience_from: str = parameter(
        "project", "when patience begins: once, with the project, or anew with each stage",
        choices=("project", "stage"), mechanism="projects", neutral="stage",
    )  # fmt: skip
    anonymous_touches_mean: float = parameter(
        6.1,
        "mean touches with our content before a buyer fills in a form; geometric",
        unit="touches",
        low=0,
        high=1000,
        source="assumption; surveys: 2-4 pieces read before talking to a vendor 52%, 5-7 pieces 28%",
    )
    self_serve_max_complexity: float = parameter(
        0.3, "purchases up to this complexity can be finished without a rep", low=0, high=1
    )
    our_content_share: float = parameter(
        0.45, "weight of our content when a buyer looks for information", low=0, high=1
    )
    third_party_share: float = parameter(0.4, "weight of third parties' content", low=0, high=1)
    others_relevance: float = parameter(
        0.6, "mean use of a third party's or a rival's piece for the buyer's question", low=0, high=1
    )


@dataclass
class Preference:
    """Person or content: the logit of asking for a person at a step."""

    base: float = parameter(-4.0, "logit at complexity 0 in the first stage", low=-20, high=20, rule="preference_base")
    by_complexity: float = parameter(1.4, "added at complexity 1", low=-20, high=20, rule="preference_by_complexity")
    by_stage: float = parameter(0.45, "added in the last stage", low=-20, high=20, rule="preference_by_stage")
    spread: float = parameter(0.7, "standard deviation between buyers", low=0, high=10, rule="preference_spread")


@dataclass
class Trust:
    """Trust in us, and what checking claims does to it."""

    initial: float = parameter(0.68, "trust in us at arrival", low=0, high=1, rule="initial_trust")
    third_party: float = parameter(0.8, "trust in third parties", low=0, high=1, rule="third_party_trust")
    rival: float = parameter(0.5, "trust in what a rival says about the category", low=0, high=1, rule="rival_trust")
    verification_low: float = parameter(
        0.2, "least chance that a buyer checks a claim; uniform between low and high", low=0, high=1
    )
    verification_high: float = parameter(0.8, "greatest chance that a buyer checks a claim", low=0, high=1)
    gain_when_confirmed: float = parameter(
        0.06, "share of missing trust won when a claim holds", low=0, high=1, rule="trust_gain"
    )
    contradiction_cost: float = parameter(
        0.25, "share of trust that contradictions cost in the end, however many a buyer notices", low=0, high=1
    )
    contradictions_for_most: float = parameter(
        2.0, "contradictions noticed after which 63% of that is lost", unit="contradictions", low=0.01, high=1000
    )


@dataclass
class Rivals:
    """The competition."""

    count: int = parameter(
        3, "rivals a buyer can find; 0 for none", low=0, high=100, rule="rivals", mechanism="rivals", neutral=0
    )
    content_share: float = parameter(
        0.31, "weight of rivals' content when a buyer looks for information", low=0, high=1,
        rule="", mechanism="rivals", neutral=0.0,
    )  # fmt: skip
    gain: float = parameter(
        0.038, "mean progress of the rival per rival touch; uniform from 0 to twice this", low=0, high=1,
        rule="rival_gain",
    )  # fmt: skip
    strength_low: float = parameter(0.2, "least strength of a rival", low=0, high=1, rule="rival_strength_low")
    strength_high: float = parameter(
        0.8, "greatest strength of a rival; the best of `count` uniforms competes", low=0, high=1,
        rule="rival_strength_high",
    )  # fmt: skip
    inflation: float = parameter(
        0.3, "how much stronger rivals look than they are, until checked", low=0, high=5, rule="rival_inflation"
    )
    entries_per_year: float = parameter(
        0.5, "new rivals that enter a buyer's consideration", unit="1/year", low=0, high=100,
        rule="", mechanism="rivals", neutral=0.0,
    )  # fmt: skip
    choice_sharpness: float = parameter(
        2.9, "how sharply the final choice follows the better offer; logit per unit", low=0, high=100
    )
    head_start: float = parameter(
        0.4, "how far the best rival has come, in the buyer's choice, without any touch of its own", low=0, high=1,
        rule="rival_head_start",
    )  # fmt: skip
    trust_weight: float = parameter(0.5, "weight of trust against fit in our offer as the buyer sees it", low=0, high=1)


@dataclass
class Attention:
    """How crowded a buyer's inbox is."""

    messages_per_day: float = parameter(
        1000.0, "messages a day that compete with ours", unit="1/day", low=0, high=100_000,
        source="267 to 3,000: the trade press disagrees", rule="", mechanism="attention", neutral=0.0,
    )  # fmt: skip
    half_noticed: float = parameter(
        1000.0, "competing messages a day at which half of ours are noticed", unit="1/day", low=1, high=100_000, rule=""
    )
    fatigue_per_message: float = parameter(
        0.1, "each recent message of ours makes the next less welcome by this share", low=0, high=5,
        mechanism="attention", neutral=0.0,
    )  # fmt: skip
    recovery_days: float = parameter(14.0, "time in which half of the fatigue is gone", unit="days", low=0.1, high=3650)


@dataclass
class WordOfMouth:
    """What customers say to later buyers, through third parties."""

    customers_needed: float = parameter(
        2000.0,
        "customers at which whoever reads a third party surely meets a review, if imitation is 1",
        unit="customers",
        low=1,
        high=1e9,
    )
    customers_at_start: float = parameter(
        200.0, "customers who have left a review before the run", unit="customers", low=0, high=1e9
    )
    good_at_start: float = parameter(0.7, "share of good ones among those reviews", low=0, high=1)
    base_chance: float = parameter(
        0.0, "chance to meet a review when there are no customers: analysts and press", low=0, high=1,
        rule="review_base_chance", mechanism="word_of_mouth", neutral=0.0,
    )  # fmt: skip
    imitation: float = parameter(
        1.0, "added to it at `customers_needed` customers", low=0, high=1, mechanism="word_of_mouth", neutral=0.0
    )
    review_gain: float = parameter(
        0.1, "share of every worry that a fully trusted good review takes away", low=0, high=1
    )
    trust_pull: float = parameter(
        0.1, "share of missing trust that a good review wins, and of trust that a bad one costs", low=0, high=1
    )
    pleased_fit: float = parameter(0.4, "true fit from which a customer is pleased", low=-10, high=10)
    pleased_noise: float = parameter(0.15, "standard deviation around it", low=0, high=10)


@dataclass
class Group:
    """The buying group: its members' worries, and what it takes for them to agree."""

    size_simple: int = parameter(
        2, "members at complexity 0", unit="people", low=1, high=MAX_GROUP,
        rule="group_simple", mechanism="group", neutral=1,
    )  # fmt: skip
    size_complex: int = parameter(
        8, "members at complexity 1", unit="people", low=1, high=MAX_GROUP,
        source="6 to 10 people decide on a complex purchase: Gartner",
        rule="group_complex", mechanism="group", neutral=1,
    )  # fmt: skip
    rule: str = parameter(
        "unanimous", "who has to agree: everybody; more than half; or the champion and one who holds a veto",
        choices=tuple(rule.name.lower() for rule in GroupRule), rule="group_rule",
    )  # fmt: skip
    doubt_low: float = parameter(0.3, "least doubt of a member at arrival; uniform between low and high", low=0, high=1)
    doubt_high: float = parameter(0.95, "greatest doubt of a member at arrival", low=0, high=1)
    passed_on: float = parameter(
        2.0,
        "how far what the champion learns about a member's worry lowers that member's doubt: 1 as much as the worry, "
        "0 not at all",
        low=0, high=5,
    )  # fmt: skip
    attend_chance: float = parameter(0.5, "chance that a member attends a rep's meeting", low=0, high=1)
    meeting_effect: float = parameter(
        0.25, "share of its doubt that a meeting takes away from a member who attends", low=0, high=1
    )
    support_effect: float = parameter(
        0.24, "share of its doubt that a piece made for the group takes away from each member but the champion",
        low=0, high=1,
    )  # fmt: skip
    split: float = parameter(
        0.1,
        "doubt that a piece tailored to one member raises in those with other worries",
        low=0,
        high=1,
        source="assumption; tailoring to single stakeholders makes agreement harder: CEB, The Challenger Customer 2015",
    )
    vote_again_days: float = parameter(
        21.0, "time after which a group that did not agree votes again", unit="days", low=0, high=365,
        rule="vote_again_us",
    )  # fmt: skip
    most_votes: int = parameter(
        2, "votes without agreement after which there is no decision", unit="votes", low=1, high=10_000
    )
    setback: float = parameter(
        0.15, "how far a group that does not agree falls back on terms: 0 stays clear, 1 starts again", low=0, high=1
    )


@dataclass
class Leads(SheetForm):
    """A replayed file of leads instead of a drawn stream."""

    path: str = parameter("", "file of leads, CSV or Parquet; empty draws the stream from inquiries_per_year")
    id_column: str = parameter("", "column of the lead's id; empty numbers the rows")
    date_column: str = parameter("created", "column of the date or time the lead came in")
    channel_column: str = parameter("channel", "column of the channel; empty cells, or all without one, read `unknown`")
    enter_as: str = parameter(
        "inquiry", "what a row of the export is in the waterfall", choices=("inquiry", "mql"), rule=""
    )


@dataclass
class Market:
    """What the world is."""

    inquiries_per_year: float = parameter(
        3000.0, "buyers a year who start research that would bring them to us; Poisson", unit="1/year", low=0, high=1e9,
        rule="",
    )  # fmt: skip
    channels: dict[str, Channel] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    channel_growth: float = parameter(
        3.0, "most spend a channel can take, as a multiple of its spend at the start", low=1, high=100
    )
    fit_mean_logit: float = parameter(0.0, "logit of the median true fit", low=-10, high=10)
    fit_spread: float = parameter(1.0, "standard deviation of the logit of true fit", low=0, high=10, rule="")
    journey: Journey = field(default_factory=Journey)
    preference: Preference = field(default_factory=Preference)
    trust: Trust = field(default_factory=Trust)
    pace: Pace = field(default_factory=Pace)
    office_hours: OfficeHours = field(default_factory=OfficeHours)
    projects: Projects = field(default_factory=Projects)
    requests: Requests = field(default_factory=Requests)
    reach: Reach = field(default_factory=Reach)
    talks: Talks = field(default_factory=Talks)
    closing: Closing = field(default_factory=Closing)
    rivals: Rivals = field(default_factory=Rivals)
    attention: Attention = field(default_factory=Attention)
    word_of_mouth: WordOfMouth = field(default_factory=WordOfMouth)
    group: Group = field(default_factory=Group)
    leads: Leads = field(default_factory=Leads)
