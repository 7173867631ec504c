"""What was called, as CloudTrail writes it."""
