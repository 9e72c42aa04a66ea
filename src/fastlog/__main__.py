"""`python -m fastlog`: hands over to _cli."""

import sys

from fastlog._cli import main

if __name__ == "__main__":
    main(sys.argv[1:])
