/* One frame to the batches of its sinks. The writer's thread only. */
#ifndef FL_DELIVER_H
#define FL_DELIVER_H

#include "_writer/writer.h"

/* Format *frame*, at *position*, for *only*, or for all of its sinks that do not fail
 * if NULL. A batch that is full is written. */
void fl_deliver(fl_writer *writer, const fl_frame *frame, uint64_t position,
                fl_sink *only);

/* Write the batch of *sink*; note it if that fails. */
int fl_write_batch(fl_writer *writer, fl_sink *sink);

/* Say in the log of *sink* what was dropped. */
void fl_report_drops(fl_writer *writer, fl_sink *sink);

int64_t fl_monotonic_ns(void);

#endif
