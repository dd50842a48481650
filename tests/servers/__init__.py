"""Strict local stand-ins for the chat platforms, driven with the real SDKs."""
