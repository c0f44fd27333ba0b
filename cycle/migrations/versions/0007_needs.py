"""What a need costs and for whom it is besides, for whom a theme is, and how many a body needs to decide."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; all are empty for what is there."""
    op.add_column("need", sa.Column("further_groups", sa.JSON(), nullable=True))
    op.add_column("need", sa.Column("costs", sa.Boolean(), nullable=True))
    op.add_column("need", sa.Column("secured", sa.String(), nullable=True))
    op.add_column("theme", sa.Column("target_groups", sa.JSON(), nullable=True))
    op.add_column("decision", sa.Column("needed", sa.Integer(), nullable=True))
