"""Answers of textbooks and a simulator, shared by the tests of measurement.

LSAT 6 and 7: 1,000 persons, 5 items (Bock and Lieberman, 1970); how many gave each of the patterns
00000, 00001, ... 11111.
"""

from __future__ import annotations

import numpy as np

LSAT6 = [3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15]
LSAT6 += [10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298]
LSAT7 = [12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28]
LSAT7 += [7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308]


def persons(frequencies):
    """Return a row of answers per person."""
    patterns = np.array([[int(digit) for digit in f"{at:05b}"] for at in range(32)], np.int8)
    return np.repeat(patterns, frequencies, axis=0)


def draw(size, slopes, steps, seed=0, theta=None):
    """Return answers to graded items, P(X >= k) = s(a (theta - b_k)), and the abilities."""
    random = np.random.default_rng(seed)
    abilities = random.normal(size=size) if theta is None else theta
    answers = np.zeros((len(abilities), len(slopes)), np.int8)
    for j, (slope, step) in enumerate(zip(slopes, steps, strict=True)):
        reached = 1 / (1 + np.exp(-slope * (abilities[:, None] - np.asarray(step))))
        answers[:, j] = (random.random(len(abilities))[:, None] < reached).sum(1)
    return answers, abilities


def items(count, seed=0, steps=(-1.2, 0.0, 1.2)):
    """Return slopes and steps of items drawn at random."""
    random = np.random.default_rng([seed, 7])
    slopes = random.lognormal(0.3, 0.3, count)
    return slopes, random.normal(0, 0.6, (count, 1)) + np.asarray(steps)
