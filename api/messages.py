"""Messages of this room in Chinese and English (see catalog.messages)."""

from pathlib import Path

from catalog.messages import Language, Messages

__all__ = ["Language", "say"]

say = Messages(Path(__file__).with_name("messages.toml")).say
