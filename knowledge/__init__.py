"""What Nakodo knows, and how it finds it again.

A leaf of the house: it imports nothing of ours. Start with `card.py` (what a card is), then `library.py`
(the shelf of all cards) and `search.py` (from a question to cards).
"""
