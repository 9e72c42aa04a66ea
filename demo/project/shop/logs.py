"""What this project adds to logging: a handler that pages, and a filter."""

import json
import logging
import urllib.request


class PagerHandler(logging.Handler):
    """Send each record to the paging service, as JSON over HTTP."""

    def __init__(self, url, level=logging.NOTSET):
        """Keep the address of the paging service."""
        super().__init__(level)
        self.url = url

    def emit(self, record):
        """Post one page and wait for its receipt."""
        try:
            page = {
                "severity": record.levelname,
                "source": record.name,
                "line": record.lineno,
                "function": record.funcName,
                "order": getattr(record, "order", None),
                "text": self.format(record),
            }
            request = urllib.request.Request(
                self.url,
                data=json.dumps(page).encode(),
                headers={"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                answer.read()
        except Exception:
            self.handleError(record)


class OnlyAreas(logging.Filter):
    """Let through what was logged with `extra={"area": …}` of some areas."""

    def __init__(self, areas):
        """Keep the names of the areas."""
        super().__init__()
        self.areas = frozenset(areas)

    def filter(self, record):
        """Return whether *record* belongs to one of the areas."""
        return getattr(record, "area", None) in self.areas
