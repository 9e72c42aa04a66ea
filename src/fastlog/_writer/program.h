/* Formatting programs: a format string, compiled once, run for each record.
 *
 * Threads: a finished program is read-only. Memory: fl_program_free gives back what
 * fl_program_add took; running allocates only in the buffer. Waiting: never.
 * Functions return 0, or a negated errno; -ENOTSUP from fl_program_run means that a
 * value has no form here, and that the caller must let Python format the record.
 */
#ifndef FL_PROGRAM_H
#define FL_PROGRAM_H

#include "_ring/frame.h"
#include "_writer/text.h"

enum fl_opcode {
    FL_OP_LITERAL, /* bytes as they are */
    FL_OP_PLAIN,   /* str(value), no width, no precision */
    FL_OP_STR,     /* str(value), width and precision in code points */
    FL_OP_INT,     /* d x X o */
    FL_OP_FLOAT,   /* e f g E F G */
};

enum fl_align { FL_RIGHT, FL_LEFT, FL_CENTER };

enum fl_op_flags {
    FL_PLUS = 1,   /* '+' before non-negative numbers */
    FL_SPACE = 2,  /* ' ' before non-negative numbers */
    FL_ZERO = 4,   /* numbers are padded with zeros after the sign */
    FL_STRICT = 8, /* the value must already be of the conversion's own type */
};

typedef struct fl_op {
    uint8_t opcode;
    uint8_t flags;
    uint8_t align;
    char conversion;
    int32_t width;     /* code points; 0: none */
    int32_t precision; /* -1: none */
    uint32_t value;    /* index into the values; FL_OP_LITERAL: offset of its bytes */
    uint32_t size;     /* FL_OP_LITERAL: bytes */
    uint32_t fill_size;
    char fill[4]; /* one code point in UTF-8 */
} fl_op;

typedef struct fl_program {
    fl_op *ops;
    uint32_t count;
    uint32_t capacity;
    char *literals;
    size_t literals_size;
    size_t literals_capacity;
} fl_program;

void fl_program_init(fl_program *program);
void fl_program_free(fl_program *program);
int fl_program_add(fl_program *program, const fl_op *op);
int fl_program_add_literal(fl_program *program, const char *data, size_t size);
int fl_program_run(const fl_program *program, const fl_value *values, fl_buffer *out);

/* A program as one block of bytes, as a dictionary keeps it. fl_program_view borrows
 * the block; -EINVAL if it is none. */
typedef struct fl_packed {
    uint32_t count;         /* operations, which follow */
    uint32_t arguments;     /* values of a message */
    uint32_t literals_size; /* bytes, after the operations */
} fl_packed;

size_t fl_program_packed_size(const fl_program *program);
void fl_program_pack(const fl_program *program, uint32_t arguments, void *out);
int fl_program_view(const void *block, size_t size, fl_program *program,
                    uint32_t *arguments);

/* Which tags value *index* may have for the program to run: one bit each. Numbers must
 * be finite, and a float for an integer's place is refused. */
uint32_t fl_program_accepts(const fl_program *program, uint32_t index);

#endif
