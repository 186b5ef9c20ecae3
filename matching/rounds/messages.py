"""Messages of the rounds in Chinese and English: sheets, notices, report."""

from __future__ import annotations

from pathlib import Path

from catalog.messages import Messages

say = Messages(Path(__file__).with_name("messages.toml")).say
