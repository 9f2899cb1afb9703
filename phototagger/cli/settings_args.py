"""What was typed → settings."""

import argparse
from pathlib import Path
from typing import Any

from phototagger.errors import UsageError
from phototagger.settings.keep import CONFIG
from phototagger.settings.load import read_settings
from phototagger.settings.model import RULES, Settings


def typed_settings(args: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were typed; a ROOT without a flag is the root."""
    typed = {name: value for name, value in vars(args).items() if name in RULES}
    if args.root_word is not None:
        if "root" in typed:
            raise UsageError(f"two roots: --root {typed['root']} and {args.root_word}", "name one")
        typed["root"] = args.root_word
    return typed


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings of typed flags, a configuration file and the defaults."""
    config = args.config
    if config is None and Path(CONFIG).is_file():
        config = CONFIG
    return read_settings(typed_settings(args), config)
