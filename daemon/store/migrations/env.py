"""What Alembic runs: the revisions, on the connection it was handed, in the transaction that is already open."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
