"""Coverage-guided fuzzing of everything that reads what strangers send: docs/decisions/0078-fuzzing.md."""
