"""The native core, or None where it cannot be: in a subinterpreter."""

from __future__ import annotations

from types import ModuleType

core: ModuleType | None
#: Why `core` is None.
missing: str | None
try:
    from fastlog import _core as core
except ImportError as _error:
    # Statics are per process. Anything else is a broken build, and says so.
    if "interpreter" not in str(_error).lower():
        raise
    core, missing = None, str(_error)
else:
    missing = None
