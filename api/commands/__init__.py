"""What each command does; `api.cli` says how it is called. Nothing here is imported before it runs."""
