"""The Studio: Streamlit pages, panels, and the live workbench."""
