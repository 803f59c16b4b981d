"""Text of people, made safe for HTML."""

import html

_CONTROL_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"}
_CONTROL_PICTURES[0x7F] = 0x2421


def escape(text: str) -> str:
    """HTML of a text; a control character, which HTML may not hold, shows as its picture."""
    return html.escape(text.translate(_CONTROL_PICTURES))
