"""The ports of knowledge/, kept with SQLAlchemy Core; the outbox; migrations."""
