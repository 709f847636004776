import pytest

from simulator.questions.frame import arms
from simulator.results.summary import Summary, summarise
from tests.drawing import undrawn


@pytest.fixture
def undrawn_figures():
    """Figures are made but not drawn, for tests that are about something else."""
    with undrawn():
        yield


@pytest.fixture
def ready_summaries(monkeypatch):
    """What stands in for a simulation may hand over a summary: a design is many runs, and tables take their time."""

    def summarised(result, *where):
        return result if isinstance(result, Summary) else summarise(result, *where)

    monkeypatch.setattr(arms, "summarise", summarised)
