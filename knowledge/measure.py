"""What was seen of a sentence beside lines of cards, and the score that it comes to.

How much each thing counts is learned from labelled sentences by logistic regression: `python -m tests.evals.support
--train` prints what stands below, and how it does on cards that were held out.
"""

from typing import NamedTuple

MANY = 16


class Measure(NamedTuple):
    """What was seen of a sentence beside lines; shares are from 0 to 1, the rest is weight of words or a count."""

    best: float
    """The share of its words that the closest line holds."""
    two: float
    """What the two closest hold together."""
    all: float
    """What all of them and the asker's words hold."""
    missing: float
    """The weight of what nobody holds."""
    part: float
    """What the nearest sentence of a line holds."""
    back: float
    """What it holds of that sentence."""
    repeats: float
    """What that sentence holds, but for what it takes up of the asker's words."""
    order: float
    """The share of pairs of words that stand the other way round."""
    denied: float
    """The weight of words that are denied here and in no line, or in every line and not here."""
    gap: float
    """How many denials more one has than the other, it and the nearest sentence; at most two."""
    contrary: float
    """Whether it seems to turn round what it is nearest to."""
    contrary_near: float
    """The same, the more the nearer."""
    flipped: float
    """The weight of words that only one denies, it or the nearest sentence."""
    exchanged: float
    """Whether it and the nearest sentence put something first and second the other way round."""
    turned: float
    """Whether it says the contrary though it is far from the words of any line."""
    avoid: float
    """What a line holds that says what not to do, where the sentence denies nothing."""
    compares: float
    """Whether it compares."""
    becomes: float
    """Whether it says what will come of something."""
    answer: float
    """Whether it begins with yes or no, which no line can carry."""
    words: float
    """How many words tell something: of a short one, one word changed says something else. At most `MANY`."""
    length: float
    """How long it is, in the usual length of a sentence; at most two."""
    clauses: float
    """How many clauses it has; at most six."""
    weakest: float
    """What one line holds of the clause of which the lines hold least. A bound, as the next: not learned."""
    run: float
    """The weight of the heaviest row of words of which nobody holds any."""


SHORT = 0.75
"""What the closest line must hold of a sentence of three words or fewer, whatever the rest is like."""
WHOLE, STRAY = 0.35, 2.0
"""The least that one line must hold of each clause, and the heaviest row of words that nobody holds: a half that is
true must not carry another with it."""
WEIGHTS = Measure(
    best=0.72,
    two=0.64,
    all=-1.11,
    missing=-0.18,
    part=1.26,
    back=0.89,
    repeats=-0.72,
    order=-0.36,
    denied=-0.40,
    gap=0.22,
    contrary=-0.39,
    contrary_near=-0.57,
    flipped=-0.29,
    exchanged=-2.14,
    turned=-0.24,
    avoid=-1.74,
    compares=-0.55,
    becomes=-0.50,
    answer=-0.59,
    words=-0.33,
    length=5.19,
    clauses=0.63,
    weakest=0.0,
    run=0.0,
)
"""What each thing seen counts; found by `python -m tests.evals.support --train`, which prints them."""
BIAS = -1.48


def score(measure: Measure, weights: Measure = WEIGHTS, bias: float = BIAS) -> float:
    """Return how surely lines carry a sentence, as the logarithm of the odds."""
    foreign = measure.weakest < WHOLE or measure.run > STRAY
    if foreign or (measure.words <= 3 and measure.best < SHORT):
        return -9.0
    return bias + sum(weight * seen for weight, seen in zip(weights, measure, strict=True))
