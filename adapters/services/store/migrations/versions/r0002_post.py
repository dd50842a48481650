"""The post: what comes in and goes out, who is who, and which conversation belongs to which room."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.add_column("rooms", sa.Column("due_at", MOMENT))
    op.create_index("ix_rooms_due", "rooms", ["due_at"])
    op.create_table(
        "lanes",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("lane", sa.String(), primary_key=True),
        sa.Column("last", sa.Integer(), nullable=False),
    )
    _inbox()
    _outbox()
    _directory()
    op.create_table(
        "signs",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("channel", sa.String(), primary_key=True),
        sa.Column("event", sa.String(), primary_key=True),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("room", sa.String()),
        sa.Column("stored", sa.String()),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.UniqueConstraint("tenant", "lane", "sequence", name="uq_inbox_sequence"),
    )
    op.create_index("ix_inbox_state", "inbox", ["state", "tenant", "lane"])
    op.create_index("ix_inbox_message", "inbox", ["tenant", "place", "message"])
    op.create_index("ix_inbox_account", "inbox", ["tenant", "account", "received_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String()),
        sa.Column("place", sa.String()),
        sa.Column("thread", sa.String()),
        sa.Column("parcel", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("driven", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.String()),
        sa.Column("reason", sa.String()),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
    )
    op.create_index("ix_outbox_lane", "outbox", ["tenant", "lane", "state"])
    op.create_index("ix_outbox_state", "outbox", ["state"])
    op.create_index("ix_outbox_receipt", "outbox", ["tenant", "receipt"])
    op.create_index("ix_outbox_thread", "outbox", ["place", "thread"])


def _directory() -> None:
    op.create_table(
        "accounts",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locale", sa.String()),
        sa.Column("outsider", sa.Boolean(), nullable=False),
        sa.Column("room", sa.String()),
        sa.Column("begun", sa.String(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
    )
    op.create_index("ix_accounts_key", "accounts", ["key"])
    op.create_index("ix_accounts_person", "accounts", ["tenant", "person"])
    op.create_table(
        "members",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("room", sa.String(), primary_key=True),
        sa.Column("person", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seated", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("tenant", "room", "name", name="uq_members_name"),
    )
    op.create_index("ix_members_person", "members", ["tenant", "person"])
    op.create_table(
        "places",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
    )
    op.create_index("ix_places_key", "places", ["key"])
    op.create_index("ix_places_room", "places", ["tenant", "room"])
    op.create_table(
        "codes",
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("room", sa.String()),
        sa.Column("side", sa.String()),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("parcel", sa.String(), primary_key=True),
        sa.Column("account", sa.String(), primary_key=True),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cards", sa.JSON(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
