"""Short-lived, MFA-checked access to AWS, and the proof that the account demands it."""

__version__ = "0.1.0"
