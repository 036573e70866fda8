"""The pictures: widgets for JupyterLab, each one Python, one JavaScript and one style file."""
