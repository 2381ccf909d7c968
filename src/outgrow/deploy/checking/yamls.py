"""YAML with the line of every key and item, by PyYAML: ``pip install 'django-outgrow[deploy]'``."""

from __future__ import annotations

from typing import Any

from outgrow.errors import Refused

try:
    import yaml
except ImportError:  # the extra is not installed; load() says so
    yaml = None  # type: ignore[assignment,unused-ignore]


class Table(dict[Any, Any]):
    """A mapping; ``lines`` has the line of each key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[Any, int] = {}

    def at(self, key: Any) -> int:
        return self.lines.get(key, self.line)


class Items(list[Any]):
    """A list; ``lines`` has the line of each item."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class Unreadable(Exception):
    """It is no YAML; ``line`` is where that shows."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.line = line


def load(text: str) -> Any:
    """The document as Tables and Items. Raises Unreadable, and Refused where PyYAML is not installed."""
    if yaml is None:
        raise Refused(
            "Compose files and workflows are YAML, and PyYAML is not installed: pip install 'django-outgrow[deploy]'."
        )
    try:
        return yaml.load(text, _loader())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Unreadable(
            str(getattr(error, "problem", None) or "it is no YAML"), mark.line + 1 if mark else 1
        ) from error


def _loader() -> type[Any]:
    class Loader(yaml.SafeLoader):
        """Values as they are written: "on" is a word, and a tag of Compose's (!reset) changes nothing."""

    Loader.yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool" or letter in "tTfF"]
        for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_constructor("tag:yaml.org,2002:map", _table)
    Loader.add_constructor("tag:yaml.org,2002:seq", _items)
    Loader.add_multi_constructor("!", _tagged)
    return Loader


def _table(loader: Any, node: Any) -> Table:
    loader.flatten_mapping(node)
    found = Table(node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        found[key] = loader.construct_object(value_node, deep=True)
        found.lines[key] = key_node.start_mark.line + 1
    return found


def _items(loader: Any, node: Any) -> Items:
    found = Items(node.start_mark.line + 1)
    for one in node.value:
        found.append(loader.construct_object(one, deep=True))
        found.lines.append(one.start_mark.line + 1)
    return found


def _tagged(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _table(loader, node)
    if isinstance(node, yaml.SequenceNode):
        return _items(loader, node)
    return loader.construct_scalar(node)
