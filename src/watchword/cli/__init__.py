"""One file a command: parse, call a feature, hand the result to report."""
