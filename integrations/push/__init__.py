"""Carries events from the log to event hooks: at least once, in order, one receiver never in another's way."""
