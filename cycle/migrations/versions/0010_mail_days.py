"""Mails are found by their day: every look at a year asks who had one lately, and read all mails of all years for it."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_mail_day", "mail", ["day", "id"])
