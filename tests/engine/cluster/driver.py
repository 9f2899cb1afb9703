"""The command line, with the stand-in model on the nodes: the words follow."""

import sys

from phototagger.cli.tagger import main
from phototagger.engine.process import child
from tests.engine.process.processes import COMMAND

if __name__ == "__main__":
    child.COMMAND = COMMAND
    sys.exit(main(sys.argv[1:]))
