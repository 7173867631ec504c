"""Short-lived, MFA-checked access to AWS, and a local AWS in which MFA is really enforced."""

__version__ = "0.1.0"
