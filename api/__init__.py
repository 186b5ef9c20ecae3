"""The doors: command line, database, jobs, pages."""
