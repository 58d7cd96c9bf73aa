"""Messages in text channels: written, read, edited, deleted, searched."""
