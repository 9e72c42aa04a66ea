"""What `python -m celery` does."""

from celery.__main__ import main

if __name__ == "__main__":
    main()
