"""Be told when one module has been imported, without importing it.

A finder in `sys.meta_path` lets the others find the module, and has its loader
followed by a call. Of that nothing stays: the module and its spec have the loader
that they would have had, and the finder is gone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class LateFinder:
    """Finds what the finders after it find, and calls back when it has been run."""

    def __init__(self, name: str, after: Callable[[], None]) -> None:
        """Wait for the module *name*."""
        self.name = name
        self.after = after

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the spec of the awaited module, None for all others."""
        if name != self.name:
            return None
        finders: list[Any] = list(sys.meta_path)
        if self in finders:
            finders = finders[finders.index(self) + 1 :]
        for finder in finders:
            find = getattr(finder, "find_spec", None)
            spec: Any = find(name, path, target) if find else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _FollowedLoader(spec.loader, self.after)
                found: ModuleSpec = spec
                return found
        return None


class _FollowedLoader:
    """Another loader, whose exec_module() is followed by a call."""

    def __init__(self, loader: Any, after: Callable[[], None]) -> None:
        self._loader = loader
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        create = getattr(self._loader, "create_module", None)
        made: ModuleType | None = create(spec) if create else None
        return made

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._after()


def await_import(name: str, after: Callable[[], None]) -> None:
    """Have *after* called when the module *name* has been imported."""
    forget_import(name)
    sys.meta_path.insert(0, LateFinder(name, after))


def forget_import(name: str) -> None:
    """Take the finder for *name* away, whichever import of this package put it."""
    for finder in list(sys.meta_path):
        kind = type(finder)
        if (kind.__module__, kind.__qualname__) == (__name__, "LateFinder") and (
            getattr(finder, "name", None) == name
        ):
            sys.meta_path.remove(finder)
