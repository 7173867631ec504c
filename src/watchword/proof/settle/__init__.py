"""One question settled: is there a request of this action, by this subject, that is allowed?"""

from watchword.proof.settle.answer import Answer, Found, Impossible, Undetermined
from watchword.proof.settle.solve import solve
from watchword.proof.settle.subject import Subject

__all__ = ["Answer", "Found", "Impossible", "Subject", "Undetermined", "solve"]
