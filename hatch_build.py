"""The build step that puts app.py into the wheel, see pyproject.toml."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AppInPackage(BuildHookInterface):
    """Ships app.py beside the package's sample_data and .streamlit."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"]["app.py"] = "beaconviz/app.py"
