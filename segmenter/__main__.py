"""`python -m segmenter`: the product without a screen."""

import sys

from segmenter.cli import main

if __name__ == "__main__":
    sys.exit(main())
