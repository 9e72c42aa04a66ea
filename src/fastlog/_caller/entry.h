/* The entry points: what a log call runs first, and all that a disabled one runs.
 *
 * A gate mirrors the answers that a logger's own isEnabledFor() gave. It is found by
 * the logger's address; a weak reference takes it away before the address can be
 * used again. A gate counts while its epoch is the current one: everything an answer
 * depends on bumps the epoch (a store to the logger, Manager._clear_cache, a patched
 * class, a changed module), and so does whatever changes `_cache` but ourselves.
 *
 * Threads: all under the GIL. Memory: one table, a gate of 64 bytes per object.
 */
#ifndef FL_ENTRY_H
#define FL_ENTRY_H

#include "_caller/method.h"
#include "_caller/shortcut.h"

/* Before 3.12 nobody tells when a dict or a type changes: versions are compared. */
#define FL_POLLED (PY_VERSION_HEX < 0x030C0000)

typedef struct fl_gate {
    PyObject *self;  /* borrowed, see above; NULL: free; FL_REMOVED: was used */
    uint64_t epoch;  /* 0: no answer counts */
    uint64_t off;    /* bit n: level n was asked and is disabled */
    uint64_t on;     /* bit n: level n was asked and is enabled */
    PyObject *cache; /* owned: the logger's `_cache` */
#if FL_POLLED
    uint64_t cache_version;
#endif
    PyObject *node;   /* owned: what plan.pxi knows of the object */
    fl_shortcut *way; /* of a logger: the node's; NULL: none */
    unsigned int tag;
} fl_gate;

#define FL_REMOVED ((PyObject *)1)

static struct {
    fl_gate *gates;
    size_t mask;
    unsigned shift;
    size_t used; /* with the removed ones */
    size_t live;
} fl_table = {NULL, 0, 0, 0, 0};

static inline size_t fl_slot_of(PyObject *self)
{
    return (size_t)(((uint64_t)(uintptr_t)self * UINT64_C(0x9E3779B97F4A7C15)) >>
                    fl_table.shift);
}

static inline fl_gate *fl_gate_find(PyObject *self)
{
    if (FL_UNLIKELY(fl_table.gates == NULL))
        return NULL;
    for (size_t slot = fl_slot_of(self);; slot = (slot + 1) & fl_table.mask) {
        fl_gate *gate = &fl_table.gates[slot];
        if (FL_LIKELY(gate->self == self))
            return gate;
        if (gate->self == NULL)
            return NULL;
    }
}

static int fl_table_resize(void)
{
    size_t capacity = 64;
    while (capacity < 4 * (fl_table.live + 1))
        capacity *= 2;
    fl_gate *old = fl_table.gates;
    size_t old_capacity = old == NULL ? 0 : fl_table.mask + 1;
    fl_gate *gates = PyMem_RawCalloc(capacity, sizeof *gates);
    if (gates == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    fl_table.gates = gates;
    fl_table.mask = capacity - 1;
    fl_table.shift = 64 - (unsigned)__builtin_ctzll(capacity);
    fl_table.used = fl_table.live;
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].self == NULL || old[i].self == FL_REMOVED)
            continue;
        size_t slot = fl_slot_of(old[i].self);
        while (gates[slot].self != NULL)
            slot = (slot + 1) & fl_table.mask;
        gates[slot] = old[i];
    }
    PyMem_RawFree(old);
    return 0;
}

/* A gate of its own for *self*, which has none. NULL with MemoryError. */
static fl_gate *fl_gate_add(PyObject *self, PyObject *node)
{
    if (fl_table.gates == NULL || 2 * (fl_table.used + 1) > fl_table.mask)
        if (fl_table_resize() < 0)
            return NULL;
    size_t slot = fl_slot_of(self);
    while (fl_table.gates[slot].self != NULL && fl_table.gates[slot].self != FL_REMOVED)
        slot = (slot + 1) & fl_table.mask;
    fl_gate *gate = &fl_table.gates[slot];
    if (gate->self == NULL)
        fl_table.used++;
    fl_table.live++;
    memset(gate, 0, sizeof *gate);
    gate->self = self;
    gate->node = Py_NewRef(node);
    return gate;
}

static void fl_gate_remove(PyObject *self)
{
    fl_gate *gate = fl_gate_find(self);
    if (gate == NULL)
        return;
    PyObject *node = gate->node, *cache = gate->cache;
    memset(gate, 0, sizeof *gate);
    gate->self = FL_REMOVED;
    fl_table.live--;
    Py_XDECREF(cache);
    Py_XDECREF(node);
}

/* -- what bumps the epoch ------------------------------------------------------- */

enum { FL_WATCHED_DICTS = 12 };

static struct {
    PyObject *dicts[FL_WATCHED_DICTS]; /* owned; the first is that of `logging` */
    uint64_t versions[FL_WATCHED_DICTS];
    int count;
    PyTypeObject **types; /* owned references, only when polled */
    unsigned int *tags;
    int type_count, type_capacity;
    int dict_watcher, type_watcher;
    PyObject *filling; /* borrowed: the `_cache` that isEnabledFor() writes for us */
} fl_watch = {.dict_watcher = -1, .type_watcher = -1};

/* Reading an object runs Python code, and so may let other threads run: one thread
 * at a time reads, and the others meanwhile take the Python way. */
static unsigned long fl_reader = 0;
static int fl_reader_depth = 0;

static inline bool fl_begin_reading(void)
{
    unsigned long me = PyThread_get_thread_ident();
    if (fl_reader_depth != 0 && fl_reader != me)
        return false;
    fl_reader = me;
    fl_reader_depth++;
    return true;
}

static inline void fl_end_reading(void)
{
    fl_reader_depth--;
}

/* In the child: the reading thread may be gone, and its half-read nodes with it. */
static void fl_reading_after_fork(void)
{
    if (fl_reader_depth != 0 && fl_reader != PyThread_get_thread_ident())
        fl_reader_depth = 0;
    fl_bump();
}

#if FL_POLLED
static inline uint64_t fl_dict_version(PyObject *dict)
{
    return ((PyDictObject *)dict)->ma_version_tag;
}

static inline void fl_poll(void)
{
    bool same = true;
    for (int i = 0; i < fl_watch.count; i++)
        same &= fl_dict_version(fl_watch.dicts[i]) == fl_watch.versions[i];
    for (int i = 0; i < fl_watch.type_count; i++)
        same &= fl_watch.types[i]->tp_version_tag == fl_watch.tags[i];
    if (FL_LIKELY(same))
        return;
    for (int i = 0; i < fl_watch.count; i++)
        fl_watch.versions[i] = fl_dict_version(fl_watch.dicts[i]);
    fl_bump();
}
#else
static inline void fl_poll(void) {}

static int on_dict(PyDict_WatchEvent event, PyObject *dict, PyObject *key,
                   PyObject *value)
{
    (void)event, (void)key, (void)value;
    if (dict != fl_watch.filling)
        fl_bump();
    return 0;
}

static int on_type(PyTypeObject *type)
{
    (void)type;
    fl_bump();
    return 0;
}
#endif

/* Bump the epoch whenever *dict*, a module's, changes. */
static int fl_watch_dict(PyObject *dict)
{
    for (int i = 0; i < fl_watch.count; i++)
        if (fl_watch.dicts[i] == dict)
            return 0;
    if (fl_watch.count == FL_WATCHED_DICTS)
        return 0;
#if FL_POLLED
    fl_watch.versions[fl_watch.count] = fl_dict_version(dict);
#else
    if (fl_watch.dict_watcher < 0)
        fl_watch.dict_watcher = PyDict_AddWatcher(on_dict);
    if (fl_watch.dict_watcher < 0 || PyDict_Watch(fl_watch.dict_watcher, dict) < 0)
        return -1;
#endif
    fl_watch.dicts[fl_watch.count++] = Py_NewRef(dict);
    return 0;
}

/* Make *gate* count only while *cache*, the logger's `_cache`, stays as it is. */
static int fl_gate_watch(fl_gate *gate, PyObject *cache)
{
#if FL_POLLED
    gate->cache_version = fl_dict_version(cache);
#else
    if (gate->cache != cache && PyDict_Watch(fl_watch.dict_watcher, cache) < 0)
        return -1;
#endif
    if (gate->cache != cache) {
        PyObject *old = gate->cache;
        gate->cache = Py_NewRef(cache);
        Py_XDECREF(old);
    }
    return 0;
}

/* Whether *gate*'s answers still stand. */
static inline bool fl_gate_stands(const fl_gate *gate, PyObject *cache)
{
#if FL_POLLED
    return gate->cache == cache && fl_dict_version(cache) == gate->cache_version;
#else
    return gate->cache == cache;
#endif
}

static inline void fl_filling(PyObject *cache)
{
    fl_watch.filling = cache;
}

/* Bump the epoch whenever *type* or a base changes. Returns 1, or 0 if nobody would
 * tell (no version left for it), or -1 with an exception. */
static int fl_watch_type(PyTypeObject *type)
{
    (void)_PyType_Lookup(type, fl_plain_name); /* gives it a version */
    if (type->tp_version_tag == 0)
        return 0;
#if FL_POLLED
    for (int i = 0; i < fl_watch.type_count; i++)
        if (fl_watch.types[i] == type)
            return fl_watch.tags[i] == type->tp_version_tag;
    if (fl_watch.type_count == fl_watch.type_capacity) {
        int capacity = fl_watch.type_capacity == 0 ? 16 : 2 * fl_watch.type_capacity;
        PyTypeObject **types =
            PyMem_RawRealloc(fl_watch.types, (size_t)capacity * sizeof *types);
        if (types != NULL)
            fl_watch.types = types;
        unsigned int *tags =
            PyMem_RawRealloc(fl_watch.tags, (size_t)capacity * sizeof *tags);
        if (tags != NULL)
            fl_watch.tags = tags;
        if (types == NULL || tags == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        fl_watch.type_capacity = capacity;
    }
    Py_INCREF(type);
    fl_watch.types[fl_watch.type_count] = type;
    fl_watch.tags[fl_watch.type_count++] = type->tp_version_tag;
    return 1;
#else
    if (fl_watch.type_watcher < 0)
        fl_watch.type_watcher = PyType_AddWatcher(on_type);
    if (fl_watch.type_watcher < 0 ||
        PyType_Watch(fl_watch.type_watcher, (PyObject *)type) < 0)
        return -1;
    return type->tp_version_tag != 0;
#endif
}

/* Let go of the types that an older epoch watched. */
static void fl_forget_types(void)
{
    int count = fl_watch.type_count;
    PyTypeObject **types = fl_watch.types;
    fl_watch.types = NULL;
    PyMem_RawFree(fl_watch.tags);
    fl_watch.tags = NULL;
    fl_watch.type_count = fl_watch.type_capacity = 0;
    for (int i = 0; i < count; i++)
        Py_DECREF(types[i]);
    PyMem_RawFree(types);
}

/* -- the calls --------------------------------------------------------------------- */

static inline bool fl_gate_counts(const fl_gate *gate)
{
#if FL_POLLED
    if (FL_UNLIKELY(Py_TYPE(gate->self)->tp_version_tag != gate->tag) ||
        FL_UNLIKELY(fl_dict_version(fl_watch.dicts[0]) != fl_watch.versions[0]) ||
        FL_UNLIKELY(fl_dict_version(gate->cache) != gate->cache_version))
        return false;
#endif
    return gate->epoch == fl_gate_epoch;
}

/* Whether a keyword repeats a positional parameter: the original words the error. */
static inline bool fl_names_parameter(PyObject *kwnames, PyObject *first,
                                      PyObject *second)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, i);
        if (name == first || name == second || name == fl_level_name)
            return true;
        /* Names that were built at run time may not be interned. */
        if (!PyUnicode_CHECK_INTERNED(name) &&
            (PyUnicode_Compare(name, first) == 0 ||
             PyUnicode_Compare(name, second) == 0 ||
             PyUnicode_Compare(name, fl_level_name) == 0))
            return true;
    }
    return false;
}

/* Written in Cython: the call is enabled, or nobody knows yet. */
static PyObject *fl_log_enabled(PyObject *method, int level, PyObject *const *args,
                                Py_ssize_t nargs, PyObject *kwnames);
static PyObject *fl_log_unknown(PyObject *method, int level, PyObject *const *args,
                                Py_ssize_t nargs, PyObject *kwnames);
static PyObject *fl_is_enabled_unknown(PyObject *method, PyObject *const *args,
                                       Py_ssize_t nargs, PyObject *kwnames);

static PyObject *fl_ungated(PyObject *callable, unsigned int level, bool enabled,
                            PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *result;
    if (fl_is_plain() ||
        (kwnames != NULL && fl_names_parameter(kwnames, fl_self_name, fl_msg_name)))
        return fl_call_original(callable, args, (size_t)nargs, kwnames);
    PyObject *outer_method = fl_call_method;
    int outer_origin = fl_call_origin;
    if (enabled)
        result = fl_log_enabled(callable, (int)level, args, nargs, kwnames);
    else
        result = fl_log_unknown(callable, (int)level, args, nargs, kwnames);
    fl_call_method = outer_method;
    fl_call_origin = outer_origin;
    if (FL_UNLIKELY(result == NULL))
        fl_strip_traceback();
    return result;
}

static inline PyObject *fl_gated(PyObject *callable, unsigned int level, int first,
                                 PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames)
{
    fl_gate *gate = fl_gate_find(args[0]);
    bool enabled = false;
    if (FL_LIKELY(gate != NULL) && FL_LIKELY(fl_gate_counts(gate))) {
        if (FL_LIKELY((gate->off >> level) & 1) &&
            (FL_LIKELY(kwnames == NULL) ||
             !fl_names_parameter(kwnames, fl_self_name, fl_msg_name)))
            Py_RETURN_NONE;
        enabled = (gate->on >> level) & 1;
        if (enabled && gate->way != NULL && kwnames == NULL) {
#if FL_POLLED
            fl_poll();
#endif
            if (gate->way->epoch == fl_gate_epoch &&
                fl_shortcut_push(gate->way, (int)level, args + first, nargs - first))
                Py_RETURN_NONE;
        }
    }
    return fl_ungated(callable, level, enabled, args, nargs, kwnames);
}

/* Logger.debug() … critical(): self, msg, *args, **kwargs */
static PyObject *fl_level_call(PyObject *callable, PyObject *const *args, size_t nargsf,
                               PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (FL_UNLIKELY(nargs < 2))
        return fl_call_original(callable, args, nargsf, kwnames);
    return fl_gated(callable, (unsigned)((fl_method *)callable)->level, 1, args, nargs,
                    kwnames);
}

/* Logger.log(): self, level, msg, *args, **kwargs */
static PyObject *fl_log_call(PyObject *callable, PyObject *const *args, size_t nargsf,
                             PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (FL_UNLIKELY(nargs < 3) || !PyLong_CheckExact(args[1]))
        return fl_call_original(callable, args, nargsf, kwnames);
    int overflow = 0;
    long level = PyLong_AsLongAndOverflow(args[1], &overflow);
    if (level < 0 || level > 63 || overflow != 0)
        return fl_call_original(callable, args, nargsf, kwnames);
    return fl_gated(callable, (unsigned)level, 2, args, nargs, kwnames);
}

/* Logger.isEnabledFor(): self, level */
static PyObject *fl_is_enabled_call(PyObject *callable, PyObject *const *args,
                                    size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (FL_UNLIKELY(nargs != 2) || kwnames != NULL || fl_is_plain() ||
        !PyLong_CheckExact(args[1]))
        return fl_call_original(callable, args, nargsf, kwnames);
    int overflow = 0;
    long level = PyLong_AsLongAndOverflow(args[1], &overflow);
    if (level < 0 || level > 63 || overflow != 0)
        return fl_call_original(callable, args, nargsf, kwnames);
    fl_gate *gate = fl_gate_find(args[0]);
    if (FL_LIKELY(gate != NULL) && FL_LIKELY(fl_gate_counts(gate)) &&
        FL_LIKELY(((gate->on | gate->off) >> level) & 1))
        return Py_NewRef((gate->on >> level) & 1 ? Py_True : Py_False);
    PyObject *result = fl_is_enabled_unknown(callable, args, nargs, kwnames);
    if (FL_UNLIKELY(result == NULL))
        fl_strip_traceback();
    return result;
}

#endif
