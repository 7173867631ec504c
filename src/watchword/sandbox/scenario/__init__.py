"""Scenario files: what a sandbox begins with, as a file that people write."""

from watchword.sandbox.scenario.errors import ScenarioInvalid, ScenarioProblem, ScenarioRefused
from watchword.sandbox.scenario.model import Scenario
from watchword.sandbox.scenario.read import read_scenario
from watchword.sandbox.scenario.shape import SCHEMA, schema_text

__all__ = [
    "SCHEMA",
    "Scenario",
    "ScenarioInvalid",
    "ScenarioProblem",
    "ScenarioRefused",
    "read_scenario",
    "schema_text",
]
