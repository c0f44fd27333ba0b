"""What a measure costs and reaches, how several roles see it, and what was promised to a body."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_MEASURE = ("funding_source", "indicator", "indicator_unit", "target", "actual", "replaced_by")
_UPDATE = ("actual", "obstacles", "told_by", "role")


def upgrade() -> None:
    """Add the columns, empty for what is there, and two tables."""
    op.add_column("measure", sa.Column("cost_actual", sa.Integer(), nullable=True))
    for name in _MEASURE:
        op.add_column("measure", sa.Column(name, sa.String(), nullable=True))
    op.add_column("measure_update", sa.Column("cost_actual", sa.Integer(), nullable=True))
    for name in _UPDATE:
        op.add_column("measure_update", sa.Column(name, sa.String(), nullable=True))
    op.add_column("project_review", sa.Column("obstacles", sa.String(), nullable=True))
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("assessor", sa.String(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("rating", sa.String(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_assessment_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
    )
    op.create_index(op.f("ix_assessment_cycle_id"), "assessment", ["cycle_id"], unique=False)
    op.create_table(
        "followup",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("measure", sa.String(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("due_since", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_in", sa.Integer(), nullable=True),
        sa.Column("details", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followup")),
        sa.UniqueConstraint("number", name=op.f("uq_followup_number")),
    )
