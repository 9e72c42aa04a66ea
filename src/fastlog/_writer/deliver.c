#define _GNU_SOURCE
#include "_writer/deliver.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { NS = 1000000000 };

int64_t fl_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS + now.tv_nsec;
}

/* -- writing ------------------------------------------------------------------------ */

static void report(fl_writer *writer, fl_sink *sink, int64_t now)
{
    if (atomic_load(&writer->reporting) == 0)
        return;
    if (sink->reported_at_ns != 0 && now - sink->reported_at_ns < (int64_t)60 * NS)
        return;
    sink->reported_at_ns = now;
    char text[512];
    int size = snprintf(text, sizeof text,
                        "fastlog: cannot write to %.300s: %s; its lines wait, and are "
                        "tried again\n",
                        sink->path, strerror(sink->error));
    struct pollfd stderr_now = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&stderr_now, 1, 0) != 1)
        return; /* nobody reads it */
    if (size > 0 && write(STDERR_FILENO, text, (size_t)size) < 0)
        return; /* there is nobody left to tell */
}

static void fail(fl_writer *writer, fl_sink *sink, int error)
{
    int64_t now = fl_monotonic_ns();
    bool full = error == EAGAIN;
    if (sink->error == 0) {
        writer->failing++;
        sink->retry_after_ns = 0;
    }
    if (atomic_load(&sink->failing_from) == UINT64_MAX)
        atomic_store(&sink->failing_from, sink->batch_from);
    sink->error = error;
    sink->broke = true;
    /* A pipe whose reader is slow is no error; a disk may take a while. */
    int64_t most = full ? NS / 50 : NS;
    sink->retry_after_ns =
        sink->retry_after_ns == 0 ? NS / 1000 : 2 * sink->retry_after_ns;
    if (sink->retry_after_ns > most)
        sink->retry_after_ns = most;
    sink->retry_at_ns = now + sink->retry_after_ns;
    if (full)
        return;
    atomic_fetch_add(&writer->ring->shared->errors, 1);
    atomic_store(&writer->last_error, (uint64_t)sink->id << 32 | (uint32_t)error);
    report(writer, sink, now);
}

static void unqueue(fl_writer *writer, fl_sink *sink)
{
    fl_sink **at = &writer->queue;
    while (*at != NULL && *at != sink)
        at = &(*at)->next;
    if (*at == sink)
        *at = sink->next;
    sink->queued = false;
}

int fl_write_batch(fl_writer *writer, fl_sink *sink)
{
    if (sink->queued)
        unqueue(writer, sink);
    size_t taken = sink->taken;
    fl_ring_shared *shared = writer->ring->shared;
    int status = fl_sink_write(sink, &shared->bytes, &shared->written);
    if (status < 0) {
        if (sink->taken != taken)
            sink->retry_after_ns = 0; /* it moves */
        fail(writer, sink, -status);
        return status;
    }
    if (sink->batch.capacity > 2 * FL_BATCH_BYTES)
        fl_buffer_free(&sink->batch); /* after a line of uncommon length */
    return 0;
}

/* Lines of two handlers on one file keep their order. */
static void write_twins(fl_writer *writer, fl_sink *sink)
{
    fl_sink *other = writer->queue;
    while (other != NULL) {
        fl_sink *next = other->next;
        if (other != sink && other->device == sink->device &&
            other->inode == sink->inode)
            fl_write_batch(writer, other);
        other = next;
    }
}

/* Whether target *index* of the frame at *position* is for *only*, a sink that recovers
 * and may have had the frame's first targets; or for any sink if that is NULL. */
static bool is_wanted(const fl_sink *sink, const fl_sink *only, uint64_t position,
                      uint32_t index)
{
    if (only == NULL)
        return true;
    return sink == only && (position != sink->batch_to || index >= sink->batch_done);
}

/* Make room for a line that begins at *position*; false: the sink has to wait. */
static bool begin_line(fl_writer *writer, fl_sink *sink, uint64_t position,
                       fl_sink *only)
{
    if ((sink->error != 0 && sink != only) || sink->lost)
        return false;
    if (atomic_load_explicit(&sink->twins, memory_order_relaxed) != 0)
        write_twins(writer, sink);
    if (sink->batch.size == 0) {
        sink->batch_from = position;
        if (sink->batch_to != position)
            sink->batch_done = 0;
        sink->batch_to = position;
    }
    return true;
}

/* The line from *before* on is complete. */
static void end_line(fl_writer *writer, fl_sink *sink, size_t before, uint64_t position,
                     uint32_t done, bool counts)
{
    size_t size = sink->batch.size - before;
    if (sink->kind == FL_SINK_ROTATING &&
        fl_sink_is_full(sink, sink->batch.data + before, size)) {
        /* The line goes to the next file: write what is before it, then put it first. */
        char *line = malloc(size);
        if (line != NULL) {
            memcpy(line, sink->batch.data + before, size);
            sink->batch.size = before;
            if (before != 0 && fl_write_batch(writer, sink) < 0) {
                free(line); /* made again when the sink recovers */
                return;
            }
            int status = fl_sink_roll(sink);
            if (status < 0) {
                atomic_fetch_add(&writer->ring->shared->errors, 1);
                atomic_store(&writer->last_error,
                             (uint64_t)sink->id << 32 | (uint32_t)-status);
            }
            sink->batch_from = position;
            fl_put(&sink->batch, line, size);
            free(line);
        }
    }
    if (counts && fl_sink_end_line(sink) < 0)
        atomic_fetch_add(&writer->ring->shared->written, 1); /* a bit early */
    sink->batch_to = position;
    sink->batch_done = done;
    if (!sink->queued) {
        sink->queued = true;
        sink->next = writer->queue;
        writer->queue = sink;
    }
    if (sink->batch.size >= FL_BATCH_BYTES)
        fl_write_batch(writer, sink);
}

/* -- formatting --------------------------------------------------------------------- */

typedef struct decoded {
    fl_value arguments[FL_FRAME_VALUES]; /* all values of the frame, as they come */
    fl_value fields[FL_VALUES];          /* by enum fl_field */
} decoded;

static void name_text(const fl_ring *ring, uint32_t id, fl_value *value)
{
    size_t size = 0;
    const char *text = fl_dictionary_get(ring, id, FL_ENTRY_TEXT, &size);
    value->tag = text == NULL ? FL_MISSING : FL_TEXT;
    value->of.text.data = text;
    value->of.text.size = size;
}

static int decode(const fl_ring *ring, const fl_frame *frame, fl_value *values)
{
    const char *at = (const char *)(frame + 1);
    const char *end = (const char *)frame + frame->size;
    if (frame->count > FL_FRAME_VALUES)
        return -EINVAL;
    for (uint32_t i = 0; i < frame->count; i++) {
        fl_head head;
        if ((size_t)(end - at) < sizeof head)
            return -EINVAL;
        memcpy(&head, at, sizeof head);
        at += sizeof head;
        fl_value *value = &values[i];
        value->tag = head.tag;
        switch (head.tag) {
        case FL_INT:
        case FL_FLOAT:
            if ((size_t)(end - at) < 8)
                return -EINVAL;
            memcpy(&value->of, at, 8);
            at += 8;
            break;
        case FL_TEXT:
            if ((size_t)(end - at) < fl_padded(head.size))
                return -EINVAL;
            value->of.text.data = at;
            value->of.text.size = head.size;
            at += fl_padded(head.size);
            break;
        case FL_NAMED:
            name_text(ring, head.size, value);
            break;
        default:
            break;
        }
    }
    return 0;
}

/* What LogRecord keeps of the time. Returns the milliseconds within the second. */
static int read_clock(const fl_clock *clock, uint64_t bits, fl_value *fields)
{
    double created, msecs, relative;
    if (clock->is_ns) {
        int64_t ns = (int64_t)bits;
        created = (double)ns / 1e9;
        msecs = (double)(ns % NS / 1000000);
        if (msecs == 999.0 && (int64_t)created != ns / NS)
            msecs = 0.0;
        relative = (double)(ns - clock->start_ns) / 1e6;
    } else {
        memcpy(&created, &bits, sizeof created);
        msecs = (double)(int64_t)((created - (double)(int64_t)created) * 1000);
        relative = (created - clock->start_seconds) * 1000;
    }
    fields[FL_FIELD_CREATED].tag = FL_FLOAT;
    fields[FL_FIELD_CREATED].of.real = created;
    fields[FL_FIELD_MSECS].tag = FL_FLOAT;
    fields[FL_FIELD_MSECS].of.real = msecs;
    fields[FL_FIELD_RELATIVE].tag = FL_FLOAT;
    fields[FL_FIELD_RELATIVE].of.real = relative;
    return (int)msecs;
}

static size_t put_stamp(char *out, size_t room, const fl_value *second, bool with_msecs,
                        int msecs)
{
    size_t size = second->of.text.size;
    if (second->tag != FL_TEXT || size + 4 > room)
        return 0;
    memcpy(out, second->of.text.data, size);
    if (with_msecs) {
        out[size++] = ',';
        out[size++] = (char)('0' + msecs / 100);
        out[size++] = (char)('0' + msecs / 10 % 10);
        out[size++] = (char)('0' + msecs % 10);
    }
    return size;
}

static int run_named(const fl_ring *ring, uint32_t id, const fl_value *values,
                     fl_buffer *out)
{
    fl_program program;
    uint32_t arguments = 0;
    size_t size = 0;
    const void *block = fl_dictionary_get(ring, id, FL_ENTRY_PROGRAM, &size);
    if (block == NULL || fl_program_view(block, size, &program, &arguments) < 0)
        return -EINVAL;
    return fl_program_run(&program, values, out);
}

static int render_message(fl_writer *writer, const fl_frame *frame, decoded *all)
{
    fl_value *message = &all->fields[FL_FIELD_MESSAGE];
    if (frame->message == 0) {
        if (frame->count == 0)
            return -EINVAL;
        *message = all->arguments[0];
        return 1;
    }
    fl_program program;
    uint32_t arguments = 0;
    size_t size = 0;
    const void *block =
        fl_dictionary_get(writer->ring, frame->message, FL_ENTRY_PROGRAM, &size);
    if (block == NULL || fl_program_view(block, size, &program, &arguments) < 0)
        return -EINVAL;
    writer->message.size = 0;
    int status = fl_program_run(&program, all->arguments, &writer->message);
    message->tag = FL_TEXT;
    message->of.text.data = writer->message.data;
    message->of.text.size = writer->message.size;
    return status < 0 ? status : (int)arguments;
}

/* A frame that cannot be formatted is a defect of ours; what it was is not hidden. */
static void put_refused(fl_sink *sink, int status)
{
    char text[96];
    int size =
        snprintf(text, sizeof text,
                 "fastlog: a record could not be formatted (error %d)\n", -status);
    fl_put(&sink->batch, text, (size_t)size);
}

static void deliver_record(fl_writer *writer, const fl_frame *frame, uint64_t position,
                           fl_sink *only)
{
    const fl_ring *ring = writer->ring;
    decoded all;
    size_t size = 0;
    const fl_route *route =
        fl_dictionary_get(ring, frame->route, FL_ENTRY_ROUTE, &size);
    if (route == NULL || size < sizeof *route)
        return;
    int msecs = 0;
    int status = decode(ring, frame, all.arguments);
    int given = status < 0 ? status : render_message(writer, frame, &all);
    if (given < 0)
        status = given;
    if (status == 0) {
        uint32_t fields = route->field_count;
        if ((uint32_t)given + fields + route->stamp_count > frame->count) {
            status = -EINVAL;
        } else {
            msecs = read_clock(&writer->clock, frame->clock, all.fields);
            name_text(ring, route->name, &all.fields[FL_FIELD_NAME]);
            name_text(ring, frame->level_name, &all.fields[FL_FIELD_LEVELNAME]);
            all.fields[FL_FIELD_LEVELNO].tag = FL_INT;
            all.fields[FL_FIELD_LEVELNO].of.integer = frame->level;
            for (uint32_t i = 0; i < fields; i++)
                all.fields[route->fields[i]] = all.arguments[(uint32_t)given + i];
        }
    }
    const fl_value *stamps = &all.arguments[given < 0 ? 0 : given + route->field_count];
    for (uint32_t i = 0; i < route->target_count; i++) {
        const fl_target *target = &route->targets[i];
        if ((frame->targets >> i & 1) == 0 || target->sink >= FL_SINKS)
            continue;
        fl_sink *sink =
            atomic_load_explicit(&writer->sinks[target->sink], memory_order_relaxed);
        if (sink == NULL || !is_wanted(sink, only, position, i) ||
            !begin_line(writer, sink, position, only))
            continue;
        size_t before = sink->batch.size;
        char stamp[256];
        int made = status;
        if (made == 0 && target->flags & FL_STAMPED) {
            fl_value *asctime = &all.fields[FL_FIELD_ASCTIME];
            asctime->tag = FL_TEXT;
            asctime->of.text.data = stamp;
            asctime->of.text.size =
                put_stamp(stamp, sizeof stamp, &stamps[target->stamp],
                          target->flags & FL_WITH_MSECS, msecs);
        }
        if (made == 0)
            made = run_named(ring, target->program, all.fields, &sink->batch);
        if (made < 0) {
            sink->batch.size = before;
            put_refused(sink, made);
        }
        sink->edition =
            atomic_load_explicit(&ring->shared->edition, memory_order_relaxed);
        sink->program = target->program;
        sink->time_format = target->time_format;
        sink->flags = target->flags;
        end_line(writer, sink, before, position, i + 1, true);
    }
}

static void deliver_line(fl_writer *writer, const fl_frame *frame, uint64_t position,
                         fl_sink *only)
{
    if (frame->route >= FL_SINKS)
        return;
    fl_sink *sink =
        atomic_load_explicit(&writer->sinks[frame->route], memory_order_relaxed);
    fl_value text;
    if (sink == NULL || !is_wanted(sink, only, position, 0) || frame->count != 1 ||
        decode(writer->ring, frame, &text) < 0 || text.tag != FL_TEXT ||
        !begin_line(writer, sink, position, only))
        return;
    size_t before = sink->batch.size;
    if (fl_put(&sink->batch, text.of.text.data, text.of.text.size) < 0)
        put_refused(sink, -ENOMEM);
    end_line(writer, sink, before, position, 1, true);
}

void fl_deliver(fl_writer *writer, const fl_frame *frame, uint64_t position,
                fl_sink *only)
{
    if (frame->kind == FL_FRAME_RECORD)
        deliver_record(writer, frame, position, only);
    else if (frame->kind == FL_FRAME_LINE)
        deliver_line(writer, frame, position, only);
}

/* -- lines of the writer's own -------------------------------------------------------*/

static void set_text(fl_value *value, const char *text)
{
    value->tag = FL_TEXT;
    value->of.text.data = text;
    value->of.text.size = strlen(text);
}

static int put_own_line(fl_writer *writer, fl_sink *sink, const char *text)
{
    decoded all;
    char second[200], stamp[256];
    struct timespec now;
    struct tm parts;
    memset(&all, 0, sizeof all);
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t bits = (uint64_t)((int64_t)now.tv_sec * NS + now.tv_nsec);
    if (!writer->clock.is_ns) {
        double created = (double)(int64_t)bits / 1e9;
        memcpy(&bits, &created, sizeof bits);
    }
    int msecs = read_clock(&writer->clock, bits, all.fields);
    set_text(&all.fields[FL_FIELD_MESSAGE], text);
    set_text(&all.fields[FL_FIELD_NAME], "fastlog");
    set_text(&all.fields[FL_FIELD_LEVELNAME], "WARNING");
    all.fields[FL_FIELD_LEVELNO].tag = FL_INT;
    all.fields[FL_FIELD_LEVELNO].of.integer = 30;
    for (uint32_t i = FL_FIELD_PATHNAME; i <= FL_FIELD_FUNCNAME; i++)
        set_text(&all.fields[i], "(unknown)");
    all.fields[FL_FIELD_LINENO].tag = FL_INT;
    all.fields[FL_FIELD_LINENO].of.integer = 0;
    for (uint32_t i = FL_FIELD_THREAD; i < FL_FIELDS; i++)
        set_text(&all.fields[i], "fastlog-writer");
    all.fields[FL_FIELD_THREAD].tag = FL_INT;
    all.fields[FL_FIELD_THREAD].of.integer = 0;
    all.fields[FL_FIELD_PROCESS].tag = FL_INT;
    all.fields[FL_FIELD_PROCESS].of.integer = (int64_t)getpid();
    size_t size = 0;
    const char *known =
        fl_dictionary_get(writer->ring, sink->time_format, FL_ENTRY_TEXT, &size);
    char format[128];
    second[0] = 0;
    if (known != NULL && size < sizeof format) {
        memcpy(format, known, size);
        format[size] = 0;
        if (sink->flags & FL_UTC)
            gmtime_r(&now.tv_sec, &parts);
        else
            localtime_r(&now.tv_sec, &parts);
        if (strftime(second, sizeof second, format, &parts) == 0)
            second[0] = 0;
    }
    fl_value value;
    set_text(&value, second);
    all.fields[FL_FIELD_ASCTIME].tag = FL_TEXT;
    all.fields[FL_FIELD_ASCTIME].of.text.data = stamp;
    all.fields[FL_FIELD_ASCTIME].of.text.size =
        put_stamp(stamp, sizeof stamp, &value, sink->flags & FL_WITH_MSECS, msecs);
    return run_named(writer->ring, sink->program, all.fields, &sink->batch);
}

void fl_report_drops(fl_writer *writer, fl_sink *sink)
{
    const fl_ring_shared *ring = writer->ring->shared;
    char text[512];
    uint64_t whole = 0;
    size_t size = 0;
    uint32_t count = atomic_load(&sink->drop_count);
    text[0] = 0;
    for (uint32_t i = 0; i < count && i < FL_DROP_LEVELS; i++) {
        fl_drop *drop = &sink->drops[i];
        uint64_t dropped = atomic_exchange(&drop->count, 0);
        if (dropped == 0)
            continue;
        fl_value name;
        name_text(writer->ring, drop->level_name, &name);
        bool named = name.tag == FL_TEXT && name.of.text.size < 40;
        whole += dropped;
        size += (size_t)snprintf(text + size, sizeof text - size, "%s%" PRIu64 " %.*s",
                                 size == 0 ? "" : ", ", dropped,
                                 named ? (int)name.of.text.size : 5,
                                 named ? name.of.text.data : "other");
        if (size >= sizeof text - 80)
            break;
    }
    if (whole == 0 || !begin_line(writer, sink, writer->position, NULL))
        return;
    char line[640];
    snprintf(line, sizeof line, "%" PRIu64 " records dropped, the ring was full: %s",
             whole, text);
    size_t before = sink->batch.size;
    if (sink->program == 0 || sink->edition != atomic_load(&ring->edition) ||
        put_own_line(writer, sink, line) < 0) {
        sink->batch.size = before;
        fl_put(&sink->batch, line, strlen(line));
        fl_put(&sink->batch, "\n", 1);
    }
    end_line(writer, sink, before, writer->position, 0,
             false); /* not a record of anybody's */
}
