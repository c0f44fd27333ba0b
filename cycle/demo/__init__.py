"""Musterstadt's year 2025, told by its command lines: every one goes through the command line, none has a side door."""
