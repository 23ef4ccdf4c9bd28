"""The store: journal, facts, findings, cases and outbox over SQLAlchemy Core, on SQLite or PostgreSQL."""
