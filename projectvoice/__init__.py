"""Wiring, and under `kernel/` what every room stands on."""

__version__ = "0.1.0"
