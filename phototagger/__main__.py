"""``python -m phototagger`` is the ``phototagger`` command."""

from phototagger.cli.tagger import entry

if __name__ == "__main__":
    entry()
