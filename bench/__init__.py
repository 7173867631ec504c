"""The performance promises, as figures and as ratios measured in one run."""
