"""The story, played on the sandbox."""
