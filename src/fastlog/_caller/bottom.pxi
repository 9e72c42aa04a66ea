# How `python -m fastlog run` starts a program, as if nothing of ours were above it.

cdef extern from "_caller/bottom.h":
    object fl_bottom_function()

call_at_bottom = fl_bottom_function()
