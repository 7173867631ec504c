"""The account, read through AWS's own calls."""
