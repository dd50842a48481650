"""The coach: from a question to an answer with sources, or to the words that it is not known.

`reading.py` understands the message, `playbook.py` decides what kind of answer it gets, `page.py` picks a card's
lines for this asker and fits them on a page, `sources.py` names the sources.

With a language model, `fluent.py` has it say what the playbook found: `passages.py` numbers the cards' lines,
`briefing.py` is all that the model is told, `manuscript.py` is the page that grows of what it writes, and `cite.py`,
with `manner.py`, drops the sentences that no passage carries. When that does not come to an answer, the playbook's
goes out.
"""
