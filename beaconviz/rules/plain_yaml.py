"""YAML as rules have it: plain values only, and a size that is bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

import regex
import yaml

from beaconviz.core.edit import MATRICES
from beaconviz.rules.fields import short
from beaconviz.rules.words import RuleError

MAX_BYTES = 100_000
_BLOCKS = frozenset({"steps", *MATRICES})  # a mapping with one of these has a line a field


def load_yaml(text: str) -> Any:
    """The text's plain values.

    Raises:
        RuleError: too long, not valid YAML, or with anchors, aliases, tags or a key given twice.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise RuleError(
            f"the rule has {len(text) / 1000:,.1f} KB; at most {MAX_BYTES // 1000} KB are read"
        )
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except RuleError:
        raise
    except RecursionError:
        raise RuleError("the rule is nested too deeply to be one") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = " ".join(str(error.problem or error.context).split())
        raise RuleError(f"the rule is not valid YAML: {where}{problem}") from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RuleError(f"the rule is not valid YAML ({reason})") from None


def dump_yaml(data: Any) -> str:
    """The data as YAML that a person can read: what holds no steps goes on one line."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=96)


class _Loader(yaml.SafeLoader):
    """YAML without what a rule has no use for: anchors, aliases, tags, keys given twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise RuleError(
                f"the rule has an anchor, an alias or a tag in line {event.start_mark.line + 1}; "
                "write it out, and put words that begin with & * or ! in quotes"
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value):
            (twice, _), *_ = Counter(str(key.value) for key, _ in node.value).most_common(1)
            line = node.start_mark.line + 1
            raise RuleError(f"{short(twice)} is given twice in the mapping of line {line}")
        return mapping


# As in YAML 1.2: "on" and "no" are words, 2020-01-01 is a text, 1e-3 is a number.
_TAG = "tag:yaml.org,2002:"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag not in (f"{_TAG}bool", f"{_TAG}timestamp")]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(f"{_TAG}bool", regex.compile(r"(?i:true|false)$"), list("tTfF"))
_Loader.add_implicit_resolver(
    f"{_TAG}float",
    regex.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    dict,
    lambda dumper, data: dumper.represent_mapping(
        f"{_TAG}map", data.items(), flow_style=not _BLOCKS & data.keys()
    ),
)
_Dumper.add_representer(
    list,
    lambda dumper, data: dumper.represent_sequence(
        f"{_TAG}seq", data, flow_style=not any(isinstance(item, dict) for item in data)
    ),
)
