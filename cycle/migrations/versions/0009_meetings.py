"""Meetings whole: how to dial in, the programme item by item, how many each partner comes with, and who was there."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns, empty for what is there, and the table of agenda items."""
    op.add_column("meeting", sa.Column("link", sa.String(), nullable=True))
    op.add_column("meeting", sa.Column("present", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("meeting", sa.Column("citizens_on_site", sa.Integer(), nullable=True))
    op.add_column("meeting", sa.Column("citizens_online", sa.Integer(), nullable=True))
    op.add_column("meeting", sa.Column("citizens_needs", sa.String(), nullable=True))
    op.add_column("participation", sa.Column("on_site", sa.Integer(), nullable=True))
    op.add_column("participation", sa.Column("online", sa.Integer(), nullable=True))
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("starts", sa.String(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("theme", sa.String(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("fee", sa.Integer(), nullable=True),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_agenda_item_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    op.create_index(op.f("ix_agenda_item_meeting_id"), "agenda_item", ["meeting_id"])
