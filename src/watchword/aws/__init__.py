"""The room that talks to AWS through its SDK."""
