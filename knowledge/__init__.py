"""What Nakodo knows, and how it finds it again.

A leaf of the house: it imports nothing of ours. Start with `card.py` (what a card is), then `library.py`
(the shelf of all cards) and `search.py` (from a question to cards).
"""

import os

# OpenBLAS threads spin while e5's own threads work: a question takes 26 ms with one of them, 60 ms with two.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# OpenMP threads that spin while they wait starve each other as soon as another process wants a core: beside one, an
# embedding took 3 seconds at the 95th percentile instead of 54 ms.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
