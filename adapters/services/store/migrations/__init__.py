"""How the tables came to be as they are. Alembic runs these files when a store is opened."""
