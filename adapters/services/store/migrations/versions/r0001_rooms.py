"""Rooms, what was said in them, what was noticed, and the history of their records."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rooms",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("nda", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("takeover", sa.String()),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("scene", sa.Text(), nullable=False),
    )
    op.create_index("ix_rooms_updated", "rooms", ["tenant", "updated_at"])
    _of_room(
        "messages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("side", sa.String()),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("tenant", "room", "id", name="uq_messages_id"),
    )
    _of_room(
        "deliveries",
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("citations", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("signal", sa.String()),
        sa.Column("label", sa.JSON()),
        sa.Column("draft", sa.String()),
        sa.Column("in_reply_to", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    _of_room(
        "findings",
        sa.Column("signal", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
    )
    _of_room(
        "changes",
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("side", sa.String()),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False),
    )


def _of_room(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("room", sa.String(), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        *columns,
        sa.ForeignKeyConstraint(["tenant", "room"], ["rooms.tenant", "rooms.id"]),
    )
