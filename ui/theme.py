"""The look: clay and warm greys, the system's own fonts, nothing from outside."""

from pathlib import Path

import gradio as gr
from gradio.themes.utils.colors import Color

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
MONO = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "monospace")
STYLE = Path(__file__).parent / "page.css"
ICON = Path(__file__).parent / "icon.svg"
_CLAY = Color(
    name="clay",
    c50="#fdf5f1",
    c100="#fae8df",
    c200="#f4cfbd",
    c300="#ebae92",
    c400="#df8662",
    c500="#cf6440",
    c600="#b94f2d",
    c700="#9a3f24",
    c800="#7c3521",
    c900="#652f20",
    c950="#37150d",
)
_STONE = Color(
    name="stone",
    c50="#faf9f7",
    c100="#f4f2ee",
    c200="#e8e5df",
    c300="#d5d0c8",
    c400="#a8a199",
    c500="#79726a",
    c600="#57514a",
    c700="#3d3833",
    c800="#2a2622",
    c900="#1e1b18",
    c950="#151310",
)


def make_theme() -> gr.themes.Base:
    """The theme for `launch`."""
    theme = gr.themes.Base(
        primary_hue=_CLAY,
        secondary_hue=_CLAY,
        neutral_hue=_STONE,
        font=FONTS,
        font_mono=MONO,
        radius_size=gr.themes.sizes.radius_lg,
        spacing_size=gr.themes.sizes.spacing_md,
    )
    return theme.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_100",
        background_fill_secondary_dark="*neutral_800",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_800",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_shadow_dark="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_label_border_width_dark="0px",
        block_label_text_color="*neutral_600",
        block_label_text_color_dark="*neutral_400",
        block_title_text_color="*neutral_600",
        block_title_text_color_dark="*neutral_400",
        block_title_text_size="*text_sm",
        block_title_text_weight="500",
        input_background_fill="#ffffff",
        input_background_fill_dark="*neutral_950",
        input_border_width="1px",
        input_border_width_dark="1px",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_border_color_focus="*primary_500",
        input_border_color_focus_dark="*primary_500",
        input_shadow_focus="0 0 0 3px color-mix(in srgb, *primary_500 18%, transparent)",
        input_shadow_focus_dark="0 0 0 3px color-mix(in srgb, *primary_500 30%, transparent)",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_500",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        button_secondary_background_fill="*neutral_100",
        button_secondary_background_fill_hover="*neutral_200",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_background_fill_hover_dark="*neutral_700",
        button_cancel_background_fill="*neutral_100",
        button_cancel_background_fill_hover="*neutral_200",
        button_cancel_background_fill_dark="*neutral_800",
        button_cancel_background_fill_hover_dark="*neutral_700",
        button_cancel_text_color="*neutral_800",
        button_cancel_text_color_dark="*neutral_200",
        button_large_radius="12px",
        slider_color="*primary_500",
        slider_color_dark="*primary_500",
        panel_background_fill="transparent",
        panel_background_fill_dark="transparent",
    )
