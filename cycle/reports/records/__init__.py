"""The questions asked of a year, each answered from what a session sees: now, or as of a moment."""
