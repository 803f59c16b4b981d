"""The Streamlit entry: pages, and nothing else."""

import streamlit as st

from beaconviz.ui.studio import studio

st.set_page_config(page_title="beaconviz", page_icon=":material/highlight:", layout="wide")
st.navigation([st.Page(studio, title="Studio", default=True)], position="hidden").run()
