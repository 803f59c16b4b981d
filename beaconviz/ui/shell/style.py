"""The little CSS that the Studio adds to Streamlit's own, and its icon."""

from pathlib import Path

ICON = str(Path(__file__).with_name("icon.svg"))

CSS = """
<style>
[data-testid="stMainBlockContainer"] { padding: 1rem 1.5rem 3rem; max-width: none; }
[data-testid="stHeader"] { height: 0; min-height: 0; background: transparent; }
[data-testid="stMain"] [data-testid="stVerticalBlock"] { gap: 0.55rem; }
[data-testid="stSidebarContent"] { padding: 0 0.4rem; }
[data-testid="stSidebarHeader"] { position: absolute; right: 0; height: 2.6rem; margin: 0; z-index: 1; }
[data-testid="stSidebarUserContent"] { padding: 0.9rem 0.7rem 1.5rem; }
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] { gap: 0.6rem; }
:is(.st-key-layers, .st-key-heads) button { padding: 0 0.5rem; min-height: 1.7rem; min-width: 1.9rem; }
/* Numbers never overflow, and clipping each part of each pill slows every frame down. */
:is(.st-key-layers, .st-key-heads) :is(button, button *) { overflow: visible; }

/* The tools of a table or chart below rise over the names of the panels, and took their clicks. */
.st-key-panel { position: relative; z-index: 1000; }

/* Plotly's own fonts lack the characters that the app's font has. */
.js-plotly-plot :is(.plotly, .plotly div, text) { font-family: inherit !important; }

.st-key-pair button { padding: 0 0.3rem; }

.st-key-pages { padding-right: 1rem; gap: 0; display: grid; grid-template-columns: repeat(5, auto); justify-content: start; }
.st-key-pages a { padding: 0.1rem 0.16rem; }
.st-key-pages a p { font-size: 0.79rem; }

.bv-facts { font-size: 0.78rem; line-height: 1.35; color: color-mix(in srgb, currentColor 75%, transparent); margin: -0.25rem 0 0; }
.bv-reading { font-size: 0.8rem; }
.bv-reading code { font-size: 0.76rem; background: none; padding: 0; color: inherit; }
.bv-reading > div { display: flex; gap: 0.7rem; align-items: center; margin-top: 0.3rem; }
.bv-reading img { flex: none; }
.bv-reading p { margin: 0; font-size: inherit; line-height: 1.3; }
.bv-stack { margin: 0; padding-left: 1.3rem; font-size: 0.9rem; }

.st-key-topbar, .st-key-second-row { gap: 0.6rem; }
.bv-tag { display: block; line-height: 2.5rem; color: color-mix(in srgb, currentColor 75%, transparent); }
.st-key-question { padding: 0.5rem 0.8rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 0.4rem; }
.st-key-chips-row { gap: 0.6rem; }
.st-key-messages:empty { display: none; }
[data-testid="stAlertContainer"] { padding: 0.4rem 0.8rem; font-size: 0.9rem; }
[data-testid="stAlertContainer"] p { font-size: inherit; }
.st-key-chips [role="toolbar"] { flex-wrap: wrap; }
.st-key-chips { max-height: 4.1rem; overflow-y: auto; }
.st-key-chips button, .st-key-chips-row .stButton button { min-height: 1.7rem; padding: 0 0.6rem; font-size: 0.9rem; }
</style>
"""
