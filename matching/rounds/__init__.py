"""Rounds: ballots in, an instance for the engine, a published result out."""
