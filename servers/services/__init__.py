"""Writes of servers, one file per kind of row. Each is atomic; calls are told on commit."""
