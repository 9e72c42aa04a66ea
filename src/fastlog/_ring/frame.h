/* One value of a record, as both sides of the border see it.
 *
 * The caller fills values from Python objects; a formatting program turns them
 * into bytes. No Python object crosses: text is UTF-8 by address and length, and
 * lives at least until the program that reads it has run.
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

#endif
