/* The shortest way of a log call: its arguments into the ring, by what an earlier call
 * has found out.
 *
 * A way counts while its epoch and its edition are the current ones, and the lists it
 * names hold what they held. It is taken for calls without keywords whose formats ask
 * for nothing but message, level, name and time; else push.pxi takes its own.
 *
 * Threads: under the interpreter's lock. Memory: one per logger, see LoggerNode.
 */
#ifndef FL_SHORTCUT_H
#define FL_SHORTCUT_H

#include <Python.h>

#include "_caller/push.h"
#include "_ring/rings.h"

enum {
    FL_SHORTCUT_LISTS = 12,
    FL_SHORTCUT_HANDLERS = 16,
    FL_SHORTCUT_LEVELS = 8,
    FL_STAMP_BYTES = 200
};
enum { FL_SHORTCUT_ROOM = 2048, FL_SHORTCUT_MESSAGES = 2048 };

/* The text of one second, as Formatter.formatTime makes it. */
typedef struct fl_stamp {
    int64_t second; /* -1: none */
    uint32_t size;
    char text[FL_STAMP_BYTES];
} fl_stamp;

/* A message that the dictionary knows, by the address of the string. */
typedef struct fl_known_message {
    PyObject *source; /* borrowed: message_sources holds it */
    uint64_t edition;
    uint32_t id;
    uint32_t count; /* arguments */
    const uint32_t *accepts;
} fl_known_message;

typedef struct fl_shortcut {
    uint64_t epoch; /* 0: it does not count */
    uint64_t edition;
    uint32_t route;
    int targets, stamps, levels, lists, filters;
    long target_levels[FL_TARGETS];
    double rollover_at[FL_TARGETS];
    const fl_still *stills[FL_TARGETS];
    const fl_stamp *stamp[FL_TARGETS];
    int known_levels[FL_SHORTCUT_LEVELS];
    uint32_t level_ids[FL_SHORTCUT_LEVELS];
    PyObject
        *handlers[FL_SHORTCUT_LISTS]; /* lists; borrowed from the plan, as all here */
    Py_ssize_t sizes[FL_SHORTCUT_LISTS];
    PyObject *expected[FL_SHORTCUT_HANDLERS];
    PyObject *filter_lists[FL_TARGETS + 1]; /* must be empty */
} fl_shortcut;

static fl_life *fl_our_life = NULL; /* its `ring` is NULL while this process has none */
static fl_ring fl_our_ring;
static uint64_t fl_edition = 1; /* ids of another edition are void */
static uint64_t fl_pushed = 0;  /* calls that came through here */
static fl_known_message fl_known_messages[FL_SHORTCUT_MESSAGES];

/* The clock of LogRecord, while it is the built-in one. */
static struct {
    PyObject *function; /* borrowed, for good */
    void *address;
    bool is_ns;
} fl_record_clock;

static inline size_t fl_message_slot(PyObject *source)
{
    return ((size_t)source >> 4) * (size_t)0x9E3779B1 % FL_SHORTCUT_MESSAGES;
}

static inline bool fl_shortcut_stands(const fl_shortcut *way)
{
    PyObject *const *expected = way->expected;
    for (int i = 0; i < way->lists; i++) {
        PyObject *list = way->handlers[i];
        Py_ssize_t size = way->sizes[i];
        if (PyList_GET_SIZE(list) != size)
            return false;
        for (Py_ssize_t j = 0; j < size; j++)
            if (PyList_GET_ITEM(list, j) != *expected++)
                return false;
    }
    for (int i = 0; i < way->filters; i++)
        if (PyList_GET_SIZE(way->filter_lists[i]) != 0)
            return false;
    return true;
}

/* Fill in the header's common part and publish the frame. */
static inline void fl_finish_frame(fl_ring *ring, fl_frame *frame, const fl_pen *pen,
                                   uint16_t kind, int level, uint32_t lines)
{
    size_t size = (size_t)(pen->at - (char *)frame);
    frame->size = (uint32_t)size;
    frame->kind = kind;
    frame->count = (uint16_t)pen->count;
    frame->check = 0;
    frame->level = level;
    fl_ring_commit(ring, size, lines);
    if (fl_ring_is_asleep(ring, level >= 40 || fl_ring_is_filling(ring)))
        fl_ring_wake(ring);
}

/* args: the message and its arguments. True: it is in the ring (or nobody wants it);
 * false: nothing has happened. */
static inline bool fl_shortcut_push(const fl_shortcut *way, int level,
                                    PyObject *const *args, Py_ssize_t count)
{
    fl_ring *ring = fl_our_life->ring;
    PyObject *message = args[0];
    uint32_t mask = 0, lines = 0, id = 0, named = 0;
    if (FL_UNLIKELY(ring == NULL) || way->edition != fl_edition ||
        !PyUnicode_CheckExact(message) || !fl_shortcut_stands(way) ||
        (void *)(uintptr_t)((PyCFunctionObject *)fl_record_clock.function)
                ->m_ml->ml_meth != fl_record_clock.address)
        return false;
    const uint32_t *accepts = NULL;
    if (count > 1) {
        const fl_known_message *known = &fl_known_messages[fl_message_slot(message)];
        if (known->source != message || known->edition != fl_edition ||
            known->count != (uint32_t)(count - 1))
            return false;
        id = known->id;
        accepts = known->accepts;
    }
    for (int i = 0; i < way->levels; i++)
        if (way->known_levels[i] == level)
            named = way->level_ids[i];
    if (named == 0)
        return false;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t clock = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    double created = (double)(int64_t)clock / 1e9;
    if (!fl_record_clock.is_ns) {
        if (now.tv_nsec == 0)
            created = (double)now.tv_sec; /* as time.time() rounds */
        memcpy(&clock, &created, sizeof clock);
    }
    for (int i = 0; i < way->targets; i++) {
        if (level < way->target_levels[i])
            continue;
        if (!fl_still_holds(way->stills[i]) || created >= way->rollover_at[i])
            return false;
        mask |= 1u << i;
        lines++;
    }
    for (int i = 0; i < way->stamps; i++)
        if (way->stamp[i]->second != (int64_t)created)
            return false;
    size_t room = fl_ring_room(ring, FL_SHORTCUT_ROOM);
    fl_frame *frame = (fl_frame *)fl_ring_place(ring);
    if (FL_UNLIKELY(room < sizeof *frame + 8))
        return false;
    fl_pen pen = {(char *)(frame + 1), (char *)frame + room, 0};
    if (count == 1) {
        if (fl_pen_str(&pen, message) != FL_PENNED)
            return false;
    } else {
        for (Py_ssize_t i = 1; i < count; i++)
            if (fl_pen_object(&pen, args[i], accepts[i - 1]) != FL_PENNED)
                return false;
    }
    for (int i = 0; i < way->stamps; i++)
        if (fl_pen_text(&pen, way->stamp[i]->text, way->stamp[i]->size) != FL_PENNED)
            return false;
    fl_pushed++;
    if (FL_UNLIKELY(mask == 0))
        return true;
    frame->clock = clock;
    frame->message = id;
    frame->level_name = named;
    frame->route = way->route;
    frame->targets = mask;
    fl_finish_frame(ring, frame, &pen, FL_FRAME_RECORD, level, lines);
    return true;
}

#endif
