"""The measures of the attention maps, for every word or every head, as a table."""

from __future__ import annotations

import streamlit as st

import beaconviz as bv
from beaconviz.figures import received_bars
from beaconviz.figures.charts.maps import place_name
from beaconviz.ui.shared.charts import PLAIN, theme
from beaconviz.ui.shell.session import Session


def numbers_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    layer, head = session.view.place_in_words
    per = st.segmented_control(
        "A row for each", ("word", "head"), key="per", required=True, default="word"
    )
    if per == "word":
        frame = comparison.words(layer, head)
        st.caption(
            f"{place_name(layer, head).capitalize()}, on words without special tokens. "
            "Entropy and divergence are in nats, distance is in words; received is the attention that "
            "a word gets from all words, summed."
        )
    else:
        frame = comparison.metrics()
        st.caption("Means over tokens. Entropy and divergence are in nats, distance is in words.")
    numbers = [name for name in frame.columns if name not in ("word", "attention", "layer", "head")]
    st.dataframe(
        frame,
        hide_index=False,
        height=min(38 + 35 * len(frame), 460),
        row_height=35,
        column_config={
            name: st.column_config.NumberColumn(name.replace("_", " "), format="%.3f")
            for name in numbers
        },
    )
    st.download_button(
        "Download as CSV",
        data=lambda: frame.to_csv(index=False),
        file_name=f"{per}s.csv",
        mime="text/csv",
        on_click="ignore",
    )
    if per == "word":
        figure = received_bars(comparison, layer=layer, head=head, theme=theme())
        st.plotly_chart(figure, theme=None, key="received", config=PLAIN)
