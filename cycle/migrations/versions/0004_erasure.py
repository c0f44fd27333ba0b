"""When what is kept about a partner was offered to the archive: without that some of it may not be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; it is empty for what is there."""
    op.add_column("partner", sa.Column("archive_offered_on", sa.Date(), nullable=True))
