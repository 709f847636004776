import pytest

from simulator.questions.frame import arms
from simulator.results.summary import Summary, summarise


@pytest.fixture
def ready_summaries(monkeypatch):
    """What stands in for a simulation may hand over a summary: a design is many runs, and tables take their time."""

    def summarised(result, *where):
        return result if isinstance(result, Summary) else summarise(result, *where)

    monkeypatch.setattr(arms, "summarise", summarised)
