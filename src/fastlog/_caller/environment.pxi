# What records depend on besides the objects: module flags, the clock, threads.
# Read once per epoch; every name below lies in a module whose changes bump it.

import codecs as _codecs
import io as _io
import os as _os
import sys as _sys
import threading as _threading
import time as _time

cdef dict logging_names = {}  # logging.__dict__
cdef dict handlers_names = {}  # logging.handlers.__dict__, once imported
cdef dict baseline = {}  # (module, name) -> the object of a sound interpreter
cdef object LogRecord = None

# The answers, valid for settled_epoch.
cdef bint env_record = False  # a record may be filled here
cdef bint env_caller = False  # frames may be walked here
cdef bint env_thread = False  # threading is the real one
cdef object env_factory = None
cdef dict env_threads = None  # threading._active
cdef dict env_modules = None  # sys.modules, watched: an import bumps the epoch
cdef object env_multiprocessing = None  # as imported so far
cdef object env_asyncio = None
cdef object env_srcfile = None
cdef bint env_wants_caller = True
cdef bint env_log_threads = True
cdef bint env_log_processes = True
cdef bint env_log_multiprocessing = True
cdef bint env_log_tasks = True
cdef bint env_getpid = True
cdef bint env_strftime = True
cdef object env_level_names = None  # logging._levelToName; None: ask getLevelName
cdef object env_default_formatter = None
cdef object env_clock = None  # None: the built-in, whose C function is clock_address
cdef object env_start = None  # logging._startTime
cdef double env_start_seconds = 0.0
cdef int64_t env_start_ns = 0
cdef bint ns_clock = False  # records take time.time_ns(), 3.13 and newer

cdef object clock_builtin = None
cdef void *clock_address = NULL

# Names of `logging` and of the modules it uses that must hold what they held in a
# sound interpreter for records to be made here.
cdef tuple record_names = (
    ("logging", "LogRecord"), ("logging", "getLevelName"), ("logging", "time"),
    ("logging", "os"), ("logging", "sys"), ("logging", "threading"),
    ("logging", "collections"), ("threading", "get_ident"),
    ("threading", "current_thread"), ("threading", "_active"),
    (_os.path.__name__, "basename"), (_os.path.__name__, "splitext"),
)
cdef tuple caller_names = (
    ("logging", "currentframe"), ("logging", "_is_internal_frame"),
    ("logging", "sys"), ("logging", "os"), ("sys", "_getframe"),
    (_os.path.__name__, "normcase"),
)
cdef tuple other_names = (
    ("os", "getpid"), ("time", "strftime"), ("time", "localtime"), ("time", "gmtime"),
    ("logging", "_acquireLock"), ("logging", "_STYLES"), ("logging", "Formatter"),
    ("time", "time"), ("time", "time_ns"), ("logging", "_srcfile"),
)


cdef object name_now(str module, str name):
    cdef object owner = _sys.modules.get(module)
    return None if owner is None else (<object>owner.__dict__).get(name)


cdef bint holds(tuple names) except -1:
    cdef tuple key
    for key in names:
        if name_now(key[0], key[1]) is not baseline.get(key):
            return False
    return True


cdef int take_baseline() except -1:
    """Remember what a sound interpreter holds; done once, before any replacement."""
    global ns_clock, clock_builtin, clock_address
    cdef tuple key
    for key in record_names + caller_names + other_names:
        baseline[key] = name_now(key[0], key[1])
    ns_clock = type(logging_names["_startTime"]) is int
    clock_builtin = _time.time_ns if ns_clock else _time.time
    clock_address = fl_builtin_address(clock_builtin)
    fl_record_clock.function = <PyObject *>clock_builtin
    fl_record_clock.is_ns = ns_clock
    if clock_address != NULL:
        # Time may already be frozen, in place, by a tool that was there first.
        now = clock_builtin() / 1e9 if ns_clock else clock_builtin()
        if type(now) is not float or abs(now - fl_realtime_ns() / 1e9) > 2:
            clock_address = NULL
    fl_record_clock.address = clock_address
    for module in ("logging", "time", "os", "sys", "threading", _os.path.__name__):
        fl_watch_dict((<object>_sys.modules[module]).__dict__)
    return 0


cdef int read_environment() except -1:
    global env_record, env_caller, env_thread, env_factory, env_srcfile
    global env_wants_caller, env_log_threads, env_log_processes, env_getpid
    global env_log_multiprocessing, env_log_tasks, env_strftime, env_level_names
    global env_default_formatter, env_clock, env_start, env_start_seconds
    global env_start_ns, env_threads, env_modules, plain_thread_type
    global env_multiprocessing, env_asyncio
    cdef dict names = logging_names
    env_record = holds(record_names)
    env_caller = holds(caller_names)
    if env_record:
        env_record = record_class_is_plain()
    plain_thread_type = NULL
    env_threads = _threading._active
    modules = _sys.modules
    env_modules = modules if type(modules) is dict else dict(modules)
    fl_watch_dict(env_modules)
    env_multiprocessing = env_modules.get("multiprocessing")
    env_asyncio = env_modules.get("asyncio")
    env_factory = names.get("_logRecordFactory")
    env_srcfile = names.get("_srcfile")
    env_wants_caller = bool(env_srcfile)
    # Another file's name would make frames of logging count that do not exist here.
    if type(env_srcfile) is not str or env_srcfile != baseline["logging", "_srcfile"]:
        env_caller = False
    env_log_threads = bool(names.get("logThreads", True))
    env_log_processes = bool(names.get("logProcesses", True))
    env_log_multiprocessing = bool(names.get("logMultiprocessing", True))
    env_log_tasks = bool(names.get("logAsyncioTasks", True))
    env_getpid = name_now("os", "getpid") is baseline["os", "getpid"]
    env_strftime = holds((
        ("time", "strftime"), ("time", "localtime"), ("time", "gmtime"),
        ("logging", "time"),
    ))
    levels = names.get("_levelToName")
    env_level_names = levels if type(levels) is dict else None
    if env_level_names is not None:
        fl_watch_dict(env_level_names)
    env_default_formatter = names.get("_defaultFormatter")
    if ring_is_ours():
        fl_writer_set_reporting(the_writer, bool(names.get("raiseExceptions")))
    name = "time_ns" if ns_clock else "time"
    clock = name_now("time", name)
    env_clock = None if clock is clock_builtin and clock_address != NULL else clock
    env_start = names.get("_startTime")
    if ns_clock and type(env_start) is int and 0 <= env_start < 2**63:
        env_start_ns = env_start
    elif not ns_clock and type(env_start) is float:
        env_start_seconds = env_start
    else:
        env_record = False
    return 0


cdef bint record_class_is_plain() except -1:
    """LogRecord is filled by our `__init__` alone, and its attributes are a dict's."""
    cdef dict fields
    if fl_watch_type(<PyTypeObject *>LogRecord) != 1:
        return False
    fields = dict((<object>LogRecord).__dict__)
    return (
        fields.get("__init__") is installed_method("LogRecord.__init__")
        and fields.get("getMessage") is installed_method("LogRecord.getMessage")
        and "__new__" not in fields
        and "__slots__" not in fields
        and fl_getattr_is_generic(<PyTypeObject *>LogRecord)
        and fl_setattr_is_generic(<PyTypeObject *>LogRecord)
    )


cdef struct Moment:
    # When a record was made, as LogRecord keeps it.
    bint plain  # the numbers below are it; else what read_clock returned
    uint64_t clock  # as a frame has it: nanoseconds, or the bits of `created`
    double created  # seconds since the epoch
    double msecs  # 0 to 999
    double relative  # milliseconds since logging was imported


cdef object read_clock(Moment *moment):
    """Fill *moment*; return None, or what a patched clock gave instead of a number."""
    cdef int64_t ns = 0
    cdef double created = 0
    cdef object value
    moment.plain = True
    if env_clock is None and fl_builtin_address(clock_builtin) == clock_address:
        ns = fl_realtime_ns()
        if not ns_clock:
            # As time.time() rounds.
            if ns % 1000000000 == 0:
                created = <double>(ns // 1000000000)
            else:
                created = <double>ns / 1e9
    else:
        value = clock_builtin() if env_clock is None else env_clock()
        if ns_clock and type(value) is int and 0 <= value < 2**62:
            ns = value
        elif not ns_clock and type(value) is float and 0 <= value < 1e11:
            created = value
        else:
            moment.plain = False
            return value
    if ns_clock:
        moment.created = <double>ns / 1e9
        moment.msecs = <double>((ns % 1000000000) // 1000000)
        if (moment.msecs == 999.0
                and <int64_t>moment.created != ns // 1000000000):
            moment.msecs = 0.0
        moment.relative = <double>(ns - env_start_ns) / 1e6
        moment.clock = <uint64_t>ns
    else:
        moment.created = created
        moment.msecs = <double><int64_t>((created - <double><int64_t>created) * 1000)
        moment.relative = (created - env_start_seconds) * 1000
        moment.clock = (<uint64_t *>&moment.created)[0]
    return None


cdef object thread_name(object ident):
    """The name of this thread, *ident*, as threading.current_thread().name reads."""
    cdef PyObject *found = PyDict_GetItemWithError(env_threads, ident)
    if found == NULL:
        return _threading.current_thread().name
    # The property of Thread only reads _name.
    if Py_TYPE(found) == plain_thread_type or has_plain_name(Py_TYPE(found)):
        # The dict's own key is found by identity, without a comparison.
        if not fl_ident_adopted():
            fl_adopt_ident(PyObject_GetAttr(<object>found, "_ident"))
        return PyObject_GetAttr(<object>found, "_name")
    return (<object>found).name


cdef bint has_plain_name(PyTypeObject *cls) except -1:
    """Whether threads of this class are named by Thread's own property."""
    global plain_thread_type
    cdef PyObject *found = _PyType_Lookup(cls, "name")
    if found == NULL or <object>found is not thread_name_property:
        return False
    # Remembered for this epoch; a change of the class ends it.
    if fl_watch_type(cls) == 1:
        plain_thread_type = cls
    return True


cdef PyTypeObject *plain_thread_type = NULL
cdef object thread_name_property = _threading.Thread.__dict__["name"]


cdef object process_name():
    """As LogRecord finds it: multiprocessing's name if that is imported."""
    cdef object module = env_multiprocessing
    if module is not None:
        try:
            return module.current_process().name
        except Exception:
            pass
    return "MainProcess"


cdef object task_name():
    """As LogRecord finds it: the name of the running asyncio task, or None."""
    cdef object module = env_asyncio
    if module:
        try:
            running = module._get_running_loop
            if running() is None and module.current_task is plain_current_task(module):
                return None
            return module.current_task().get_name()
        except Exception:
            pass
    return None


cdef object known_current_task = None


cdef object plain_current_task(object module):
    """asyncio's own current_task, which without a loop can only raise."""
    global known_current_task
    if known_current_task is None:
        tasks = _sys.modules.get("asyncio.tasks")
        known_current_task = getattr(tasks, "_c_current_task", None)
        if known_current_task is None:
            known_current_task = getattr(tasks, "_py_current_task", None)
    return known_current_task


cdef object level_name(object level):
    cdef PyObject *found
    if env_level_names is not None:
        found = PyDict_GetItemWithError(env_level_names, level)
        if found != NULL and <object>found is not None:
            return <object>found
    return logging_names["getLevelName"](level)
