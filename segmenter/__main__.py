"""`python -m segmenter`: the product without a screen."""

import sys

from segmenter.worker.processes import warm_up

if __name__ == "__main__":
    if not any(word.startswith("--engine") for word in sys.argv):
        # Ahead of the imports below, which take as long: nearly all commands read a file, unless an engine does.
        warm_up()
    from segmenter.cli import main

    sys.exit(main())
