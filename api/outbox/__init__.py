"""Messages on their way: from the outbox of the database to people."""
