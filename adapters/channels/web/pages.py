"""All pages."""

from contextlib import suppress
from importlib import import_module

from adapters.channels.web.site import Way

_NAMES = (
    "sign_in",
    "try_pages",
    "desk_pages",
    "partnership_pages",
    "session_pages",
    "knowledge_pages",
    "settings_pages",
)
WAYS: list[Way] = []
for name in _NAMES:
    with suppress(ImportError):
        WAYS += import_module(f"adapters.channels.web.{name}").WAYS
