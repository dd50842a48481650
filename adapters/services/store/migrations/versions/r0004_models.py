"""What language models did: why a second opinion agrees with a finding."""

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is missing."""
    op.add_column("findings", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
