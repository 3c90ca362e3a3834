"""The theme of the web page: its colours and fonts, as Gradio takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradio.themes import Base

SANS: Final = (
    "system-ui,Segoe UI,Roboto,Noto Sans,Apple SD Gothic Neo,Malgun Gothic,Noto Sans KR,Noto Sans CJK KR,sans-serif"
)
MONO: Final = "ui-monospace,SF Mono,Menlo,Consolas,Noto Sans Mono,D2Coding,monospace"


def page_theme() -> Base:
    """The theme, light and dark, with fonts of the reader's machine; ``page/page.css`` uses the same colours."""
    from gradio.themes import Base, Color, Font, sizes

    teal = Color(
        "#eef6f6", "#d7eaea", "#b0d5d6", "#83bbbd", "#4f9a9e", "#1f7a80",
        "#0b5f66", "#094d53", "#083f44", "#06343a", "#04262a", name="teal",
    )  # fmt: skip
    stone = Color(
        "#faf9f7", "#f3f1ed", "#e6e3dc", "#d2cec5", "#a19c92", "#6b675f",
        "#56524b", "#413e39", "#2b2a27", "#1d1d1b", "#141413", name="stone",
    )  # fmt: skip
    theme = Base(
        primary_hue=teal,
        secondary_hue=teal,
        neutral_hue=stone,
        text_size=sizes.text_md,
        spacing_size=sizes.spacing_md,
        radius_size=sizes.radius_md,
        font=[Font(name) for name in SANS.split(",")],
        font_mono=[Font(name) for name in MONO.split(",")],
    )
    return theme.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="*neutral_900",
        body_text_color_dark="*neutral_100",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        background_fill_primary="white",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_50",
        background_fill_secondary_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        block_label_text_color="*neutral_700",
        block_label_text_color_dark="*neutral_200",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        input_border_width="1px",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_text_color="white",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_200",
    )
