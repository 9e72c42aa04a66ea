"""Where programs collect what handlers write, to print it at their end.

A text in memory; with SHEETS=file in the environment a file, which has a descriptor,
so that a background writer has something to do.
"""

import io
import os
import sys
import tempfile

_folder = tempfile.TemporaryDirectory() if os.environ.get("SHEETS") == "file" else None
_made = []
_taken = {}


def new():
    """Return a text stream."""
    if _folder is None:
        return io.StringIO()
    path = os.path.join(_folder.name, str(len(_made)))
    _made.append(open(path, "w", encoding="utf-8"))  # noqa: SIM115
    return _made[-1]


def text(stream):
    """Return what was written to *stream* since it was taken."""
    if isinstance(stream, io.StringIO):
        return stream.getvalue()
    ours = sys.modules.get("fastlog")
    if ours is not None:  # what waits there comes before what waits in the stream
        ours.flush()
    stream.flush()
    with open(stream.name, encoding="utf-8") as file:
        return file.read()[_taken.get(stream.name, 0) :]


def take(stream):
    """Return what was written to *stream*, and begin anew."""
    found = text(stream)
    if isinstance(stream, io.StringIO):
        stream.truncate(0)
        stream.seek(0)
    else:
        _taken[stream.name] = _taken.get(stream.name, 0) + len(found)
    return found
