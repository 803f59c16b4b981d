"""Components with a front end of their own: the workbench and small helpers."""
