"""Getting in: find the device, mint, cache and hand out."""
