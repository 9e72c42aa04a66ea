"""The C programs of the tests, which know nothing of Python, under each sanitizer."""

import re
import subprocess

import pytest

import native

TRIAL = "int main(void) { return 0; }\n"
STRESS = native.ROOT / "tests" / "ring" / "test_stress.c"
#: The memory orders that hand bytes over, from one side of the ring to the other.
ORDERS = re.findall(
    r"^#define (FL_ORDER_\w+)",
    (native.SOURCE / "_ring" / "ring.h").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def skip_without(sanitizer, folder):
    """Skip the test where the library of *sanitizer* is missing or does not work."""
    (folder / "trial.c").write_text(TRIAL)
    try:
        native.compile_one(folder / "trial.c", folder, sanitizer)
        native.run(folder / "trial.c", sanitizer)
    except (OSError, subprocess.CalledProcessError) as problem:
        pytest.skip(f"no {sanitizer} here: {problem}")


@pytest.fixture(scope="module", params=native.SANITIZERS)
def sanitizer(request, tmp_path_factory):
    """Name a sanitizer whose library is installed and works here."""
    skip_without(request.param, tmp_path_factory.mktemp("trial"))
    return request.param


@pytest.mark.parametrize("program", native.programs(), ids=lambda p: p.stem)
def test_a_program_without_python_ends_well(program, sanitizer):
    """The writer's side must stand alone: no race, no bad access, no Python."""
    try:
        native.run(program, sanitizer)
    except subprocess.CalledProcessError as problem:
        pytest.fail(f"{problem}\n{problem.stdout}")


def test_a_hundred_million_records_arrive_whole():
    """What happens once in a million laps must be right, too."""
    printed = native.run(STRESS, "plain", seconds=280, arguments=["100000000"])

    assert printed.startswith("100000000 records, ")


@pytest.mark.parametrize("order", ORDERS)
def test_a_weaker_order_in_the_ring_is_a_race(order, tmp_path):
    """Each order is there for a reason, and the stress above would miss none."""
    skip_without("tsan", tmp_path)
    weaker = {order: "memory_order_relaxed"}

    with pytest.raises(subprocess.CalledProcessError) as problem:
        native.run(STRESS, "tsan", define=weaker)

    assert "WARNING: ThreadSanitizer: data race" in problem.value.stdout


def test_every_order_that_hands_bytes_over_can_be_weakened():
    """The test before this one must not become empty."""
    assert sorted(order.removeprefix("FL_ORDER_") for order in ORDERS) == [
        "COMMIT",
        "PEEK",
        "RELEASE",
        "ROOM",
    ]
