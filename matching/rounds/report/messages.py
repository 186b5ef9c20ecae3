"""Sentences of the report in Chinese and English."""

from __future__ import annotations

from pathlib import Path

from catalog.messages import Messages

SENTENCES = Messages(Path(__file__).with_name("messages.toml"))

say = SENTENCES.say
