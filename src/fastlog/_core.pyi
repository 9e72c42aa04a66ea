import logging
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, TypeVar

_T = TypeVar("_T")

__all__ = [
    "MirrorBase",
    "call_at_bottom",
    "counts",
    "handler_way",
    "logger_way",
    "methods",
    "prepare",
    "switch",
]

class MirrorBase(ModuleType): ...

def call_at_bottom(callable: Callable[[], _T], /) -> _T: ...
def counts() -> dict[str, int]: ...
def handler_way(handler: logging.Handler) -> str: ...
def logger_way(logger: logging.Logger) -> str | None: ...
def methods() -> dict[str, Any]: ...
def prepare(table: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]: ...
def switch(on: bool) -> None: ...
