"""Django's `runserver` with Django's own default logging: `… debug|live PORT`.

With `debug` the console gets all; with `live` errors go to the admins by mail,
through the mail server on PORT.
"""

import logging
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path

logger = logging.getLogger("django.shop")


def hello(request, number):
    """Answer, with a line of info below Django's own logger."""
    logger.info("hello %d from %s", number, request.path)
    logger.debug("not shown: %d", number)
    return HttpResponse("hello\n")


def broken(request, number):
    """Crash, after a warning."""
    logger.warning("number %d will crash", number)
    raise ValueError(f"crash {number}")


urlpatterns = [path("hello/<int:number>", hello), path("broken/<int:number>", broken)]

if __name__ == "__main__":
    mode, port = sys.argv[1:]
    settings.configure(
        DEBUG=mode == "debug",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=sys.modules[__name__],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        SECRET_KEY="for a test",
        ADMINS=[("Admin", "admin@shop.example")],
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=int(port),
        TIME_ZONE="UTC",
        USE_TZ=True,
    )
    execute_from_command_line(["manage.py", "runserver", "127.0.0.1:0", "--noreload"])
