"""Files of leads: how they are written, which columns hold what, and what a CRM export's words mean to us."""

from dataclasses import dataclass, field, fields

from simulator.scenario.schema import parameter

#: What fields may be separated by, by name.
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


@dataclass(kw_only=True)
class SheetForm:
    """How a file of rows is written, where it does not say so itself."""

    time_zone: str = parameter(
        "", "zone, as Europe/Berlin, of times without an offset; those with one are converted to it; empty: UTC"
    )
    day_first: bool | None = parameter(
        None, "whether 03/04/2018 is the 3rd of April; null asks for dates that leave no doubt"
    )
    delimiter: str = parameter("comma", "what separates the fields of a CSV file", choices=tuple(DELIMITERS), rule="")


@dataclass
class LeadColumns:
    """Columns of the file of leads, by their names in its header; empty: the export has none."""

    id: str = parameter("id", "the lead's id, once in the file")
    created: str = parameter("created", "date or time the lead came in")
    channel: str = parameter("channel", "where it came from; empty cells read `unknown`")
    segment: str = parameter("", "its segment, as known when it came in")
    score: str = parameter("", "its score, a number")
    owner: str = parameter("", "who works it")
    first_contact: str = parameter("", "date or time a person first reached it")
    deal: str = parameter("", "id of its deal, where deals do not name their lead; deal_columns.id is then the deal's")


@dataclass
class StageColumns:
    """Columns of the file of leads that hold the date a lead entered a stage; empty: the export has none."""

    inquiry: str = parameter("", "date or time it was an inquiry")
    mql: str = parameter("", "date or time marketing passed it on")
    sal: str = parameter("", "date or time sales accepted it")
    sql: str = parameter("", "date or time sales qualified it")
    opportunity: str = parameter("", "date or time it was an opportunity")


@dataclass
class DealColumns:
    """Columns of the file of deals or of stage history, by their names in its header; empty: the export has none."""

    id: str = parameter("id", "id of the lead that the deal came from")
    outcome: str = parameter("", "what became of the deal, in words of crm.outcomes; empty cells are open")
    stage: str = parameter("", "its stage, in words of crm.stages; tells the outcome where no column does")
    entered: str = parameter("", "date or time it entered the stage: the rows are then a history, several a deal")
    closed: str = parameter("closed", "date or time it was won or lost; of open deals it is not read")
    value: str = parameter("", "its value in the export's currency, without which values are unknown")


@dataclass
class OutcomeWords:
    """The export's words for what becomes of a deal; case does not matter."""

    won: list[str] = parameter(lambda: ["won", "closed won", "true", "1"], "words for a win")
    lost: list[str] = parameter(
        lambda: ["lost", "closed lost", "no_decision", "no decision", "false", "0"],
        "words for the end of a deal that was not won",
    )
    open: list[str] = parameter(lambda: ["open"], "words for a deal that goes on")


@dataclass
class StageWords:
    """The export's names of stages, by ours; case does not matter, and other names tell no stage."""

    inquiry: list[str] = parameter(lambda: ["inquiry"], "names for an inquiry")
    mql: list[str] = parameter(lambda: ["mql"], "names for a lead that marketing passed on")
    sal: list[str] = parameter(lambda: ["sal"], "names for a lead that sales accepted")
    sql: list[str] = parameter(lambda: ["sql"], "names for a lead that sales qualified")
    opportunity: list[str] = parameter(lambda: ["opportunity"], "names for an open deal")
    won: list[str] = parameter(lambda: ["won", "closed won"], "names for a deal that was won")
    lost: list[str] = parameter(lambda: ["lost", "closed lost"], "names for a deal that was not")


@dataclass
class Crm(SheetForm):
    """An export of leads and of what became of them."""

    scenario: str = parameter(
        "", "the scenario with the market and the team of this export, taken where none is typed on the command line"
    )
    leads: str = parameter("", "file of leads, CSV or Parquet")
    deals: str = parameter("", "file of deals or of their stages; empty if there is none")
    one_file: bool = parameter(
        False, "without crm.deals: whether the rows of leads are deals too, and have the columns of deal_columns"
    )
    only: list[str] = parameter(
        list, "rows of leads that are meant, as column=value, or column for those where it is not empty; all if none"
    )
    exported_at: str = parameter(
        "", "date until which the export knows everything, that day included; empty takes the latest date in it"
    )
    wins_from: str = parameter(
        "",
        "day from which wins are recorded: earlier ones are missing, and their leads read as open; empty: told from "
        "the wins themselves",
    )
    enter_as: str = parameter("inquiry", "what a lead is in the waterfall", choices=("inquiry", "mql"))
    deal_means: str = parameter(
        "won", "what a deal is where no column tells its outcome", choices=("won", "open")
    )  # fmt: skip
    usd_per_unit: float = parameter(1.0, "usd for one unit of the export's currency", unit="usd", low=1e-9, high=1e9)
    lead_columns: LeadColumns = field(default_factory=LeadColumns)
    stage_columns: StageColumns = field(default_factory=StageColumns)
    deal_columns: DealColumns = field(default_factory=DealColumns)
    outcomes: OutcomeWords = field(default_factory=OutcomeWords)
    stages: StageWords = field(default_factory=StageWords)


#: What becomes of a deal, and the stages of a lead in their order.
OUTCOMES = tuple(word.name for word in fields(OutcomeWords))
STAGES = tuple(word.name for word in fields(StageWords))
