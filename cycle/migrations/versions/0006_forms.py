"""Survey forms that come back: what each answer's form said, and the word by which a cycle knows its own forms again."""

import secrets

import sqlalchemy as sa
from alembic import op

from cycle.journal.pen import pen

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; answers that are there came by no form, cycles that are there get a word."""
    op.add_column("answer", sa.Column("form_sha256", sa.String(), nullable=True))
    op.add_column("answer", sa.Column("reported", sa.JSON(), nullable=True))
    op.add_column("answer", sa.Column("remark", sa.String(), nullable=True))
    op.add_column("cycle", sa.Column("secret", sa.String(), nullable=True))
    connection = op.get_bind()
    cycle = sa.table("cycle", sa.column("id", sa.Integer()), sa.column("secret", sa.String()))
    with pen(connection):  # machinery: it leaves no entry
        for (number,) in connection.execute(sa.select(cycle.c.id)).all():
            connection.execute(cycle.update().where(cycle.c.id == number).values(secret=secrets.token_hex(32)))
