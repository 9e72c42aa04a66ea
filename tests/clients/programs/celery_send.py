"""Send the tasks of celery_app one after the other, and wait for each result."""

import sys

import celery_app

WAIT_S = 60


def result(task, number, *arguments):
    """Run a task under an id of its own and return what came of it."""
    name = task.name.rpartition(".")[2]
    sent = task.apply_async((number, *arguments), task_id=f"{name}-{number}")
    # The transport shows a message before it is whole; a rename shows all of it.
    (message,) = (celery_app.QUEUE / "outbox").iterdir()
    message.rename(celery_app.QUEUE / "messages" / message.name)
    return sent.get(timeout=WAIT_S, interval=0.02, propagate=False)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        print(result(celery_app.add, number, 0.5))
        print(repr(result(celery_app.fail, number)))
        print(result(celery_app.warn, number))
