"""What a run left in its folder, as texts without what changes from run to run."""

import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import yaml

from tests.goldens.cases import WHOLE, Case
from tests.goldens.tables import MOST_ROWS, csv_text, parquet_text

KEPT = Path(__file__).parent
#: Rows of a table up to which it is kept whole where all is kept.
_LARGE = 200
#: What a manifest says of the machine and the time.
_VARYING = ("version", "python", "platform", "libraries", "started", "duration_seconds", "seconds", "created")
#: Elements of a page whose text nobody reads.
_UNSEEN = ("script", "style", "svg", "template")
#: How lines of a page begin that tell of the machine and the time.
_VARYING_LINES = ("Version: ", "Libraries: ", "Made: ")
#: What a sweep keeps of its settings and of the code, which any change of a line moves.
_DIGEST = re.compile(r'("settings": ")[0-9a-f]{24}')
_BLOCKS = ("p", "h1", "h2", "h3", "tr", "li", "summary", "pre", "div", "section", "figcaption")


def texts_of(case: Case, folder: Path, printed: str) -> dict[str, str]:
    """File name -> text."""
    found = {"typed.txt": _wrapped(case.typed), "stdout.txt": printed}
    pictures = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        flat = name.replace("/", "__")
        if file.suffix == ".svg":
            pictures.append(f"== {name.removeprefix('figures/')}\n{ElementTree.parse(file).getroot()[0].text}")
        elif file.suffix == ".csv":
            found[flat] = csv_text(file, case.digits, _LARGE if case.whole else MOST_ROWS)
        elif file.suffix == ".parquet":
            found[f"{flat}.txt"] = parquet_text(file, case.digits)
        elif name == "config.yaml":
            found["config.txt"] = _settings(case, file)
        elif name == "manifest.json":
            found["manifest.txt"] = _manifest(file, case.digits)
        elif file.suffix in (".yaml", ".txt", ".json", ".md", ".toml"):
            text = _DIGEST.sub(r"\1<digest>", file.read_text(encoding="utf-8"))
            found[f"{flat}.txt".replace(".txt.txt", ".txt")] = text
        elif file.suffix == ".html" and case.report:
            found[f"{flat}.txt"] = _page(file)
        elif file.suffix not in (".png", ".html"):
            found[f"{flat}.txt"] = f"{file.suffix} file\n"
    if pictures:
        found["figures.txt"] = "\n".join(pictures)
    if case.lives:
        found["lives.txt"] = _lives(folder / "touches.parquet")
    return {name: _still(text, folder) for name, text in found.items()}


def _still(text: str, folder: Path) -> str:
    """Without names of folders and blanks at the ends of lines."""
    text = text.replace(str(folder), "<folder>").replace(str(folder.parent), "<here>")
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _wrapped(typed: str) -> str:
    return "".join(f"{word}\n" for word in typed.split())


def _settings(case: Case, file: Path) -> str:
    settings = _flat(yaml.safe_load(file.read_text(encoding="utf-8")))
    if case.whole:
        return "".join(f"{key}: {value}\n" for key, value in sorted(settings.items()))
    kept = dict(line.split(": ", 1) for line in (KEPT / WHOLE / "config.txt").read_text().splitlines())
    lines = [f"{key}: {value}" for key, value in settings.items() if kept.get(key) != value]
    gone = dict.fromkeys(_missing(key, settings) for key in kept if key not in settings)
    return "".join(f"{line}\n" for line in [*lines, *(f"without {key}" for key in gone)])


def _missing(key: str, settings: dict[str, str]) -> str:
    """The key, or the first group of keys around it of which the settings have none."""
    parts = key.split(".")
    groups = (".".join(parts[:length]) for length in range(1, len(parts)))
    return next((group for group in groups if not any(one.startswith(f"{group}.") for one in settings)), key)


def _flat(node: object, path: str = "") -> dict[str, str]:
    if isinstance(node, dict) and node:
        return {key: value for name, below in node.items() for key, value in _flat(below, f"{path}.{name}").items()}
    return {path.lstrip("."): json.dumps(node, ensure_ascii=False, default=str)}


def _manifest(file: Path, digits: int) -> str:
    about = json.loads(file.read_text(encoding="utf-8"))
    told = {key: value for key, value in about.items() if key not in _VARYING}
    return json.dumps(_cut(told, digits), indent=1, ensure_ascii=False) + "\n"


def _cut(node: object, digits: int) -> object:
    if isinstance(node, dict):
        return {key: _cut(value, digits) for key, value in node.items()}
    if isinstance(node, list):
        return [_cut(value, digits) for value in node]
    return float(f"{node:.{digits}g}") if isinstance(node, float) else node


class _Words(HTMLParser):
    """The text that a reader of a page sees, a block a line."""

    def __init__(self) -> None:
        super().__init__()
        self.said, self._unseen = [""], 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS or tag == "dt":
            self.said.append("")
        elif tag in ("td", "th") and self.said[-1]:
            self.said[-1] += " | "
        elif tag == "dd":
            self.said[-1] += ": "

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        if tag in _BLOCKS:
            self.said.append("")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.said[-1] += data


def _page(file: Path) -> str:
    reader = _Words()
    reader.feed(file.read_text(encoding="utf-8"))
    lines = (" ".join(said.split()) for said in reader.said)
    lines = (line for line in lines if not line.startswith("name: "))  # all settings, which config.txt has a line each
    return "\n".join(line for line in lines if line.strip("| ") and not line.startswith(_VARYING_LINES)) + "\n"


def _lives(file: Path) -> str:
    """Three buyers of the first organisation, and the same three in the others: what happened to them, and when."""
    table = pd.read_parquet(file)
    names = table["case:concept:name"].str.split("/", n=1)
    table = table.assign(organisation=names.str[0], buyer=names.str[1])
    lines = []
    for buyer in _chosen(table):
        for organisation, life in table[table["buyer"] == buyer].groupby("organisation", sort=False):
            lines.append(f"buyer {buyer} in {organisation}, by {life['channel'].iloc[0]}: {len(life)} events")
            columns = ("time:timestamp", "concept:name", "org:resource", "stage", "topic")
            for at, event, who, stage, topic in zip(*(life[name] for name in columns), strict=True):
                about = f" about {topic}" if topic == topic else ""
                lines.append(f"  {at:%Y-%m-%d %H:%M:%S}  {event:16} {who:11} {stage}{about}")
            lines.append("")
    return "\n".join(lines)


def _chosen(table: pd.DataFrame) -> list[str]:
    """In the organisation whose log begins: the first buyer won, lost, and undecided of those whom a person had met."""
    lives = table[table["organisation"] == table["organisation"].iloc[0]].groupby("buyer", sort=False)["concept:name"]
    last, met = lives.last(), lives.agg(lambda names: names.isin(["meeting", "conversation"]).any())
    ways = (last[(last == way) & met] for way in ("won", "lost", "no_decision"))
    return [way.index[0] for way in ways if len(way)]
