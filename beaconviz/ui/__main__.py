"""`python -m beaconviz.ui run app.py …` is Streamlit's own command line, with a warm start: slow
imports and the first model are on their way while the server starts and the browser comes."""

from streamlit.web import cli

from beaconviz.ui.starting import START

if __name__ == "__main__":
    START.begin()
    cli.main(prog_name="streamlit")
