"""Servers and libraries that do work for the bot."""
