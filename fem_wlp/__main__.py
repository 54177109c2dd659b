"""Let ``python -m fem_wlp`` be the command line."""

import sys

from fem_wlp.cli import main

if __name__ == "__main__":
    sys.exit(main())
