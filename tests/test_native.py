"""The C programs of the tests, which know nothing of Python, under each sanitizer."""

import subprocess

import pytest

import native

TRIAL = "int main(void) { return 0; }\n"


@pytest.fixture(scope="module", params=native.SANITIZERS)
def sanitizer(request, tmp_path_factory):
    """Name a sanitizer whose library is installed and works here."""
    folder = tmp_path_factory.mktemp("trial")
    (folder / "trial.c").write_text(TRIAL)
    try:
        native.compile_one(folder / "trial.c", folder, request.param)
        native.run(folder / "trial.c", request.param)
    except (OSError, subprocess.CalledProcessError) as problem:
        pytest.skip(f"no {request.param} here: {problem}")
    return request.param


@pytest.mark.parametrize("program", native.programs(), ids=lambda p: p.stem)
def test_a_program_without_python_ends_well(program, sanitizer):
    """The writer's side must stand alone: no race, no bad access, no Python."""
    try:
        native.run(program, sanitizer)
    except subprocess.CalledProcessError as problem:
        pytest.fail(f"{problem}\n{problem.stdout}")
