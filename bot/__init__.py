"""The facilitator: what it does with a message, and nothing of how messages travel.

`turn.py` is the road: one message in, replies out. `coach/` answers questions from the cards of `knowledge`,
in words kept in `prompts`. Nothing here knows Slack, Telegram, a database or a model provider: `adapters` do.
"""
