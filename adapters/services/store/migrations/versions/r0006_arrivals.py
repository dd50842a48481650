"""When people came to a partnership by a code or a form, and who let them in."""

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Of who came before, nobody knows when."""
    op.add_column("members", sa.Column("came_at", sa.DateTime(timezone=True)))
    op.add_column("members", sa.Column("let_in_by", sa.String()))
