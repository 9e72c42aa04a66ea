#include "_writer/program.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

void fl_program_init(fl_program *program)
{
    memset(program, 0, sizeof *program);
}

void fl_program_free(fl_program *program)
{
    free(program->ops);
    free(program->literals);
    fl_program_init(program);
}

int fl_program_add(fl_program *program, const fl_op *op)
{
    if (program->count == program->capacity) {
        uint32_t capacity = program->capacity == 0 ? 8 : 2 * program->capacity;
        fl_op *ops = realloc(program->ops, capacity * sizeof *ops);
        if (ops == NULL)
            return -ENOMEM;
        program->ops = ops;
        program->capacity = capacity;
    }
    program->ops[program->count++] = *op;
    return 0;
}

int fl_program_add_literal(fl_program *program, const char *data, size_t size)
{
    if (size == 0)
        return 0;
    if (size > UINT32_MAX / 4 - program->literals_size)
        return -ENOTSUP;
    if (program->literals_capacity - program->literals_size < size) {
        size_t capacity = 2 * (program->literals_size + size);
        char *literals = realloc(program->literals, capacity);
        if (literals == NULL)
            return -ENOMEM;
        program->literals = literals;
        program->literals_capacity = capacity;
    }
    memcpy(program->literals + program->literals_size, data, size);
    fl_op op = {
        .opcode = FL_OP_LITERAL,
        .value = (uint32_t)program->literals_size,
        .size = (uint32_t)size,
    };
    program->literals_size += size;
    return fl_program_add(program, &op);
}

/* str(value): where its bytes are. *scratch* holds FL_FLOAT_BYTES. */
static int as_text(const fl_value *value, char *scratch, const char **data,
                   size_t *size)
{
    switch (value->tag) {
    case FL_TEXT:
        *data = value->of.text.data;
        *size = value->of.text.size;
        return 0;
    case FL_INT: {
        int64_t number = value->of.integer;
        char *end = scratch + 24;
        uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
        char *begin = fl_digits(magnitude, 10, false, end);
        if (number < 0)
            *--begin = '-';
        *data = begin;
        *size = (size_t)(end - begin);
        return 0;
    }
    case FL_FLOAT:
        *data = scratch;
        *size = fl_float_repr(value->of.real, scratch);
        return 0;
    case FL_NONE:
        *data = "None";
        *size = 4;
        return 0;
    case FL_TRUE:
        *data = "True";
        *size = 4;
        return 0;
    case FL_FALSE:
        *data = "False";
        *size = 5;
        return 0;
    default:
        return -ENOTSUP;
    }
}

static int put_padded(fl_buffer *out, const fl_op *op, const char *data, size_t size)
{
    size_t chars = 0;
    if (op->precision >= 0) {
        size = fl_code_point_bytes(data, size, (size_t)op->precision);
    }
    if (op->width > 0)
        chars = fl_code_points(data, size);
    if (op->width <= 0 || chars >= (size_t)op->width)
        return fl_put(out, data, size);
    size_t missing = (size_t)op->width - chars;
    size_t before = op->align == FL_LEFT     ? 0
                    : op->align == FL_CENTER ? missing / 2
                                             : missing;
    int status = fl_put_fill(out, op->fill, op->fill_size, before);
    if (status == 0)
        status = fl_put(out, data, size);
    if (status == 0)
        status = fl_put_fill(out, op->fill, op->fill_size, missing - before);
    return status;
}

/* A sign, then digits, padded as printf and Python's % operator do. */
static int put_number(fl_buffer *out, const fl_op *op, char sign, const char *digits,
                      size_t size, size_t leading_zeros)
{
    if (op->width <= 0 && leading_zeros == 0) {
        int status = fl_buffer_reserve(out, size + 1);
        if (status < 0)
            return status;
        if (sign != 0)
            out->data[out->size++] = sign;
        memcpy(out->data + out->size, digits, size);
        out->size += size;
        return 0;
    }
    size_t total = size + leading_zeros + (sign != 0);
    size_t missing =
        op->width > 0 && (size_t)op->width > total ? (size_t)op->width - total : 0;
    bool zeros = (op->flags & FL_ZERO) && op->align == FL_RIGHT;
    size_t before = op->align == FL_LEFT     ? 0
                    : op->align == FL_CENTER ? missing / 2
                                             : missing;
    int status = 0;
    if (!zeros)
        status = fl_put_fill(out, op->fill, op->fill_size, before);
    if (status == 0 && sign != 0)
        status = fl_put(out, &sign, 1);
    if (status == 0)
        status = fl_put_fill(out, "0", 1, leading_zeros + (zeros ? missing : 0));
    if (status == 0)
        status = fl_put(out, digits, size);
    if (status == 0 && !zeros)
        status = fl_put_fill(out, op->fill, op->fill_size, missing - before);
    return status;
}

static char sign_of(const fl_op *op, bool negative)
{
    return negative ? '-' : op->flags & FL_PLUS ? '+' : op->flags & FL_SPACE ? ' ' : 0;
}

static int put_int(fl_buffer *out, const fl_op *op, const fl_value *value)
{
    int64_t number;
    switch (value->tag) {
    case FL_INT:
        number = value->of.integer;
        break;
    case FL_TRUE:
    case FL_FALSE:
        if (op->flags & FL_STRICT)
            return -ENOTSUP;
        number = value->tag == FL_TRUE;
        break;
    case FL_FLOAT:
        /* %d takes the integer part; %x refuses floats, and so do format specs. */
        if (op->conversion != 'd' || (op->flags & FL_STRICT) ||
            !(fabs(value->of.real) < 9e18))
            return -ENOTSUP;
        number = (int64_t)value->of.real;
        break;
    default:
        return -ENOTSUP;
    }
    char scratch[32];
    char *end = scratch + sizeof scratch;
    uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    unsigned base = op->conversion == 'd' ? 10 : op->conversion == 'o' ? 8 : 16;
    char *begin = fl_digits(magnitude, base, op->conversion == 'X', end);
    size_t size = (size_t)(end - begin);
    size_t zeros = op->precision > 0 && (size_t)op->precision > size
                       ? (size_t)op->precision - size
                       : 0;
    return put_number(out, op, sign_of(op, number < 0), begin, size, zeros);
}

static int put_float(fl_buffer *out, const fl_op *op, const fl_value *value)
{
    double number;
    switch (value->tag) {
    case FL_FLOAT:
        number = value->of.real;
        break;
    case FL_INT:
        if (op->flags & FL_STRICT)
            return -ENOTSUP;
        number = (double)value->of.integer;
        break;
    case FL_TRUE:
    case FL_FALSE:
        if (op->flags & FL_STRICT)
            return -ENOTSUP;
        number = value->tag == FL_TRUE;
        break;
    default:
        return -ENOTSUP;
    }
    if (!isfinite(number))
        return -ENOTSUP;
    char scratch[FL_FLOAT_BYTES];
    char kind = (char)(op->conversion | 0x20);
    int precision = op->precision < 0 ? 6 : op->precision;
    if (precision > FL_PRECISION_MAX)
        return -ENOTSUP;
    size_t size = fl_float_printf(fabs(number), kind, precision, scratch);
    if (kind != op->conversion)
        for (size_t i = 0; i < size; i++)
            if (scratch[i] == 'e')
                scratch[i] = 'E';
    return put_number(out, op, sign_of(op, signbit(number)), scratch, size, 0);
}

int fl_program_run(const fl_program *program, const fl_value *values, fl_buffer *out)
{
    char scratch[FL_FLOAT_BYTES];
    const char *data = NULL;
    size_t size = 0;
    int status = 0;
    for (uint32_t i = 0; i < program->count; i++) {
        const fl_op *op = &program->ops[i];
        switch (op->opcode) {
        case FL_OP_LITERAL:
            status = fl_put(out, program->literals + op->value, op->size);
            break;
        case FL_OP_PLAIN:
            status = as_text(&values[op->value], scratch, &data, &size);
            if (status == 0)
                status = fl_put(out, data, size);
            break;
        case FL_OP_STR:
            if ((op->flags & FL_STRICT) && values[op->value].tag != FL_TEXT)
                return -ENOTSUP;
            status = as_text(&values[op->value], scratch, &data, &size);
            if (status == 0)
                status = put_padded(out, op, data, size);
            break;
        case FL_OP_INT:
            status = put_int(out, op, &values[op->value]);
            break;
        case FL_OP_FLOAT:
            status = put_float(out, op, &values[op->value]);
            break;
        default:
            return -ENOTSUP;
        }
        if (status < 0)
            return status;
    }
    return 0;
}

size_t fl_program_packed_size(const fl_program *program)
{
    return sizeof(fl_packed) + program->count * sizeof(fl_op) + program->literals_size;
}

void fl_program_pack(const fl_program *program, uint32_t arguments, void *out)
{
    fl_packed *packed = out;
    packed->count = program->count;
    packed->arguments = arguments;
    packed->literals_size = (uint32_t)program->literals_size;
    char *ops = (char *)(packed + 1);
    size_t size = program->count * sizeof(fl_op);
    if (size != 0)
        memcpy(ops, program->ops, size);
    if (program->literals_size != 0)
        memcpy(ops + size, program->literals, program->literals_size);
}

int fl_program_view(const void *block, size_t size, fl_program *program,
                    uint32_t *arguments)
{
    const fl_packed *packed = block;
    if (size < sizeof *packed ||
        packed->count > (size - sizeof *packed) / sizeof(fl_op) ||
        packed->literals_size > size - sizeof *packed - packed->count * sizeof(fl_op))
        return -EINVAL;
    memset(program, 0, sizeof *program);
    program->count = packed->count;
    program->ops = (fl_op *)(packed + 1);
    program->literals = (char *)(program->ops + packed->count);
    program->literals_size = packed->literals_size;
    *arguments = packed->arguments;
    return 0;
}

uint32_t fl_program_accepts(const fl_program *program, uint32_t index)
{
    const uint32_t truths = 1u << FL_TRUE | 1u << FL_FALSE;
    uint32_t accepted = truths | 1u << FL_NONE | 1u << FL_INT | 1u << FL_FLOAT |
                        1u << FL_TEXT | 1u << FL_NAMED;
    for (uint32_t i = 0; i < program->count; i++) {
        const fl_op *op = &program->ops[i];
        bool strict = op->flags & FL_STRICT;
        if (op->opcode == FL_OP_LITERAL || op->value != index)
            continue;
        if (op->opcode == FL_OP_STR && strict)
            accepted &= 1u << FL_TEXT | 1u << FL_NAMED;
        else if (op->opcode == FL_OP_INT)
            accepted &= 1u << FL_INT | (strict ? 0 : truths);
        else if (op->opcode == FL_OP_FLOAT)
            accepted &= 1u << FL_FLOAT | (strict ? 0 : truths | 1u << FL_INT);
    }
    return accepted;
}
