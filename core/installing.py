"""Lets ``flask routes`` be the portal's own command: ``python -m core.installing``.

Flask brings a command ``routes`` of its own, which it finds before it has loaded the application. Only an installed
package may replace it (an entry point of the group ``flask.commands``), so the project's environment is given a package
of one small module, which hands over to whatever application Flask then loads.
"""

import sys
import sysconfig
from pathlib import Path

_NAME, _VERSION = "guildhall_commands", "1"

_MODULE = '''\
"""Hands `flask routes` over to the application that Flask has loaded. Written by core/installing.py."""

import click
from flask import current_app
from flask.cli import routes_command, with_appcontext


@click.command("routes", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("given", nargs=-1, type=click.UNPROCESSED)
@with_appcontext
def routes(given):
    """Every route: its rule, its methods, and who may open it; --json for machines."""
    own = current_app.cli.commands.get("routes", routes_command)
    own.main(list(given), prog_name="flask routes", standalone_mode=False)
'''

_FILES = {
    f"{_NAME}.py": _MODULE,
    f"{_NAME}-{_VERSION}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {_NAME}\nVersion: {_VERSION}\n",
    f"{_NAME}-{_VERSION}.dist-info/INSTALLER": "make\n",
    f"{_NAME}-{_VERSION}.dist-info/entry_points.txt": f"[flask.commands]\nroutes = {_NAME}:routes\n",
}


def install_commands(packages: Path) -> None:
    """Writes the package into the folder ``packages`` of an environment; what is there already is left alone."""
    for name, text in _FILES.items():
        file = packages / name
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")


if __name__ == "__main__":
    if sys.prefix == sys.base_prefix:
        sys.exit("This Python is the machine's own, not an environment of the project.")
    install_commands(Path(sysconfig.get_path("purelib")))
