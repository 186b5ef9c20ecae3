"""What can go wrong with a backup and what to do about it."""

from __future__ import annotations

from api.errors import UserError


class BackupRefused(UserError):
    """A backup cannot be made, or is not what it says, or must not overwrite what is there."""
