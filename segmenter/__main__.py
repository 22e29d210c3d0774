"""`python -m segmenter`: the product without a screen."""

import sys

from segmenter.worker.processes import warm_up

if __name__ == "__main__":
    # Ahead of the imports below, which take as long: nearly all commands read a file.
    warm_up()
    from segmenter.cli import main

    sys.exit(main())
