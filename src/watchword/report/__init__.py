"""Results as text and JSON; nothing decides here."""
