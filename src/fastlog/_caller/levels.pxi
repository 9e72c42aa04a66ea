# The table of loggers, handlers and formatters: a node per object, and what makes
# all that nodes remember out of date.

import weakref as _weakref

cdef uint64_t settled_epoch = 0
cdef list filled = []  # nodes that hold references under the current epoch


cdef class Node:
    """What is known of one object; found by its address, gone when it goes."""

    cdef PyObject *subject  # borrowed; NULL once the object is dead
    cdef object reference  # weak, with this node as its callback
    cdef uint64_t epoch  # 0: nothing is known

    def __call__(self, reference):
        """Forget the object: its address may be used again."""
        cdef PyObject *subject = self.subject
        cdef fl_gate *gate
        self.subject = NULL
        self.epoch = 0
        fl_bump()
        if subject != NULL:
            gate = fl_gate_find(subject)
            if gate != NULL and gate.node == <PyObject *>self:
                fl_gate_remove(subject)
        self.forget()
        self.reference = None

    cdef int forget(self) except -1:
        """Let go of what an older epoch allowed to hold."""
        return 0

    cdef int read(self, object subject) except -1:
        """Learn about *subject*; until done, nobody may rely on this node."""
        return 0


cdef Node find_node(object subject):
    cdef fl_gate *gate = fl_gate_find(<PyObject *>subject)
    if gate == NULL:
        return None
    return <Node>gate.node


cdef int add_node(object subject, Node node) except -1:
    """Enter *subject*; TypeError if it takes no weak reference."""
    node.reference = _weakref.ref(subject, node)
    node.subject = <PyObject *>subject
    fl_gate_add(<PyObject *>subject, node)
    return 0


cdef inline bint settle() except -1:
    """Bring the environment up to the current epoch, before anything is decided.

    False: another thread is at it; take the Python way.
    """
    fl_poll()
    if settled_epoch != fl_epoch:
        return start_epoch()
    return True


cdef bint start_epoch() except -1:
    global settled_epoch
    cdef uint64_t epoch
    if not fl_begin_reading():
        return False
    try:
        for _ in range(3):
            epoch = fl_epoch
            empty_nodes()
            fl_forget_types()
            read_environment()
            fl_poll()
            if epoch == fl_epoch:
                settled_epoch = epoch
                return True
    finally:
        fl_end_reading()
    return False


cdef int empty_nodes() except -1:
    """Let go of what the nodes hold: nobody may keep a stream alive that is unused."""
    global filled
    cdef Node node
    cdef list old = filled
    filled = []
    for node in old:
        # A finalizer that logged may have filled it under this very epoch.
        node.epoch = 0
        node.forget()
    return 0


cdef int stored() except -1:
    """After a decisive store: what was remembered counts no more."""
    fl_bump()
    if fl_begin_reading():
        try:
            empty_nodes()
        finally:
            fl_end_reading()
    return 0


cdef bint refresh(Node node, object subject) except -1:
    """Read *subject* anew for this epoch; False: it cannot be read now."""
    cdef uint64_t epoch
    if not fl_begin_reading():
        return False
    try:
        for _ in range(3):
            if not settle():
                return False
            epoch = fl_epoch
            filled.append(node)
            node.epoch = epoch
            node.read(subject)
            fl_poll()
            if node.epoch == fl_epoch == epoch:
                return True
        node.epoch = 0
    except BaseException:
        node.epoch = 0
        raise
    finally:
        fl_end_reading()
    return False


# Names whose stores change a decision. Others, such as a handler's own counters, do
# not disturb anybody.
cdef frozenset decisive = frozenset()


cdef object set_attribute(object method, fl_args args, Py_ssize_t nargs,
                          PyObject *kwnames):
    """Logger, Handler, Formatter and style `__setattr__`: what it was, and a bump."""
    if nargs != 3 or kwnames != NULL:
        raise TypeError(f"expected 2 arguments, got {nargs - 1}")
    cdef object subject = <object>args[0]
    cdef object name = <object>args[1]
    cdef object following = next_in_mro(subject, owner_of(method), "__setattr__")
    cdef bint decides = fl_gate_find(args[0]) != NULL and name in decisive
    if decides and following is None and is_stored(subject, name, args[2]):
        decides = False
    if following is None:
        PyObject_GenericSetAttr(subject, name, args[2])
    else:
        following(subject, name, <object>args[2])
    if decides:
        stored()
    return None


cdef bint is_stored(object subject, object name, PyObject *value) except -1:
    """Whether the attribute is that very object already, by ordinary look-up."""
    if not fl_getattr_is_generic(Py_TYPE(<PyObject *>subject)):
        return False
    try:
        found = PyObject_GenericGetAttr(subject, name)
    except AttributeError:
        return False
    return <PyObject *>found == value


cdef object delete_attribute(object method, fl_args args, Py_ssize_t nargs,
                             PyObject *kwnames):
    """The same for `__delattr__`."""
    if nargs != 2 or kwnames != NULL:
        raise TypeError(f"expected 1 argument, got {nargs - 1}")
    cdef object subject = <object>args[0]
    cdef object name = <object>args[1]
    cdef object following = next_in_mro(subject, owner_of(method), "__delattr__")
    if following is None:
        PyObject_GenericSetAttr(subject, name, NULL)
    else:
        following(subject, name)
    if fl_gate_find(<PyObject *>subject) != NULL and name in decisive:
        stored()
    return None


# Type versions for which `object`'s own methods come next; versions are unique.
cdef unsigned int plain_tags[256]


cdef object next_in_mro(object subject, object owner, str name):
    """The next definition after *owner*'s; None when that is `object`'s own."""
    cdef bint after = False
    cdef unsigned int tag = fl_type_tag(Py_TYPE(<PyObject *>subject))
    if tag != 0 and plain_tags[tag & 255] == tag:
        return None
    cdef object cls
    for cls in type(subject).__mro__:
        if cls is object:
            plain_tags[tag & 255] = tag
            return None
        if after:
            fields = (<object>cls).__dict__
            if "__setattr__" in fields or "__delattr__" in fields:
                return getattr(super(owner, type(subject)), name)
        elif cls is owner:
            after = True
    return None


cdef object owner_of(object method):
    return <object>(<fl_method *>method).owner
