"""What Nakodo knows, and how it finds it again.

A leaf of the house: it imports nothing of ours. Start with `card.py` (what a card is), then `library.py`
(the shelf of all cards) and `search.py` (from a question to cards).
"""

import os

# OpenBLAS threads spin while e5's own threads work: a question takes 26 ms with one of them, 60 ms with two.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
