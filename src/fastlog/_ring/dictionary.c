#include "_ring/dictionary.h"

#include <string.h>

uint32_t fl_dictionary_add(fl_ring *ring, uint32_t kind, const void *data, size_t size)
{
    size_t used = ring->dictionary_used;
    size_t left = ring->dictionary_size - used;
    if (size > left || sizeof(fl_entry) + fl_padded(size) > left)
        return 0;
    fl_entry *entry = (fl_entry *)(ring->dictionary + used);
    entry->size = (uint32_t)size;
    entry->kind = kind;
    if (size != 0)
        memcpy(entry + 1, data, size);
    ring->dictionary_used = used + sizeof(fl_entry) + fl_padded(size);
    return (uint32_t)(used / 8);
}

const void *fl_dictionary_get(const fl_ring *ring, uint32_t id, uint32_t kind,
                              size_t *size)
{
    size_t place = (size_t)id * 8;
    if (id == 0 || place > ring->dictionary_size - sizeof(fl_entry))
        return NULL;
    const fl_entry *entry = (const fl_entry *)(ring->dictionary + place);
    if (entry->kind != kind ||
        entry->size > ring->dictionary_size - sizeof(fl_entry) - place)
        return NULL;
    *size = entry->size;
    return entry + 1;
}
