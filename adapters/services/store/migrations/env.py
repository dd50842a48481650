"""Runs the migrations on the connection that `engine.migrate` hands over, inside its transaction."""

from alembic import context

from adapters.services.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    target_metadata=Base.metadata,
)
with context.begin_transaction():
    context.run_migrations()
