"""What unmodified programs do to `logging`: every line of a survey of them."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("patched", ["early", "late"])
def test_classes_patched_early_or_late_act_at_once(patched, mode):
    """Patches of classes reach loggers of any age, and their removal too."""
    same(
        "interop_class_patches",
        patched,
        mode=mode,
        shows=("Logger handle [2, 2, 2]", "FORMATTED", "control 4"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_attributes_of_instances_are_honoured(mode):
    """A method replaced on one object is called by all internal calls."""
    same(
        "interop_instances",
        mode=mode,
        shows=("Logger makeRecord", "a place of its own", "mocked %s"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_records_are_their_dict(mode):
    """`__class__`, `__dict__`, fields and factories may change under way."""
    same("interop_records", mode=mode, shows=("[sub] > ", "LVL renamed", "by wrapping"))


@pytest.mark.parametrize("mode", MODES)
def test_formats_written_after_construction_count(mode):
    """No compiled format outlives a write to `_fmt`, `_style` or a default."""
    same("interop_styles", mode=mode, shows=("FIRST X", "T:first x", "duck first"))


@pytest.mark.parametrize("mode", MODES)
def test_state_set_directly_acts_at_once(mode):
    """Lists, flags, levels, streams and caches are set without a method."""
    same(
        "interop_state",
        mode=mode,
        shows=("a subclass of list", "_cache exchanged", "56: at the end"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_the_module_is_read_at_call_time(mode):
    """Managers, roots, locks, flags and functions are replaced and put back."""
    same(
        "interop_module",
        mode=mode,
        shows=(
            "into the fresh tree 1",
            "in the child, renewed 1",
            "_srcfile (unknown function) 0",
        ),
    )


@pytest.mark.parametrize("mode", MODES)
def test_subclasses_override_any_step(mode):
    """Overrides, odd bases, an absent `__init__` and objects that are no loggers."""
    same(
        "interop_subclasses",
        mode=mode,
        shows=("concrete", "duck", "its error", "two adapters"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_frames_are_found_and_counted_the_same(mode):
    """C has no Python frames; who walks or counts them must not notice."""
    same(
        "interop_frames",
        mode=mode,
        shows=("in a recursion", "loguru: main", "_log/error"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_what_was_taken_before_a_late_install_lives_on(mode):
    """Handlers, loggers, classes and bound methods of before; in, out and in again."""
    same(
        "interop_late",
        mode=mode,
        shows=("late, the patch gone", "-- out", "function False"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_introspection_pickles_and_mocks_see_logging(mode):
    """Signatures, code objects, copies, pickles and specs are the same."""
    same(
        "interop_identity",
        mode=mode,
        shows=("isEnabledFor", "closed, so opened again", "to both 1"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_file_handlers_are_reopened_renamed_and_overridden(mode):
    """Streams, names, limits and rotation steps are set on the handler directly."""
    same(
        "interop_files",
        mode=mode,
        shows=("moved.log", "# header", "t.log.suffix", "6.old", "m.log"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_python_code_within_a_log_call_may_do_anything(mode):
    """It logs, changes handlers and levels, or raises, under way."""
    same(
        "interop_reentrant",
        mode=mode,
        shows=("the same logger", "style one", "SystemExit argument", "900 900"),
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("door", ["setattr", "__dict__", "vars", "object"])
def test_state_written_past_setattr_acts_from_the_next_store_on(door, mode):
    """`__dict__`, `vars` and `object.__setattr__` pass our hook by."""
    same(
        "interop_backdoors",
        door,
        mode=mode,
        shows=(f"{door} begins", "_log;", "another __dict__ ''", "emit;"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_configurations_replace_each_other(mode):
    """Each one disables, replaces or changes what the one before it had made."""
    same(
        "interop_config",
        mode=mode,
        shows=("basic error old", "ERROR|app|eve|error app", "ini ERROR", "forced"),
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", ["1", "2", "3", "4"])
def test_a_random_walk_through_state_logs_the_same(seed, mode):
    """Whatever is remembered of loggers and handlers must not outlive a change."""
    same(
        "interop_random",
        seed,
        mode=mode,
        shows=("control 1", "do_patch", "shown", "do_class"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_written_into_the_cache_counts(mode):
    """`_cache` has the last word in isEnabledFor; its size does not change here."""
    same("interop_cache", mode=mode, shows=("control", "enabled by hand", "done"))
