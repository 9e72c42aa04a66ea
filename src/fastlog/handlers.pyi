from logging.handlers import *  # noqa: F403
