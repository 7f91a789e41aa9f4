"""The few drawings of the page, as inline SVG that takes the colour of the text around it."""

MARK = (
    '<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">'
    '<rect width="32" height="32" rx="9" fill="var(--mq-accent)"/>'
    '<g fill="none" stroke="#fff" stroke-width="1.9" stroke-linejoin="round" stroke-linecap="round">'
    '<path d="M16 6.6 23.4 10.6 16 14.6 8.6 10.6Z"/><path d="M8.6 10.6v7.2l7.4 4 7.4-4v-7.2M16 14.6v7.2"/>'
    '<path d="M9.5 25.6h13"/></g></svg>'
)
PICTURE = (
    '<svg viewBox="0 0 48 48" width="44" height="44" fill="none" stroke="currentColor" stroke-width="1.6"'
    ' stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">'
    '<rect x="7" y="9" width="34" height="30" rx="5"/><circle cx="17" cy="19" r="3.4"/>'
    '<path d="m8 34 10-9 7 6 7-8 9 9"/></svg>'
)
MESH = (
    '<svg viewBox="0 0 48 48" width="44" height="44" fill="none" stroke="currentColor" stroke-width="1.6"'
    ' stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">'
    '<path d="M24 6 39 14.5v18L24 41 9 32.5v-18Z"/>'
    '<path d="m9 14.5 15 8.5 15-8.5M24 23v18"/></svg>'
)
DOWN = (
    '<svg viewBox="0 0 20 20" width="15" height="15" fill="none" stroke="currentColor" stroke-width="1.8"'
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
    '<path d="M10 3v9m0 0 3.5-3.5M10 12 6.5 8.5M4 16.5h12"/></svg>'
)
BIN = (
    '<svg viewBox="0 0 20 20" width="14" height="14" fill="none" stroke="currentColor" stroke-width="1.7"'
    ' stroke-linecap="round" aria-hidden="true"><path d="m5.5 5.5 9 9m0-9-9 9"/></svg>'
)


def _tool(path: str) -> str:
    """One of the drawing tools."""
    return (
        '<svg viewBox="0 0 20 20" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.6"'
        f' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{path}"/></svg>'
    )


BRUSH = _tool("M4 16l.9-3.6L13.6 3.7a1.4 1.4 0 0 1 2 0l.7.7a1.4 1.4 0 0 1 0 2L7.6 15.1 4 16zM12 5.3 14.7 8")
ERASER = _tool(
    "M8.5 16.5H16M4.3 12.1l7.4-7.4a1.5 1.5 0 0 1 2.1 0l2.6 2.6a1.5 1.5 0 0 1 0 2.1l-7 7H7z M8.2 8.2l4.7 4.7"
)
UNDO = _tool("M7.5 4 4 7.5 7.5 11M4 7.5h7.5a4.3 4.3 0 0 1 0 8.6H8")
CLEAR = _tool("M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5 6.3 16h7.4l.8-10.5M8.5 8.5v5M11.5 8.5v5")
UPLOAD = _tool("M10 13V4m0 0L6.5 7.5M10 4l3.5 3.5M4 12.5V16h12v-3.5")
