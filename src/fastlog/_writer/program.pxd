# Formatting programs and the buffers they fill, see program.h and text.h.

from libc.stdint cimport uint32_t

from fastlog._ring.frame cimport fl_value

cdef extern from "_writer/program.h":
    enum: FL_OP_LITERAL, FL_OP_PLAIN, FL_OP_STR, FL_OP_INT, FL_OP_FLOAT
    enum: FL_RIGHT, FL_LEFT, FL_CENTER
    enum: FL_PLUS, FL_SPACE, FL_ZERO, FL_STRICT
    ctypedef struct fl_buffer:
        char *data
        size_t size
    ctypedef struct fl_op:
        unsigned char opcode
        unsigned char flags
        unsigned char align
        char conversion
        int width
        int precision
        uint32_t value
        uint32_t size
        uint32_t fill_size
        char fill[4]
    ctypedef struct fl_program:
        fl_op *ops
        uint32_t count
        char *literals
    void fl_buffer_init(fl_buffer *) noexcept
    void fl_buffer_free(fl_buffer *) noexcept
    int fl_put(fl_buffer *, const char *, size_t) noexcept
    size_t fl_code_points(const char *, size_t) noexcept
    void fl_program_init(fl_program *) noexcept
    void fl_program_free(fl_program *) noexcept
    int fl_program_add(fl_program *, const fl_op *) noexcept
    int fl_program_add_literal(fl_program *, const char *, size_t) noexcept
    size_t fl_program_packed_size(const fl_program *) noexcept
    void fl_program_pack(const fl_program *, uint32_t, void *) noexcept
    uint32_t fl_program_accepts(const fl_program *, uint32_t) noexcept
    int fl_program_run(const fl_program *, const fl_value *, fl_buffer *) noexcept
