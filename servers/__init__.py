"""Servers, their channels, roles, members and invites."""
