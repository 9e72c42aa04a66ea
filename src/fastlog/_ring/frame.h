/* What crosses the border: values, and the bytes of one record in the ring.
 *
 * A frame is a header and the values that follow it, each a head of 8 bytes and a
 * payload padded to 8. No Python object and no pointer crosses: text is UTF-8, either
 * here or named by its id in the dictionary.
 *
 * Threads: plain data, owned by one thread at a time. Memory: never allocates.
 */
#ifndef FL_FRAME_H
#define FL_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum fl_tag {
    FL_MISSING = 0, /* no value yet: a program that meets it gives up */
    FL_NONE,
    FL_FALSE,
    FL_TRUE,
    FL_INT,
    FL_FLOAT,
    FL_TEXT,
    FL_NAMED, /* in a frame only: text by its id */
};

typedef struct fl_value {
    uint32_t tag;
    union {
        int64_t integer;
        double real;
        struct {
            const char *data;
            size_t size; /* bytes */
        } text;
    } of;
} fl_value;

/* Where the attributes of a record stand among the values of a formatter's program. */
enum fl_field {
    FL_FIELD_MESSAGE,
    FL_FIELD_ASCTIME,
    FL_FIELD_NAME,
    FL_FIELD_LEVELNAME,
    FL_FIELD_LEVELNO,
    FL_FIELD_PATHNAME,
    FL_FIELD_FILENAME,
    FL_FIELD_MODULE,
    FL_FIELD_LINENO,
    FL_FIELD_FUNCNAME,
    FL_FIELD_CREATED,
    FL_FIELD_MSECS,
    FL_FIELD_RELATIVE,
    FL_FIELD_THREAD,
    FL_FIELD_THREADNAME,
    FL_FIELD_PROCESS,
    FL_FIELD_PROCESSNAME,
    FL_FIELD_TASKNAME,
    FL_FIELDS
};

enum { FL_VALUES = 48, FL_TARGETS = 8, FL_FRAME_VALUES = FL_VALUES + 32 };

enum fl_frame_kind {
    FL_FRAME_RECORD = 1, /* arguments; its route says what becomes of them */
    FL_FRAME_LINE,       /* a finished line, its end included, for one sink */
};

typedef struct fl_frame {
    uint32_t size;  /* bytes, this header included; a multiple of 8 */
    uint16_t kind;  /* enum fl_frame_kind */
    uint16_t count; /* values that follow */
    uint32_t check; /* kept for a checksum; 0 */
    int32_t level;
    uint64_t clock;      /* RECORD: time.time_ns(), or the bits of time.time() */
    uint32_t message;    /* RECORD: id of its program; 0: the first value is the text */
    uint32_t level_name; /* RECORD: id of its text */
    uint32_t route;      /* RECORD: id; LINE: the sink */
    uint32_t targets;    /* RECORD: one bit for each target of the route */
} fl_frame;

/* Before each value; an integer or a float follows in 8 bytes, a text in `size`. */
typedef struct fl_head {
    uint32_t tag;
    uint32_t size; /* FL_TEXT: bytes; FL_NAMED: the id */
} fl_head;

/* One handler that a route leads to. */
typedef struct fl_target {
    uint32_t sink;
    uint32_t program;     /* id of its formatter's program, line end included */
    uint16_t stamp;       /* which of the stamps is its asctime */
    uint16_t flags;       /* enum fl_target_flags */
    uint32_t time_format; /* id of strftime()'s format, for lines of the writer's own */
} fl_target;

enum fl_target_flags {
    FL_STAMPED = 1,    /* it prints a time */
    FL_WITH_MSECS = 2, /* ... followed by ",123" */
    FL_UTC = 4,
};

/* Where the records of a logger go, and what of them is in the frame: after the
 * arguments the `fields` in this order, then the text of the second for each stamp. */
typedef struct fl_route {
    uint32_t name; /* id of the logger's name */
    uint8_t field_count;
    uint8_t stamp_count;
    uint8_t target_count;
    uint8_t unused;
    uint8_t fields[FL_FIELDS + 6]; /* enum fl_field */
    fl_target targets[FL_TARGETS];
} fl_route;

static inline size_t fl_padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

#endif
