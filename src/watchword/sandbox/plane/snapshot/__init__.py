"""What moto holds, as bytes that can be kept: which of it changed, written and read again."""
