"""Django's PostgreSQL backend for connections that are kept for good."""
