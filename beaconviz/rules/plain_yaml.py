"""YAML 1.2 for rules: plain values only, of bounded size."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from beaconviz.rules.words import RuleError

MAX_BYTES = 100_000


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
        return _yaml().load(text)
    except RuleError:
        raise
    except RecursionError:
        raise RuleError("the rule is nested too deeply to be one") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = " ".join(str(error.problem or error.context).split())[:200]
        mend = ": keep one" if isinstance(error, DuplicateKeyError) else ""
        raise RuleError(f"the rule is not valid YAML: {place}{problem}{mend}") from None
    except (YAMLError, ValueError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split(";")[0].split())[:200]
        raise RuleError(f"the rule is not valid YAML ({reason})") from None


def dump_yaml(data: Any) -> str:
    """The data as readable YAML: a list or object of plain values is on one line."""
    out = StringIO()
    _yaml().dump(data, out)
    return out.getvalue()


def _yaml() -> Any:
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Composer, yaml.Constructor = _Composer, _Constructor
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False
    yaml.width = 96
    yaml.representer.ignore_aliases = lambda data: True
    return yaml


class _Composer(Composer):
    """Refuses anchors, aliases and tags before they are resolved."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise RuleError(
                f"the rule has an anchor, an alias or a tag in line {event.start_mark.line + 1}; "
                "write it out, and put words that begin with & * or ! in quotes"
            )
        return super().compose_node(parent, index)


class _Constructor(SafeConstructor):
    """Reads dates as text, since YAML 1.2 has no dates."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)
