# Formatters: which of them a program can stand in for, and the time they print.

cdef class StyleNode(Node):
    """Present so that stores to a style bump the epoch."""


@cython.final
cdef class FormatterNode(Node):
    """What Formatter.format would do, as long as nobody overrides a part of it."""

    cdef str reason  # why Python formats; None: the program does
    cdef Program program
    cdef bint uses_time
    cdef bint strict_keys  # `{` and `$` take the record's attributes as keywords
    cdef bint needs_record  # reads attributes that no program can know in advance
    cdef dict defaults
    # The time: converter, the format of a second, and whether ",123" follows it.
    cdef bint native_time
    cdef object converter
    cdef str second_format
    cdef bint with_msecs
    cdef bint cacheable
    cdef int64_t second
    cdef bytes second_text
    cdef fl_stamp stamp  # the same for the ring

    def __cinit__(self):
        self.stamp.second = -1

    cdef int forget(self) except -1:
        self.program = None
        self.defaults = None
        self.converter = None
        self.second_format = None
        self.second_text = None
        self.stamp.second = -1
        return 0

    cdef int read(self, object subject) except -1:
        self.reason = "being read"
        self.reason = read_formatter(self, subject)
        return 0


cdef FormatterNode formatter_node(object formatter):
    """Return the node of *formatter*, read under this epoch; None: it has none."""
    cdef Node node = find_node(formatter)
    cdef FormatterNode found
    if node is None:
        if not isinstance(formatter, logging_names["Formatter"]):
            return None
        found = FormatterNode.__new__(FormatterNode)
        try:
            add_node(formatter, found)
        except TypeError:
            return None
    elif type(node) is not FormatterNode:
        return None
    else:
        found = <FormatterNode>node
    if found.epoch != fl_epoch and not refresh(found, formatter):
        return None
    return found


cdef str state_reason(object subject, tuple names):
    """Why the attributes in *names* may not be remembered; None if they may."""
    cdef PyTypeObject *cls = Py_TYPE(<PyObject *>subject)
    cdef PyObject *found
    cdef str name
    if not fl_getattr_is_generic(cls):
        return f"{type(subject).__qualname__} defines __getattr__ or __getattribute__"
    for name in names:
        found = _PyType_Lookup(cls, name)
        if found != NULL and fl_is_descriptor(found):
            return f"{type(subject).__qualname__}.{name} is a property or descriptor"
    if fl_watch_type(cls) != 1:
        return f"changes of the class {type(subject).__qualname__} cannot be seen"
    return None


cdef str hook_reason(object subject):
    """Why stores to *subject* would go unnoticed; None if they are noticed."""
    cdef PyTypeObject *cls = Py_TYPE(<PyObject *>subject)
    cdef PyObject *found = _PyType_Lookup(cls, "__setattr__")
    if found == NULL or not fl_is_method(found):
        return f"{type(subject).__qualname__} defines __setattr__"
    found = _PyType_Lookup(cls, "__delattr__")
    if found == NULL or not fl_is_method(found):
        return f"{type(subject).__qualname__} defines __delattr__"
    return None


cdef str method_reason(object subject, str name, object expected):
    """Why `subject.name` is not *expected*, a function or method of ours."""
    cdef object bound
    if expected is None:
        return f"{name}() of the standard library's class is patched"
    try:
        bound = PyObject_GetAttr(subject, name)
    except AttributeError:
        return f"{name} is missing"
    if (PyMethod_Check(<PyObject *>bound)
            and PyMethod_GET_SELF(<PyObject *>bound) == <PyObject *>subject
            and PyMethod_GET_FUNCTION(<PyObject *>bound) == <PyObject *>expected):
        return None
    if PyMethod_Check(<PyObject *>bound):
        for cls in type(subject).__mro__:
            if name in (<object>cls).__dict__:
                if (<object>cls).__module__ in ("logging", "logging.handlers"):
                    return f"{cls.__module__}.{cls.__qualname__}.{name} is patched"
                return f"{cls.__qualname__} overrides {name}()"
    return f"{name} is set on the instance"


cdef tuple formatter_methods = (
    "format", "formatTime", "formatException", "usesTime", "formatMessage",
    "formatStack",
)
cdef tuple style_methods = ("format", "_format", "usesTime")
cdef frozenset fixed_directives = frozenset("YmdHMSjyTFDRzCeGguVUWwnt%")


cdef str read_formatter(FormatterNode node, object formatter):
    """Fill *node*; return the reason why Python has to format, or None."""
    cdef str reason, name, style_letter
    cdef object style, source
    cdef str cls = ""
    reason = hook_reason(formatter) or state_reason(
        formatter, ("_style", "_fmt", "datefmt", "default_time_format",
                    "default_msec_format"))
    if reason is not None:
        return reason
    for name in formatter_methods:
        reason = method_reason(formatter, name, known_methods.get("Formatter." + name))
        if reason is not None:
            return reason
    style = getattr(formatter, "_style", None)
    style_letter = None
    for letter, name in (("%", "PercentStyle"), ("{", "StrFormatStyle"),
                         ("$", "StringTemplateStyle")):
        if type(style) is logging_names.get(name):
            style_letter = letter
            cls = name
    if style_letter is None:
        return f"its style is a {type(style).__qualname__}"
    if find_node(style) is None:
        add_node(style, StyleNode.__new__(StyleNode))
    reason = hook_reason(style) or state_reason(style, ("_fmt", "_defaults", "_tpl"))
    if reason is not None:
        return reason
    for name in style_methods:
        owner = cls if f"{cls}.{name}" in known_methods else "PercentStyle"
        reason = method_reason(style, name, known_methods.get(f"{owner}.{name}"))
        if reason is not None:
            return reason
    source = style._fmt
    if type(source) is not str:
        return "its format is not a plain str"
    node.uses_time = bool(style.usesTime())
    if style_letter == "$":
        template = getattr(style, "_tpl", None)
        if type(template) is not _string.Template:
            return "its template is not a string.Template"
        source = template.template
    node.program = compile_fields(source, style_letter)
    if node.program is None:
        return f"the format {source!r} uses a directive that only Python formats"
    node.strict_keys = style_letter != "%"
    reason = read_defaults(node, style)
    if reason is not None:
        return reason
    return read_time(node, formatter) if node.uses_time else None


cdef str read_defaults(FormatterNode node, object style):
    cdef object defaults = getattr(style, "_defaults", None)
    cdef int code
    node.needs_record = False
    if defaults:
        if type(defaults) is not dict:
            return "its defaults are not a plain dict"
        # A dict may change without notice, so it is read for each record.
        node.defaults = defaults
        node.needs_record = True
    else:
        node.defaults = None
    for code in node.program.codes:
        if code >= FIELDS:
            node.needs_record = True
        if code == F_ASCTIME and not node.uses_time:
            node.needs_record = True
    return None


cdef str read_time(FormatterNode node, object formatter):
    cdef object datefmt, msec_format
    node.native_time = False
    node.second = -1
    node.second_text = None
    node.stamp.second = -1
    if not env_strftime:
        return "time.strftime, localtime or gmtime is patched"
    node.converter = getattr(formatter, "converter", None)
    if node.converter is not _time.localtime and node.converter is not _time.gmtime:
        return "its converter is not time.localtime or time.gmtime"
    datefmt = formatter.datefmt
    if datefmt:
        node.second_format = datefmt if type(datefmt) is str else None
        node.with_msecs = False
    else:
        msec_format = formatter.default_msec_format
        if msec_format and msec_format != "%s,%03d":
            return "its default_msec_format is not '%s,%03d'"
        node.second_format = (
            formatter.default_time_format
            if type(formatter.default_time_format) is str else None
        )
        node.with_msecs = bool(msec_format)
    if node.second_format is None:
        return "its date format is not a plain str"
    directives = _re.findall("%(.)", node.second_format, _re.DOTALL)
    node.cacheable = fixed_directives.issuperset(directives)
    node.native_time = True
    return None


cdef int format_time(FormatterNode node, double created, double msecs,
                     fl_buffer *out) except -1:
    """Put the text of Formatter.formatTime into *out*; 0: Python has to do it."""
    cdef int64_t second
    cdef int part
    cdef char digits[4]
    cdef object text, converter
    cdef bytes known
    converter = node.converter
    text = node.second_format
    if converter is None or text is None:
        return 0
    if not (0 <= created < 1e11) or not (0 <= msecs < 1000):
        return 0
    second = <int64_t>created
    known = node.second_text
    if second != node.second or known is None:
        try:
            known = _time.strftime(text, converter(created)).encode("utf-8")
        except Exception:
            return 0
        node.second_text = known
        node.second = second if node.cacheable else -1
    if fl_put(out, PyBytes_AS_STRING(<PyObject *>known),
              <size_t>PyBytes_GET_SIZE(<PyObject *>known)) < 0:
        raise MemoryError
    if node.with_msecs:
        part = <int>msecs
        digits[0] = c","
        digits[1] = c"0" + <char>(part // 100)
        digits[2] = c"0" + <char>(part // 10 % 10)
        digits[3] = c"0" + <char>(part % 10)
        if fl_put(out, digits, 4) < 0:
            raise MemoryError
    return 1
