"""The panels under the workbench."""
