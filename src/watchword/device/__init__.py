"""Changes to MFA devices."""
