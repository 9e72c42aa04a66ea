/* Python objects to the bytes of a frame, straight into the ring.
 *
 * Nothing here runs Python code or releases the interpreter's lock: it may be used
 * between fl_ring_place and fl_ring_commit. Threads: with that lock. Memory: none.
 */
#ifndef FL_PUSH_H
#define FL_PUSH_H

#include <Python.h>
#include <math.h>
#include <string.h>

#include "_caller/method.h"
#include "_ring/frame.h"

typedef struct fl_pen {
    char *at;
    char *end;
    uint32_t count; /* values written */
} fl_pen;

/* What became of a value. */
enum fl_penned { FL_PENNED = 1, FL_NO_FORM = 0, FL_NO_ROOM = -1 };

static inline int fl_pen_head(fl_pen *pen, uint32_t tag, uint32_t size)
{
    if (FL_UNLIKELY((size_t)(pen->end - pen->at) < sizeof(fl_head)))
        return FL_NO_ROOM;
    fl_head head = {tag, size};
    memcpy(pen->at, &head, sizeof head);
    pen->at += sizeof head;
    pen->count++;
    return FL_PENNED;
}

static inline int fl_pen_number(fl_pen *pen, uint32_t tag, const void *payload)
{
    if (FL_UNLIKELY((size_t)(pen->end - pen->at) < sizeof(fl_head) + 8))
        return FL_NO_ROOM;
    fl_head head = {tag, 8};
    memcpy(pen->at, &head, sizeof head);
    memcpy(pen->at + sizeof head, payload, 8);
    pen->at += sizeof head + 8;
    pen->count++;
    return FL_PENNED;
}

static inline int fl_pen_text(fl_pen *pen, const char *data, size_t size)
{
    size_t padded = fl_padded(size);
    if (FL_UNLIKELY(size > UINT32_MAX / 2 ||
                    (size_t)(pen->end - pen->at) < sizeof(fl_head) + padded))
        return FL_NO_ROOM;
    fl_head head = {FL_TEXT, (uint32_t)size};
    memcpy(pen->at, &head, sizeof head);
    memcpy(pen->at + sizeof head, data, size);
    pen->at += sizeof head + padded;
    pen->count++;
    return FL_PENNED;
}

/* UTF-8 of *text*, which is not ASCII, as long as it fits. */
static int fl_pen_unicode(fl_pen *pen, PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if ((size_t)(pen->end - pen->at) < sizeof(fl_head))
        return FL_NO_ROOM;
    unsigned char *out = (unsigned char *)pen->at + sizeof(fl_head);
    unsigned char *end = (unsigned char *)pen->end;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (FL_UNLIKELY(end - out < 8))
            return FL_NO_ROOM;
        if (c < 0x80) {
            *out++ = (unsigned char)c;
        } else if (c < 0x800) {
            *out++ = (unsigned char)(0xC0 | c >> 6);
            *out++ = (unsigned char)(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            if (c >= 0xD800 && c <= 0xDFFF)
                return FL_NO_FORM;
            *out++ = (unsigned char)(0xE0 | c >> 12);
            *out++ = (unsigned char)(0x80 | (c >> 6 & 0x3F));
            *out++ = (unsigned char)(0x80 | (c & 0x3F));
        } else {
            *out++ = (unsigned char)(0xF0 | c >> 18);
            *out++ = (unsigned char)(0x80 | (c >> 12 & 0x3F));
            *out++ = (unsigned char)(0x80 | (c >> 6 & 0x3F));
            *out++ = (unsigned char)(0x80 | (c & 0x3F));
        }
    }
    size_t size = (size_t)(out - (unsigned char *)pen->at) - sizeof(fl_head);
    if (size > UINT32_MAX / 2)
        return FL_NO_ROOM;
    fl_head head = {FL_TEXT, (uint32_t)size};
    memcpy(pen->at, &head, sizeof head);
    pen->at += sizeof head + fl_padded(size);
    pen->count++;
    return FL_PENNED;
}

static inline int fl_pen_str(fl_pen *pen, PyObject *text)
{
    if (FL_LIKELY(PyUnicode_IS_COMPACT_ASCII(text)))
        return fl_pen_text(pen, PyUnicode_DATA(text),
                           (size_t)PyUnicode_GET_LENGTH(text));
    return fl_pen_unicode(pen, text);
}

/* An argument, if its tag is among *accepted*. */
static inline int fl_pen_object(fl_pen *pen, PyObject *object, uint32_t accepted)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyUnicode_Type)
        return accepted >> FL_TEXT & 1 ? fl_pen_str(pen, object) : FL_NO_FORM;
    if (type == &PyLong_Type) {
        int overflow = 0;
        long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
        if (overflow != 0 || !(accepted >> FL_INT & 1))
            return FL_NO_FORM;
        return fl_pen_number(pen, FL_INT, &number);
    }
    if (type == &PyFloat_Type) {
        double number = PyFloat_AS_DOUBLE(object);
        /* Where any tag will do, str() of any float will do. */
        if (!(accepted >> FL_FLOAT & 1) ||
            (!(accepted >> FL_NONE & 1) && !isfinite(number)))
            return FL_NO_FORM;
        return fl_pen_number(pen, FL_FLOAT, &number);
    }
    uint32_t tag = object == Py_None    ? FL_NONE
                   : object == Py_True  ? FL_TRUE
                   : object == Py_False ? FL_FALSE
                                        : FL_MISSING;
    if (tag == FL_MISSING || !(accepted >> tag & 1))
        return FL_NO_FORM;
    return fl_pen_head(pen, tag, 0);
}

/* A value that somebody else keeps. */
static inline int fl_pen_value(fl_pen *pen, const fl_value *value)
{
    switch (value->tag) {
    case FL_INT:
    case FL_FLOAT:
        return fl_pen_number(pen, value->tag, &value->of);
    case FL_TEXT:
        return fl_pen_text(pen, value->of.text.data, value->of.text.size);
    case FL_NAMED:
        return fl_pen_head(pen, FL_NAMED, (uint32_t)value->of.integer);
    default:
        return fl_pen_head(pen, value->tag, 0);
    }
}

/* -- a stream that nobody but us has touched ----------------------------------------- */

enum { FL_STILL_OBJECTS = 3, FL_STILL_BYTES = 1024 };

/* What the objects of a stream were, byte for byte, when nothing was pending in them:
 * a write, a flush, a close or a new setting changes some of it. */
typedef struct fl_still {
    int count;
    PyObject *objects[FL_STILL_OBJECTS]; /* borrowed */
    size_t sizes[FL_STILL_OBJECTS];
    char bytes[FL_STILL_BYTES];
} fl_still;

static int fl_still_take(fl_still *still, PyObject *const *objects, int count)
{
    size_t used = 0;
    still->count = 0;
    for (int i = 0; i < count; i++) {
        size_t size = (size_t)Py_TYPE(objects[i])->tp_basicsize - sizeof(PyObject);
        if (used + size > FL_STILL_BYTES)
            return -1;
        still->objects[i] = objects[i];
        still->sizes[i] = size;
        memcpy(still->bytes + used, (char *)objects[i] + sizeof(PyObject), size);
        used += size;
    }
    still->count = count;
    return 0;
}

static inline bool fl_still_holds(const fl_still *still)
{
    const char *at = still->bytes;
    if (FL_UNLIKELY(still->count == 0))
        return false;
    for (int i = 0; i < still->count; i++) {
        const char *object = (const char *)still->objects[i] + sizeof(PyObject);
        if (memcmp(object, at, still->sizes[i]) != 0)
            return false;
        at += still->sizes[i];
    }
    return true;
}

#endif
