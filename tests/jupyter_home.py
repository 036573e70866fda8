"""Directories of one's own: nothing of the person at the keyboard changes a run, and no run changes that."""

import json
from pathlib import Path


def jupyter_home(home: Path) -> dict[str, str]:
    """Make the directories of Jupyter, IPython and the course under `home`; return what names them."""
    places = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
        "WSLEARN_DATA": home / "progress",
    }
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    return {name: str(place) for name, place in places.items()}


def lab_setting(environment: dict[str, str], plugin: str, **values: object) -> None:
    """Store the settings of one JupyterLab plugin, such as `@jupyterlab/apputils-extension:themes`."""
    package, _, schema = plugin.partition(":")
    folder = Path(environment["JUPYTERLAB_SETTINGS_DIR"]) / package
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{schema}.jupyterlab-settings").write_text(json.dumps(values))
