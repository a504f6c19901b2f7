"""The commands of an engine by what they concern, each group an object of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.engine.casing import Casing
from tui.core.engine.collecting import Collecting
from tui.core.engine.configuring import Configuring
from tui.core.engine.discovery import Discovery
from tui.core.engine.experiments import Experiments
from tui.core.engine.filing import Filing
from tui.core.engine.history import History
from tui.core.engine.matrix.testing import Testing
from tui.core.engine.memory import Memory
from tui.core.engine.planning import Planning
from tui.core.engine.quotas import Quotas
from tui.core.engine.records import Records
from tui.core.engine.revisions import Revisions
from tui.core.engine.serving import Serving
from tui.core.engine.writing import Writing

if TYPE_CHECKING:
    from tui.core.engine.costing import Costing
    from tui.core.engine.git_state import GitWatch
    from tui.core.engine.reach import Reach
    from tui.core.settings import Settings


class Commands:
    """What an engine offers beside its life and its runs; for any thread."""

    def __init__(self, reach: Reach, settings: Settings, costing: Costing, git: GitWatch) -> None:
        self.filing = Filing(reach)
        """Changes of prompt files by command."""
        self.casing = Casing(reach)
        """Saving of cases."""
        self.serving = Serving(reach)
        """Versions handed out, and how that went."""
        self.collecting = Collecting(reach, self.serving)
        """More answers for A/B tests."""
        self.experiments = Experiments(reach)
        """A/B tests: what is known of them, and their rules."""
        self.records = Records(reach)
        """What is written down of runs."""
        self.configuring = Configuring(reach)
        """The settings file, setting by setting."""
        self.quotas = Quotas(reach, self.configuring)
        """Holds, limits, and what went to a provider lately."""
        self.revisions = Revisions(reach, git)
        """The local history of the versions."""
        self.history = History(reach)
        """The runs of all days."""
        self.planning = Planning(reach, costing)
        """What runs would take."""
        self.testing = Testing(reach, settings, self.planning)
        """Matrices of cases with their checks."""
        self.memory = Memory(reach)
        """What the screen finds again at the next start."""
        self.discovery = Discovery(reach, settings)
        """Servers on this machine that could be added."""
        self.writing = Writing(reach.workspace.prompts, reach.submit, reach.shelf, reach.publish)
        """Drafts and saves of what is typed into prompt files."""
