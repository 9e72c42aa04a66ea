"""A model of the ring's protocol, searched by spin: every order of events there is."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

import native

MODEL = native.ROOT / "tests" / "ring" / "protocol.pml"
#: What is taken from the protocol, and what must go wrong then.
LOST_WAKE_UP = "invalid end state"
WRONG_RECORD = "assertion violated (found==taken)"
WRONG = {
    "WEAK_COMMIT": WRONG_RECORD,
    "WEAK_PEEK": WRONG_RECORD,
    "WEAK_RELEASE": WRONG_RECORD,
    "WEAK_ROOM": WRONG_RECORD,
    "NO_MEMBARRIER": LOST_WAKE_UP,
    "NO_RECHECK": LOST_WAKE_UP,
    "NO_WAKE": LOST_WAKE_UP,
    "FENCES WEAK_SLEEP": LOST_WAKE_UP,
    "FENCES WEAK_FENCE": LOST_WAKE_UP,
    "WEAK_PROGRESS": LOST_WAKE_UP,
    "WEAK_WAITERS": LOST_WAKE_UP,
    "LATE_SEEN": LOST_WAKE_UP,
    "NO_PROGRESS": LOST_WAKE_UP,
}
#: How pan, the program that spin writes, is compiled and told to search.
SAFETY = (["-O0", "-DSAFETY", "-DNOCLAIM"], [])
LIVENESS = (["-O1", "-DNFAIR=5"], ["-a", "-f"])  # -f: no process is left out for ever

pytestmark = pytest.mark.skipif(
    shutil.which("spin") is None and "CI" not in os.environ,
    reason="needs spin, the model checker (apt-get install spin)",
)


def search(folder: pathlib.Path, variant: str, kind) -> str:
    """Search *variant* of the model; return what pan printed."""
    defines = [f"-D{name}" for name in variant.split()]
    flags, options = kind
    for line in (
        ["spin", *defines, "-a", MODEL],
        [native.LANGUAGES[".c"][0], *flags, "-o", "pan", "pan.c"],
    ):
        subprocess.run(line, cwd=folder, check=True, timeout=60)
    line = ["./pan", "-m1000000", *options]
    done = subprocess.run(
        line, cwd=folder, check=True, timeout=200, text=True, stdout=subprocess.PIPE
    )
    assert "max search depth too small" not in done.stdout
    return done.stdout


def errors(printed: str) -> int:
    """Return how many errors pan found."""
    return int(re.search(r"errors: (\d+)", printed)[1])


@pytest.mark.parametrize("variant", ["", "FENCES"])
def test_no_wake_up_and_no_record_is_lost(variant, tmp_path):
    """With membarrier() and without, whatever the processors delay."""
    printed = search(tmp_path, variant, SAFETY)

    assert errors(printed) == 0, printed


@pytest.mark.parametrize("variant", ["", "FENCES"])
def test_every_record_is_taken_in_the_end(variant, tmp_path):
    """No deadlock is not enough: the two sides might wake each other for ever."""
    printed = search(tmp_path, variant, LIVENESS)

    assert errors(printed) == 0, printed


@pytest.mark.parametrize("variant", WRONG)
def test_the_model_needs_each_of_its_orders(variant, tmp_path):
    """A model that cannot fail proves nothing."""
    printed = search(tmp_path, variant, SAFETY)

    assert errors(printed) == 1
    assert WRONG[variant] in printed


def test_a_record_that_nobody_is_woken_for_is_never_taken(tmp_path):
    """The search for what never happens must be able to find it, too."""
    printed = search(tmp_path, "NO_WAKE", LIVENESS)

    assert errors(printed) == 1
    assert "acceptance cycle" in printed


def test_every_variant_that_the_model_has_is_tried():
    """One that is added there must be expected to fail here."""
    tested = re.findall(
        r"(?:ifdef|ifndef|defined\() ?(\w+)", MODEL.read_text(encoding="utf-8")
    )

    assert set(tested) - {"RECORDS"} == {
        name for variant in WRONG for name in variant.split()
    }
