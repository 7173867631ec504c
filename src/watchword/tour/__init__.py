"""The story, played on the sandbox.

`perform(STEPS, stage)` types each command at a real terminal on a stage of its own and says of each
whether it went as it should. Nothing here knows AWS: the sandbox, the `aws` command and `watchword`
are run as a user runs them.
"""

from watchword.tour.perform import perform
from watchword.tour.stage import Stage, StageError, open_stage
from watchword.tour.step import Answer, Played, Step
from watchword.tour.story import FIRST_ACT, STEPS

__all__ = ["FIRST_ACT", "STEPS", "Answer", "Played", "Stage", "StageError", "Step", "open_stage", "perform"]
