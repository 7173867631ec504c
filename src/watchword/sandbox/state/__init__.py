"""What a sandbox keeps on disk with `--state`: every change, before its answer is sent."""
