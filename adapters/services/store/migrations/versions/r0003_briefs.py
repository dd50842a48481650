"""What lists of many rooms need: a hundred whole scenes would take too long to read."""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. A room that has none yet is read whole, until it is next written."""
    op.add_column("rooms", sa.Column("brief", sa.Text()))
