"""Which mails were only claimed ahead; all others that somebody holds are in doubt when he dies."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; it is empty for what is there."""
    op.add_column("mail", sa.Column("ahead", sa.Boolean(), nullable=True))
