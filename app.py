"""The Streamlit entry: pages, and nothing else."""

import streamlit as st

from beaconviz.ui.studio import studio
from beaconviz.ui.style import ICON

st.set_page_config(page_title="beaconviz", page_icon=ICON, layout="wide")
st.navigation([st.Page(studio, title="Studio", default=True)], position="hidden").run()
