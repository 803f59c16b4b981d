"""The Streamlit entry: pages, and nothing else."""

import streamlit as st

from beaconviz import ui
from beaconviz.ui.shell.style import ICON
from beaconviz.ui.starting import wait_for_start

st.set_page_config(page_title="beaconviz", page_icon=ICON, layout="wide")
wait_for_start()
st.navigation(list(ui.pages.pages().values()), position="hidden").run()
