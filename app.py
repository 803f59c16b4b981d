"""The Streamlit entry: pages, and nothing else."""

import streamlit as st

from beaconviz.ui.pages import pages
from beaconviz.ui.shell.style import ICON

st.set_page_config(page_title="beaconviz", page_icon=ICON, layout="wide")
st.navigation(list(pages().values()), position="hidden").run()
