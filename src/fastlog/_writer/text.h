/* Bytes of one line, and numbers and padding written into it.
 *
 * Threads: one owner at a time. Memory: starts in `local`, moves to the heap when
 * that is full; fl_buffer_free gives it back. Waiting: never.
 * Functions return 0, or a negated errno (-ENOMEM).
 */
#ifndef FL_TEXT_H
#define FL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { FL_LOCAL_BYTES = 1024, FL_FLOAT_BYTES = 512, FL_PRECISION_MAX = 100 };

typedef struct fl_buffer {
    char *data;
    size_t size;
    size_t capacity;
    char local[FL_LOCAL_BYTES];
} fl_buffer;

static inline void fl_buffer_init(fl_buffer *buffer)
{
    buffer->data = buffer->local;
    buffer->size = 0;
    buffer->capacity = FL_LOCAL_BYTES;
}

void fl_buffer_free(fl_buffer *buffer);
int fl_buffer_grow(fl_buffer *buffer, size_t more);

static inline int fl_buffer_reserve(fl_buffer *buffer, size_t more)
{
    if (buffer->capacity - buffer->size >= more)
        return 0;
    return fl_buffer_grow(buffer, more);
}

static inline int fl_put(fl_buffer *buffer, const char *data, size_t size)
{
    int status = fl_buffer_reserve(buffer, size);
    if (status < 0)
        return status;
    if (size != 0)
        memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    return 0;
}

int fl_put_fill(fl_buffer *buffer, const char *fill, size_t fill_size, size_t times);

/* Digits of *magnitude* in *base* (8, 10 or 16) ending before *end*; returns where
 * they begin. 24 bytes before *end* always suffice. */
char *fl_digits(uint64_t magnitude, unsigned base, bool upper, char *end);

/* Code points in *size* bytes of valid UTF-8. */
size_t fl_code_points(const char *data, size_t size);

/* Bytes taken by the first *chars* code points, at most *size*. */
size_t fl_code_point_bytes(const char *data, size_t size, size_t chars);

/* A float as Python's repr() writes it. *out* holds FL_FLOAT_BYTES; returns the
 * number of bytes. Source: C++17 std::to_chars. */
size_t fl_float_repr(double value, char *out);

/* A finite float as "%.{precision}{kind}" does, kind one of e f g, precision at most
 * FL_PRECISION_MAX, whatever the locale. */
size_t fl_float_printf(double value, char kind, int precision, char *out);

#endif
