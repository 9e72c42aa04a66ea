"""The module class: flags and names read and set on the mirrored module itself."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from fastlog._native import core

if TYPE_CHECKING or core is None:  # noqa: SIM108 - mypy needs the two branches
    MirrorBase = ModuleType
else:
    MirrorBase = core.MirrorBase

#: Our own modules of these names stand for those of `logging`.
SUBMODULES = frozenset({"config", "handlers"})
#: Names whose modules are slow to import, and imported when somebody asks for them.
LATE = {"WriterStats": "fastlog._stats"}


class Mirror(MirrorBase):
    """A module whose names are another module's, but for a few of its own."""

    _target: ModuleType
    _own: frozenset[str]

    def __getattr__(self, name: str) -> Any:
        """Look *name* up in the mirrored module; it was not found before."""
        if name in SUBMODULES and name in self._own:
            return importlib.import_module(f"{self.__name__}.{name}")
        if name in LATE and name in self._own:
            return getattr(importlib.import_module(LATE[name]), name)
        if name.startswith("__") and name != "__file__":
            raise AttributeError(
                f"module {self.__name__!r} has no attribute {name!r}", name=name
            )
        return getattr(self._target, name)

    def __dir__(self) -> list[str]:
        """List the mirrored names and our own."""
        return sorted({*dir(self._target), *self._own})


def mirror(name: str, target: str, own: frozenset[str]) -> None:
    """Make the module *name* a mirror of *target*, but for the names in *own*."""
    module = sys.modules[name]
    fields = module.__dict__
    fields["_target"] = mirrored = _find(module, target)
    # Copies: what looks for a name in __dict__ (tools that patch do) must find it.
    fields.update(
        (key, value)
        for key, value in mirrored.__dict__.items()
        if not key.startswith("__") and key not in own
    )
    fields["_own"] = own | {"_target", "_own"}
    if hasattr(mirrored, "__all__"):
        fields["__all__"] = list(mirrored.__all__)
    module.__class__ = Mirror


def _find(module: ModuleType, target: str) -> ModuleType:
    """Import the standard library's *target*, whatever stands under its name now."""
    found = importlib.import_module(target)
    if isinstance(found, Mirror):
        return found._target
    if found is not module:
        return found
    # `logging` was replaced by fastlog, and this is imported as its submodule.
    package = sys.modules["logging"]
    sys.modules["logging"] = package._target
    del sys.modules[target]
    try:
        return importlib.import_module(target)
    finally:
        sys.modules["logging"] = package
        sys.modules[target] = module


#: Names of the module `fastlog` that are ours; none of them is a name of `logging`.
OWN = frozenset(
    {
        "WriterStats",
        "config",
        "configure_writer",
        "explain",
        "flush",
        "handlers",
        "install",
        "installed",
        "stats",
        "uninstall",
        "_background",
        "_calls",
        "_cli",
        "_core",
        "_explain",
        "_install",
        "_keyword",
        "_late",
        "_mirror",
        "_mirror_logging",
        "_native",
        "_runtime",
        "_stats",
    }
)


def mirror_logging(name: str) -> None:
    """Make the package itself a mirror of `logging`."""
    mirror(name, "logging", OWN)
