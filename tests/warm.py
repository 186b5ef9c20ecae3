"""Compile the engine's search ahead of the tests: `python -m tests.warm`; what is compiled stays on disk.

Each process that met a width of whole numbers first would compile it anew, a minute of a core, while the
tests run.
"""

from __future__ import annotations

from matching.bench import warm

if __name__ == "__main__":
    warm("county-minima", reasons=True)
