"""Numbers as a visitor types them; what is none is left for the request's check to name."""

import re
from typing import Any


def whole_or_none(text: Any) -> Any:
    """'7' as 7 and nothing as None."""
    if not isinstance(text, str):
        return text
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,60}\s*", text) else text.strip() or None


def number_or_none(text: Any) -> Any:
    """'80.5' as 80.5, '7' as 7 and nothing as None."""
    if isinstance(text, str) and re.fullmatch(r"\s*\d{1,9}\.\d{1,9}\s*", text):
        return float(text)
    return whole_or_none(text)


def whole_numbers(text: Any) -> Any:
    """'5, 10' as [5, 10], and nothing as None."""
    if not isinstance(text, str):
        return text
    parts = [part for part in re.split(r"[\s,;]+", text) if part]
    return [whole_or_none(part) for part in parts] if parts else None
