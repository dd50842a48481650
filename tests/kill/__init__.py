"""Nakodo killed at every step of its road, and started again."""
