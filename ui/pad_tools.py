"""The bar of tools of what is drawn upon: the paper of a sketch, and the paint over a picture."""

from ui.icons import BRUSH, CLEAR, ERASER, UNDO, UPLOAD


def pad_tools(widths: tuple[int, int, int], upload: str) -> str:
    """Brush, eraser, widths (least, greatest, usual) in pixels, undo, clear, and an upload by its words."""
    least, greatest, usual = widths
    return (
        _button("tool", "brush", "Brush", BRUSH, ' aria-pressed="true"')
        + _button("tool", "eraser", "Eraser", ERASER, ' aria-pressed="false"')
        + f'<input type="range" min="{least}" max="{greatest}" value="{usual}"'
        ' title="Size" aria-label="Size">'
        + _button("act", "undo", "Undo", UNDO)
        + _button("act", "clear", "Clear", CLEAR)
        + f'<label title="{upload}" aria-label="{upload}">{UPLOAD}'
        '<input type="file" accept="image/*"></label>'
    )


def _button(kind: str, what: str, label: str, icon: str, more: str = "") -> str:
    """One button of the bar."""
    told = f'title="{label}" aria-label="{label}"{more}'
    return f'<button type="button" data-{kind}="{what}" {told}>{icon}</button>'
