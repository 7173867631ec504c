"""Start-up critical: the session file, read and written with the standard library only."""
