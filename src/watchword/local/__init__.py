"""The room that touches the user's machine: files, locks and the terminal."""
