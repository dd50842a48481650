"""All pages, found by their files: a new page is one file."""

import pkgutil
from importlib import import_module

from adapters.channels import web
from adapters.channels.web.site import Way

WAYS: list[Way] = [
    way
    for module in sorted(one.name for one in pkgutil.iter_modules(web.__path__))
    if module.endswith("_pages") or module == "sign_in"
    for way in import_module(f"{web.__name__}.{module}").WAYS
]
