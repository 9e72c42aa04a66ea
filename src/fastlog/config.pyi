from logging.config import *  # noqa: F403
