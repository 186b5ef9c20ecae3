"""Sentences of the sheets that go out: headers, notes, notices."""

from __future__ import annotations

from pathlib import Path

from catalog.messages import Messages

SENTENCES = Messages(Path(__file__).with_name("messages.toml"))

say = SENTENCES.say
