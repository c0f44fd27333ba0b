"""What delivery remembers: the text a batch was approved with, a contact's wish not to be mailed, the service's troubles."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; all are empty for what is there."""
    op.add_column("mail", sa.Column("approved_sha256", sa.String(), nullable=True))
    op.add_column("contact", sa.Column("wish", sa.String(), nullable=True))
    op.add_column("pulse", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pulse", sa.Column("troubles", sa.Integer(), nullable=True))
    op.add_column("pulse", sa.Column("trouble_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pulse", sa.Column("trouble", sa.String(), nullable=True))
