"""Changes to MFA devices: enrolment, and what devices a user has."""
