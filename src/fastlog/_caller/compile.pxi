# Format strings to formatting programs: those of Formatters (three styles) and those
# of messages. What has no program here (None is returned) is formatted by Python.

import re as _re
import string as _string

cdef enum:
    VALUES = 48  # FL_VALUES: the record's own, in enum fl_field's order, then others
    WIDTH_MAX = 4096
    MESSAGES = 2048

cdef tuple field_names = (
    "message", "asctime", "name", "levelname", "levelno", "pathname", "filename",
    "module", "lineno", "funcName", "created", "msecs", "relativeCreated", "thread",
    "threadName", "process", "processName", "taskName",
)
cdef dict field_codes = {name: code for code, name in enumerate(field_names)}

cdef object percent_field = _re.compile(
    r"%(?:(%)|\((\w+)\)([-+ #0]*)(\d*)(?:(\.)(\d*))?([diuxXoeEfFgGs]))"
)
cdef object percent_argument = _re.compile(
    r"%(?:(%)|([-+ #0]*)(\d*)(?:(\.)(\d*))?([diuxXoeEfFgGsra]))"
)
cdef object format_spec = _re.compile(
    r"(?:(.)?([<>=^]))?([-+ ]?)(0?)(\d*)(?:\.(\d+))?([dsfFeExXog]?)", _re.DOTALL
)


@cython.final
cdef class Program:
    """A compiled format string, and which values it reads."""

    cdef fl_program native  # owned
    cdef tuple keys  # record attribute of each value it reads
    cdef tuple codes  # ... and where that value stands
    cdef uint64_t wanted  # the same as bits
    cdef str conversions  # of a message: one letter per argument
    cdef object source  # the format string
    # In the ring's dictionary, while `edition` is its edition.
    cdef uint32_t id
    cdef uint64_t edition
    cdef uint32_t accepts[VALUES]  # of a message: which tags each argument may have
    cdef bint travels  # of a message: its arguments go as they are

    def __cinit__(self):
        fl_program_init(&self.native)

    def __dealloc__(self):
        fl_program_free(&self.native)

    cdef int literal(self, str text) except -1:
        """Add *text*; raises UnicodeEncodeError for a lone surrogate."""
        cdef bytes data = text.encode("utf-8")
        if fl_program_add_literal(&self.native, data, len(data)) < 0:
            raise MemoryError
        return 0

    cdef int operation(self, fl_op *op) except -1:
        if fl_program_add(&self.native, op) < 0:
            raise MemoryError
        return 0


cdef fl_op blank_op(uint32_t value) noexcept:
    cdef fl_op op
    op.opcode = FL_OP_PLAIN
    op.flags = 0
    op.align = FL_RIGHT
    op.conversion = c"s"
    op.width = 0
    op.precision = -1
    op.value = value
    op.size = 0
    op.fill_size = 1
    op.fill[0] = c" "
    op.fill[1] = op.fill[2] = op.fill[3] = 0
    return op


cdef bint percent_op(fl_op *op, str flags, str width, str point, str precision,
                     str conversion) except -1:
    """Fill *op* from the parts of a %-directive; False if it has no form here."""
    cdef str letter = conversion
    if "#" in flags or len(width) > 4 or len(precision or "") > 3:
        return False
    op.width = int(width or 0)
    if op.width > WIDTH_MAX:
        return False
    if point:
        op.precision = int(precision or 0)
        if op.precision > 100 and letter not in "sra":
            return False
    if "-" in flags:
        op.align = FL_LEFT
    if letter in "sra":
        op.opcode = FL_OP_STR if op.width or op.precision >= 0 else FL_OP_PLAIN
        return True
    if "0" in flags:
        op.flags |= FL_ZERO
    if "+" in flags:
        op.flags |= FL_PLUS
    elif " " in flags:
        op.flags |= FL_SPACE
    if letter in "diu":
        op.opcode = FL_OP_INT
        op.conversion = c"d"
    elif letter in "xXo":
        op.opcode = FL_OP_INT
        op.conversion = ord(letter)
    else:
        op.opcode = FL_OP_FLOAT
        op.conversion = ord(letter)
    return True


cdef bint spec_op(fl_op *op, str spec) except -1:
    """Fill *op* from a format spec; False if it has no form here."""
    cdef bytes fill
    if not spec:
        return True
    found = format_spec.fullmatch(spec)
    if found is None:
        return False
    fill_char, align, sign, zero, width, precision, letter = found.groups()
    if align == "=" or len(width) > 4 or len(precision or "") > 3:
        return False
    op.width = int(width or 0)
    if op.width > WIDTH_MAX:
        return False
    if precision is not None:
        op.precision = int(precision)
    if fill_char:
        fill = fill_char.encode("utf-8")
        op.fill_size = len(fill)
        for i in range(min(len(fill), 4)):
            op.fill[i] = fill[i]
    op.flags |= FL_STRICT
    if sign == "+":
        op.flags |= FL_PLUS
    elif sign == " ":
        op.flags |= FL_SPACE
    if letter in ("", "s"):
        # Without a type letter the value must be a str: numbers follow other rules.
        if sign or zero:
            return False
        op.opcode = FL_OP_STR
        op.align = {"<": FL_LEFT, "^": FL_CENTER, ">": FL_RIGHT}.get(align, FL_LEFT)
        return True
    op.align = {"<": FL_LEFT, "^": FL_CENTER, ">": FL_RIGHT}.get(align, FL_RIGHT)
    if zero:
        if align:
            return False
        op.flags |= FL_ZERO
    op.conversion = ord(letter)
    if letter in "dxXo":
        if precision is not None:
            return False
        op.opcode = FL_OP_INT
        return True
    if op.precision > 100:
        return False
    op.opcode = FL_OP_FLOAT
    return True


cdef class Fields:
    """Hands out places for the record attributes that a format names."""

    cdef dict places
    cdef int others

    def __cinit__(self):
        self.places = {}
        self.others = 0

    cdef int place(self, str name) except -1:
        """Return the value's index, or raise KeyError when there are too many."""
        cdef object known = self.places.get(name)
        if known is not None:
            return known
        known = field_codes.get(name)
        if known is None:
            if FIELDS + self.others >= VALUES:
                raise KeyError(name)
            known = FIELDS + self.others
            self.others += 1
        self.places[name] = known
        return known


cdef Program compile_fields(str source, str style):
    """Return the program of a Formatter's format string, or None."""
    cdef Program program = Program.__new__(Program)
    cdef Fields fields = Fields.__new__(Fields)
    cdef bint done = False
    try:
        if style == "%":
            done = percent_fields(program, fields, source)
        elif style == "{":
            done = brace_fields(program, fields, source)
        elif style == "$":
            done = dollar_fields(program, fields, source)
    except (KeyError, ValueError):
        return None
    if not done:
        return None
    program.source = source
    program.keys = tuple(fields.places)
    program.codes = tuple(fields.places.values())
    program.wanted = 0
    for code in program.codes:
        program.wanted |= <uint64_t>1 << <int>code
    return program


cdef bint percent_fields(Program program, Fields fields, str source) except -1:
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t start
    cdef fl_op op
    while True:
        start = source.find("%", at)
        if start < 0:
            program.literal(source[at:])
            return True
        program.literal(source[at:start])
        found = percent_field.match(source, start)
        if found is None:
            return False
        percent, name, flags, width, point, precision, letter = found.groups()
        if percent:
            program.literal("%")
        else:
            op = blank_op(fields.place(name))
            if not percent_op(&op, flags, width, point, precision, letter):
                return False
            program.operation(&op)
        at = found.end()


cdef bint brace_fields(Program program, Fields fields, str source) except -1:
    cdef fl_op op
    for text, name, spec, conversion in _string.Formatter().parse(source):
        program.literal(text)
        if name is None:
            continue
        if not name.isidentifier() or (conversion or "s") != "s":
            return False
        op = blank_op(fields.place(name))
        if not spec_op(&op, spec):
            return False
        if conversion == "s" and op.opcode != FL_OP_PLAIN:
            if op.opcode != FL_OP_STR:
                return False
            op.flags &= ~<int>FL_STRICT
        program.operation(&op)
    return True


cdef bint dollar_fields(Program program, Fields fields, str source) except -1:
    cdef Py_ssize_t at = 0
    cdef fl_op op
    for found in _string.Template.pattern.finditer(source):
        program.literal(source[at:found.start()])
        at = found.end()
        name = found["named"] or found["braced"]
        if name is not None:
            op = blank_op(fields.place(name))
            program.operation(&op)
        elif found["escaped"] is not None:
            program.literal("$")
        else:
            return False
    program.literal(source[at:])
    return True


cdef Program compile_message(str source):
    """Return the program of a message with arguments, or None."""
    cdef Program program = Program.__new__(Program)
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t start
    cdef list conversions = []
    cdef fl_op op
    try:
        while True:
            start = source.find("%", at)
            if start < 0:
                program.literal(source[at:])
                break
            program.literal(source[at:start])
            found = percent_argument.match(source, start)
            if found is None:
                return None
            percent, flags, width, point, precision, letter = found.groups()
            if percent:
                program.literal("%")
            else:
                if len(conversions) >= VALUES:
                    return None
                op = blank_op(<uint32_t>len(conversions))
                if not percent_op(&op, flags, width, point, precision, letter):
                    return None
                program.operation(&op)
                conversions.append(letter)
            at = found.end()
    except ValueError:
        return None
    program.source = source
    program.conversions = "".join(conversions)
    program.travels = not set("ra").intersection(conversions)
    for at in range(len(conversions)):
        program.accepts[at] = fl_program_accepts(&program.native, <uint32_t>at)
    return program


# Messages seen, by the address of the string. The first time only the string is
# kept: a format string made for one call is not worth a program.
cdef PyObject *message_sources[MESSAGES]
cdef PyObject *message_programs[MESSAGES]


cdef Program message_program(object source):
    """Return the program of *source*, an exact str, or None."""
    cdef size_t hashed = (<size_t><PyObject *>source >> 4) * <size_t>0x9E3779B1
    cdef size_t slot = hashed % MESSAGES
    cdef PyObject *old
    cdef object program
    if message_sources[slot] == <PyObject *>source:
        if message_programs[slot] == NULL:
            program = compile_message(source)
            Py_INCREF(program)
            message_programs[slot] = <PyObject *>program
        program = <object>message_programs[slot]
        return <Program>program if program is not None else None
    if PyUnicode_GET_LENGTH(<PyObject *>source) > 1024:
        return None
    Py_INCREF(source)
    known_messages[slot].source = NULL
    old = message_sources[slot]
    message_sources[slot] = <PyObject *>source
    Py_XDECREF(old)
    old = message_programs[slot]
    message_programs[slot] = NULL
    Py_XDECREF(old)
    return None
