"""The coach: from a question to an answer with sources, or to the words that it is not known.

`reading.py` understands the message, `playbook.py` decides what kind of answer it gets, `page.py` picks a card's
lines for this asker and fits them on a page, `sources.py` names the sources.
"""
