"""How Nakodo speaks: templates by language, and one function to fill them.

A name that a template wants and nobody gave is an error, never an empty place in a sentence.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE = Path(__file__).parent


@cache
def _environment() -> Environment:
    # Plain text and Markdown for chats, no HTML: escaping belongs to the channel that makes HTML of it.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(_HERE),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render(name: str, locale: str, **values: object) -> str:
    """Fill the template `<locale>/<name>.md.j2`."""
    return _environment().get_template(f"{locale}/{name}.md.j2").render(values).strip()
