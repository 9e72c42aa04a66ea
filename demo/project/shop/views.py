"""Views that log as views do: much debug, some info, an error now and then."""

import logging
import time

from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

logger = logging.getLogger(__name__)
orders = logging.getLogger("shop.orders")
warehouse = logging.getLogger("shop.stock")
sql = logging.getLogger("shop.sql")

NAMES = ("teapot", "Gießkanne", "鉛筆", "naïve café set", "100% wool")


class CardError(Exception):
    """The bank did not take the card."""


def item(request, number):
    """Show one item: the common request, a dozen debug lines and two of info."""
    name = NAMES[number % len(NAMES)]
    logger.info("item %d asked for by %s", number, request.META["REMOTE_ADDR"])
    logger.debug("headers: %d, client %r", len(request.headers), "demo")
    price = 0.0
    for step in range(8):
        sql.debug("SELECT price FROM prices WHERE item = %s", number)
        price += number * 0.25 + step / 3
        logger.debug("price of %s after step %d: %.2f", name, step, price)
    logger.debug("discount for %(who)s: %(percent)d%%", {"who": name, "percent": 5})
    logger.debug("nothing else to do")
    logger.debug("stock: %s", {"shelf": number % 7, "sold out": price > 1000})
    logger.info("item %d is %s at %r", number, name, round(price, 2))
    return HttpResponse(f"{name} {price:.2f}\n", content_type="text/plain")


@csrf_exempt
def order(request, number):
    """Take an order; warn of a large one."""
    about = {"area": "orders", "order": number}
    amount = int(request.POST["amount"])
    orders.debug("order %d: form %s", number, request.POST.dict(), extra=about)
    orders.info("order %d: %d pieces", number, amount, extra=about)
    if amount > 90:
        orders.warning("order %d is large: %d", number, amount, extra=about)
    orders.log(logging.INFO, "order %d kept", number, extra=about)
    return JsonResponse({"order": number, "amount": amount})


@csrf_exempt
def pay(request, number):
    """Charge a card that is refused: an error that the view handles."""
    about = {"area": "payments", "order": number}
    orders.info("charging order %d", number, extra=about)
    try:
        raise CardError(f"card of order {number} was declined")
    except CardError:
        orders.exception("payment of order %d failed", number, extra=about)
    return HttpResponse("declined\n", status=402, content_type="text/plain")


def stock(request, number):
    """Count the shelves and find one empty."""
    warehouse.debug("shelf %d: who asks", number, stack_info=True)
    warehouse.critical("shelf %d is empty\norder %s at once", number, NAMES[0])
    return HttpResponse("empty\n", content_type="text/plain")


def report(request, number):
    """Crash: Django logs the error and answers with status 500."""
    logger.info("report %d begins", number)
    totals = {"pieces": number, "days": number - number}
    return HttpResponse(totals["pieces"] / totals["days"])


def burst(request, lines):
    """Log many debug lines and say how long they took."""
    logger.info("a burst of %d lines", lines)
    debug = logger.debug
    begin = time.perf_counter_ns()
    for line in range(lines):
        debug("line %d of %d for %s", line, lines, "the clock")
    return took(time.perf_counter_ns() - begin)


def burst_below_level(request, lines):
    """Make many debug calls that the logger's level turns away."""
    logger.info("%d calls below the level", lines)
    debug = sql.debug
    begin = time.perf_counter_ns()
    for line in range(lines):
        debug("line %d of %d for %s", line, lines, "the clock")
    return took(time.perf_counter_ns() - begin)


def clocked(request, lines):
    """Log debug lines, each call on the clock, and tell the time of every one."""
    logger.info("%d lines, each on the clock", lines)
    clock = time.perf_counter_ns
    times = []
    for line in range(lines):
        begin = clock()
        logger.debug("line %d of %d for %s", line, lines, "the clock")
        times.append(clock() - begin)
    text = "".join(f"{nanoseconds:012d}\n" for nanoseconds in times)
    return HttpResponse(text, content_type="text/plain")


def took(nanoseconds):
    """Answer with a time, always of the same length: the log names the length."""
    return HttpResponse(f"{nanoseconds:015d}\n", content_type="text/plain")
