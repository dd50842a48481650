"""Where in a YAML text a field stands, so that an error can name the line."""

from collections.abc import Sequence

import yaml


def line_of(source: str, loc: Sequence[str | int]) -> int:
    """Return the line, from 1, of the field that a pydantic error's `loc` names, or of what should hold it."""
    node: yaml.Node | None = yaml.compose(source, yaml.SafeLoader)
    for step in loc:
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == str(step)), None)
            if inner is None:
                break
            node = inner
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
    return (node.start_mark.line if node is not None else 0) + 1
