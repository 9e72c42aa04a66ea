# cython: language_level=3, wraparound=False, cdivision=True, auto_pickle=False
# cython: autotestdict=False
"""The native core: what stands in for the hot methods of `logging`.

Fragments in the order of a record's way: see the header of each.
"""

__all__ = [
    "MirrorBase",
    "background_default",
    "background_reason",
    "call_at_bottom",
    "call_before_leaving",
    "counts",
    "handler_way",
    "logger_way",
    "methods",
    "prepare",
    "prepare_handlers",
    "set_callbacks",
    "switch",
    "writer_configure",
    "writer_facts",
    "writer_flush",
    "writer_prepare",
    "writer_settings",
    "writer_shutdown_timeout",
    "writer_stats",
    "writer_stop",
]

include "_caller/python.pxi"
include "_caller/levels.pxi"
include "_caller/environment.pxi"
include "_caller/callsite.pxi"
include "_caller/compile.pxi"
include "_caller/encode.pxi"
include "_caller/formatter.pxi"
include "_caller/record.pxi"
include "_caller/handler.pxi"
include "_caller/plan.pxi"
include "_caller/ring.pxi"
include "_caller/route.pxi"
include "_caller/push.pxi"
include "_caller/proxy.pxi"
include "_caller/sink.pxi"
include "_caller/emit.pxi"
include "_caller/report.pxi"
include "_caller/dispatch.pxi"
include "_caller/log.pxi"
include "_caller/construct.pxi"
include "_caller/control.pxi"
include "_caller/bottom.pxi"
