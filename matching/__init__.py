"""Who sits where: the engine (pure, usable alone on files) and the rounds that use it."""
