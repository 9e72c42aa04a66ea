/* Texts, programs and routes by id: written once, then named by every frame.
 *
 * An id is the place of its entry in units of 8 bytes; 0 is none. Entries are only
 * added, by the producer, before the commit of the first frame that names them.
 *
 * Threads: as the ring's. Memory: the ring's mapping. Waiting: never.
 */
#ifndef FL_DICTIONARY_H
#define FL_DICTIONARY_H

#include "_ring/frame.h"
#include "_ring/ring.h"

enum fl_entry_kind { FL_ENTRY_TEXT = 1, FL_ENTRY_PROGRAM, FL_ENTRY_ROUTE };

typedef struct fl_entry {
    uint32_t size; /* bytes that follow */
    uint32_t kind; /* enum fl_entry_kind */
} fl_entry;

/* Producer only. The id of a new entry of *size* bytes at *data*; 0: it is full. */
uint32_t fl_dictionary_add(fl_ring *ring, uint32_t kind, const void *data, size_t size);

/* Either side. The entry of *id* and its size; NULL if there is no such entry. */
const void *fl_dictionary_get(const fl_ring *ring, uint32_t id, uint32_t kind,
                              size_t *size);

#endif
