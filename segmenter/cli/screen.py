"""`segmenter app`: the screen, started with the settings that the product ships."""

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

# In an installed package the settings lie beside the screen; in a checkout they stand where Streamlit looks for them.
_PACKAGE = Path(__file__).resolve().parents[1]
_SETTINGS = (_PACKAGE / "ui" / "config.toml", _PACKAGE.parent / ".streamlit" / "config.toml")


def start_app(args: argparse.Namespace) -> None:
    """Serve the app on this machine until it is stopped."""
    # Streamlit takes .5 s to import, which no other command needs.
    from segmenter.ui.server import serve

    settings = next((path for path in _SETTINGS if path.exists()), None)
    options = dict(_flat(tomllib.loads(settings.read_text(encoding="utf-8")))) if settings else {}
    serve({**options, "server_address": args.address, "server_port": args.port})


def _flat(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield nested settings under the names that Streamlit gives to flags: `server_maxUploadSize`."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}_")
        else:
            yield f"{prefix}{key}", value
