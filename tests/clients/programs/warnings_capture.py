"""logging.captureWarnings and the `warnings` module around it."""

import logging
import sys
import warnings

import describe


class Shown(logging.Handler):
    """Prints each record's fields."""

    def emit(self, record):
        """Print them."""
        print(describe.fields(record))


def main():
    """Warn with and without capturing."""
    logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
    logging.root.addHandler(Shown())
    warnings.simplefilter("always")
    plain = warnings.showwarning
    logging.captureWarnings(True)
    print(warnings.showwarning is plain, warnings.showwarning.__module__)
    print(warnings.showwarning.__name__, warnings.showwarning.__qualname__)
    warnings.warn("first %s", stacklevel=1)
    warnings.warn(DeprecationWarning("as an instance"), stacklevel=2)
    warnings.warn_explicit("explicit", UserWarning, "file.py", 12)
    warnings.showwarning("shown", UserWarning, "file.py", 13, line="the line")
    with open("/dev/null", "w") as nowhere:
        warnings.showwarning("to a file", UserWarning, "file.py", 14, nowhere)
    logging.captureWarnings(True)
    print(logging.getLogger("py.warnings").handlers)
    with warnings.catch_warnings(record=True) as caught:
        warnings.warn("caught", stacklevel=1)
    print([str(w.message) for w in caught])
    logging.captureWarnings(False)
    print(warnings.showwarning is plain)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    logging.captureWarnings(True)
    warnings.warn("below the level", stacklevel=1)
    logging.captureWarnings(False)
    warnings.simplefilter("error")
    try:
        logging.getLogger("old").warn("renamed")
    except DeprecationWarning as error:
        print(error)
    logging.getLogger("new").warning("still here")


main()
