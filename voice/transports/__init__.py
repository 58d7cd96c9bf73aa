"""Sockets and what joins them to the hub. Nothing here knows the name of an event."""
