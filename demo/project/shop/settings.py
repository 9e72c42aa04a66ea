"""Settings: what a Django project says about logging, all of it in `LOGGING`.

Where files, pages and mails go comes from the environment, as in a real deployment.
"""

import os
from pathlib import Path

LOG_DIR = Path(os.environ["SHOP_LOG_DIR"])
PAGER_URL = os.environ["SHOP_PAGER_URL"]

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "only for a demo on 127.0.0.1")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
INSTALLED_APPS: list[str] = []
TIME_ZONE = "UTC"
USE_TZ = True

ADMINS = [("Shop keeper", "keeper@shop.example")]
SERVER_EMAIL = "server@shop.example"
EMAIL_SUBJECT_PREFIX = "[shop] "
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ["SHOP_SMTP_PORT"])
EMAIL_TIMEOUT = 10  # seconds

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "verbose": {
            "format": "{levelname} {asctime} {name} {module} {process:d} {thread:d}"
            " {message}",
            "style": "{",
        },
        "simple": {"format": "{levelname} {message}", "style": "{"},
        "request": {
            "()": "django.utils.log.ServerFormatter",
            "format": "[{server_time}] {message}",
            "style": "{",
        },
    },
    "filters": {
        "require_debug_false": {"()": "django.utils.log.RequireDebugFalse"},
        "require_debug_true": {"()": "django.utils.log.RequireDebugTrue"},
        "only_money": {"()": "shop.logs.OnlyAreas", "areas": ["orders", "payments"]},
    },
    "handlers": {
        "everything": {
            "class": "logging.FileHandler",
            "filename": LOG_DIR / "everything.log",
            "encoding": "utf-8",
            "formatter": "verbose",
        },
        "money": {
            "level": "INFO",
            "class": "logging.FileHandler",
            "filename": LOG_DIR / "money.log",
            "encoding": "utf-8",
            "filters": ["only_money"],
            "formatter": "simple",
        },
        "requests": {
            "level": "INFO",
            "class": "logging.FileHandler",
            "filename": LOG_DIR / "requests.log",
            "encoding": "utf-8",
            "formatter": "request",
        },
        "console_in_debug": {
            "level": "INFO",
            "class": "logging.StreamHandler",
            "filters": ["require_debug_true"],
            "formatter": "simple",
        },
        "console": {
            "level": "WARNING",
            "class": "logging.StreamHandler",
            "filters": ["require_debug_false"],
            "formatter": "simple",
        },
        "pager": {
            "level": "ERROR",
            "class": "shop.logs.PagerHandler",
            "url": PAGER_URL,
            "filters": ["require_debug_false"],
            "formatter": "simple",
        },
        "mail_admins": {
            "level": "ERROR",
            "class": "django.utils.log.AdminEmailHandler",
            "filters": ["require_debug_false"],
        },
    },
    "root": {"handlers": ["everything"], "level": "DEBUG"},
    "loggers": {
        "django": {"handlers": ["console_in_debug"], "level": "INFO"},
        "django.request": {
            "handlers": ["console", "pager", "mail_admins"],
            "level": "INFO",
        },
        "django.server": {
            "handlers": ["requests"],
            "level": "INFO",
            "propagate": False,
        },
        "shop": {"level": "DEBUG"},
        "shop.orders": {"handlers": ["money", "pager", "mail_admins"]},
        "shop.stock": {"handlers": ["pager"]},
        "shop.sql": {"level": "INFO"},
    },
}
