"""The border rules of the source tree: who may include, import and mention whom."""

import ast
import pathlib
import re
import tomllib

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "fastlog"
ROOMS = ("_caller", "_ring", "_writer")
NATIVE = (".c", ".h", ".cpp", ".hpp")
CYTHON = (".pyx", ".pxd", ".pxi")
HAND_WRITTEN = (".py", ".pyi", *NATIVE, *CYTHON)
LIMIT = 600
#: The mirrors of `logging`, `logging.handlers` and `logging.config`.
PUBLIC = ("__init__.py", "handlers.py", "config.py")

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|("(?:\\.|[^"\\\n])*")', re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)
CIMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+cimport|cimport\s+([\w.]+))", re.M)
IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))", re.M)


def files(folder, *suffixes):
    """Return the hand-written files with *suffixes* in *folder*, at any depth."""
    found = (path for path in sorted(folder.rglob("*")) if path.suffix in suffixes)
    return [path for path in found if path.name != "_core.c"]


def code(path):
    """Return the text of a C file without comments; literals stay."""
    return COMMENT.sub(lambda found: found[1] or " ", path.read_text(encoding="utf-8"))


def names(pattern, text):
    """Return the dotted names that *pattern* finds, whichever group caught them."""
    return [next(filter(None, groups)) for groups in pattern.findall(text)]


def in_project(path):
    """Name a file as a failing test should."""
    return str(path.relative_to(ROOT))


def of_rooms(*rooms, suffixes=NATIVE):
    """Parametrize over the files of *rooms*."""
    found = [path for room in rooms for path in files(SOURCE / room, *suffixes)]
    return pytest.mark.parametrize("path", found, ids=in_project)


def test_the_rooms_are_where_this_test_looks():
    """Every rule below would hold for an empty folder."""
    for room in ROOMS:
        assert files(SOURCE / room, *NATIVE), room
    assert (SOURCE / "_core.pyx").is_file()


@of_rooms("_ring", "_writer")
def test_c_that_cannot_name_python_cannot_take_its_lock(path):
    """Rule 1: not even through a header that includes it."""
    seen, todo = set(), [path]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        for name in INCLUDE.findall(code(here)):
            assert pathlib.Path(name).name not in ("Python.h", "pyport.h"), here
            todo += [p for p in (SOURCE / name, here.parent / name) if p.is_file()]
    assert not re.search(r"\b_?Py[A-Z]\w+", code(path))


@of_rooms("_ring", "_writer", suffixes=(".pxd", ".pxi", ".pyx"))
def test_the_declarations_of_a_native_room_need_no_python_object(path):
    """Rule 1, for what Cython is told: no `object`, nothing from `cpython`."""
    text = path.read_text(encoding="utf-8")

    assert not [name for name in names(CIMPORT, text) if name.startswith("cpython")]
    assert not re.search(r"\bobject\b|\bPyObject\b", re.sub(r"#.*", "", text))


@pytest.mark.parametrize(
    ("room", "allowed"), [("_ring", {"_ring"}), ("_writer", {"_ring", "_writer"})]
)
def test_a_room_includes_only_what_lies_before_it(room, allowed):
    """Rule 2: the record goes one way, and so do the includes."""
    for path in files(SOURCE / room, *NATIVE):
        for name in INCLUDE.findall(code(path)):
            if (path.parent / name).is_file():
                continue  # a neighbour in the same room
            if (SOURCE / name).is_file():
                assert name.split("/")[0] in allowed, f"{path} includes {name}"


def test_the_caller_reaches_the_other_rooms_through_pxd_alone():
    """Rule 2: no fragment declares another room's functions by itself."""
    extern = re.compile(r'extern\s+from\s+["<](_ring|_writer)/')
    for path in [SOURCE / "_core.pyx", *files(SOURCE / "_caller", *CYTHON)]:
        assert not extern.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("path", files(SOURCE, ".py"), ids=in_project)
def test_python_files_import_the_core_never_a_folder_behind_it(path):
    """Rule 3: one door into the native code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            imported = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in imported:
            assert not set(ROOMS) & set(name.split(".")), name


def test_the_core_imports_no_python_file_of_ours():
    """Rule 3: Python knows the core, the core does not know Python's side of it."""
    ours = {path.stem for path in files(SOURCE, ".py")} - {"__init__"}
    for path in [SOURCE / "_core.pyx", *files(SOURCE / "_caller", *CYTHON)]:
        text = path.read_text(encoding="utf-8")
        for name in names(IMPORT, text):
            parts = name.split(".")
            assert parts[0] not in ("fastlog", ""), f"{path} imports {name}"
        assert not re.search(r'import_module\(\s*"fastlog|__import__\("fastlog', text)
        assert not [n for n in names(CIMPORT, text) if n.split(".")[-1] in ours], path


@of_rooms("_ring", "_writer", suffixes=HAND_WRITTEN)
def test_no_python_object_enters_a_ring(path):
    """Rule 4: a pointer would outlive its process, or its lock."""
    text = code(path) if path.suffix in NATIVE else path.read_text(encoding="utf-8")

    assert "PyObject" not in text
    assert not re.search(r"<\s*void\s*\*\s*>\s*\w*(obj|self|record|msg)", text)


def test_hand_written_files_stay_short():
    """Rule 5: a file that needs more has more than one reason to change."""
    folders = [SOURCE, ROOT / "tests", ROOT / "benchmarks", ROOT / "demo"]
    found = [path for folder in folders for path in files(folder, *HAND_WRITTEN)]
    long = {}
    for path in found:
        with path.open(encoding="utf-8") as lines:
            if (count := sum(1 for _ in lines)) > LIMIT:
                long[in_project(path)] = count

    assert len(found) > 20
    assert not long


@pytest.mark.parametrize("name", PUBLIC)
def test_the_public_three_hold_imports_only(name):
    """Rule 5: what they mirror is the standard library's; nothing is defined."""
    tree = ast.parse((SOURCE / name).read_text(encoding="utf-8"))

    for node in ast.walk(tree):
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)


def test_the_version_is_the_same_wherever_it_stands():
    """pyproject.toml says it to installers, `__version__` to programs."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    said = re.search(
        r'^__version__ = "(.*)"$', (SOURCE / "__init__.py").read_text(), re.M
    )

    assert said is not None
    assert said[1] == project["version"]
    assert project["dependencies"] == []
