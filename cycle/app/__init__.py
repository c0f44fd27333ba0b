"""Builds everything once, from settings: where files lie, what houses lend, a site and its journal, migrations."""
