/* dictionary.c: what was put in is found by its id and kind, and nothing else is. */
#include "_ring/dictionary.h"
#include "_ring/rings.h"

#include "check.h"

#include <pthread.h>

enum { TEXTS = 2000 };

static void open_ring(fl_ring *ring)
{
    CHECK_EQUAL(fl_ring_open(ring, FL_RING_BYTES_LEAST), 0);
}

static void entries_are_found_by_id_and_kind(void)
{
    fl_ring ring;
    open_ring(&ring);
    uint32_t ids[TEXTS];
    char text[64];
    for (int i = 0; i < TEXTS; i++) {
        int size = snprintf(text, sizeof text, "%.*s %d", i % 23,
                            "name of a logger, or so", i);
        ids[i] = fl_dictionary_add(&ring, FL_ENTRY_TEXT, text, (size_t)size);
        CHECK(ids[i] != 0 && (i == 0 || ids[i] > ids[i - 1]));
    }
    for (int i = 0; i < TEXTS; i++) {
        snprintf(text, sizeof text, "%.*s %d", i % 23, "name of a logger, or so", i);
        size_t size = 0;
        const char *found = fl_dictionary_get(&ring, ids[i], FL_ENTRY_TEXT, &size);
        CHECK(found != NULL);
        CHECK_TEXT(found, size, text);
        CHECK_EQUAL((uintptr_t)found % 8, 0);
        CHECK(fl_dictionary_get(&ring, ids[i], FL_ENTRY_PROGRAM, &size) == NULL);
        CHECK(fl_dictionary_get(&ring, ids[i], FL_ENTRY_ROUTE, &size) == NULL);
        CHECK(fl_dictionary_get(&ring, ids[i], 0, &size) == NULL);
    }
    fl_ring_close(&ring);
}

static void an_empty_text_is_an_entry(void)
{
    fl_ring ring;
    open_ring(&ring);
    uint32_t empty = fl_dictionary_add(&ring, FL_ENTRY_TEXT, NULL, 0);
    uint32_t next = fl_dictionary_add(&ring, FL_ENTRY_TEXT, "x", 1);
    CHECK(empty != 0 && next > empty);
    size_t size = 1;
    CHECK(fl_dictionary_get(&ring, empty, FL_ENTRY_TEXT, &size) != NULL);
    CHECK_EQUAL(size, 0);
    fl_ring_close(&ring);
}

/* Whatever an id says, all that is returned lies within the dictionary. */
static void no_id_leads_out_of_it(void)
{
    fl_ring ring;
    open_ring(&ring);
    while (fl_dictionary_add(&ring, FL_ENTRY_TEXT, "12345678901234567", 17) != 0)
        ;
    uint64_t end = ring.dictionary_size / 8, seed = 4;
    size_t size = 0;
    CHECK(fl_dictionary_get(&ring, 0, FL_ENTRY_TEXT, &size) == NULL);
    CHECK(fl_dictionary_get(&ring, (uint32_t)end, FL_ENTRY_TEXT, &size) == NULL);
    CHECK(fl_dictionary_get(&ring, UINT32_MAX, FL_ENTRY_TEXT, &size) == NULL);
    for (uint64_t id = 0; id < end + 1000; id++) {
        const char *found =
            fl_dictionary_get(&ring, (uint32_t)id, FL_ENTRY_TEXT, &size);
        if (found != NULL)
            CHECK(found > ring.dictionary && size <= ring.dictionary_size &&
                  found + size <= ring.dictionary + ring.dictionary_size);
    }
    /* Damaged sizes and kinds, at the end above all. */
    for (int i = 0; i < 100000; i++) {
        uint64_t id = end - 1 - check_random(&seed) % 32;
        fl_entry *entry = (fl_entry *)(ring.dictionary + id * 8);
        entry->size = (uint32_t)(check_random(&seed) >> (32 + i % 32));
        entry->kind = FL_ENTRY_PROGRAM;
        const char *found =
            fl_dictionary_get(&ring, (uint32_t)id, FL_ENTRY_PROGRAM, &size);
        CHECK_EQUAL(found != NULL, entry->size <= ring.dictionary_size - (id + 1) * 8);
    }
    fl_ring_close(&ring);
}

static void a_full_dictionary_says_so_and_stays_whole(void)
{
    fl_ring ring;
    open_ring(&ring);
    static char large[FL_DICTIONARY_BYTES];
    memset(large, 'l', sizeof large);
    CHECK_EQUAL(fl_dictionary_add(&ring, FL_ENTRY_TEXT, large, sizeof large), 0);
    CHECK_EQUAL(fl_dictionary_add(&ring, FL_ENTRY_TEXT, large, SIZE_MAX), 0);
    CHECK_EQUAL(fl_dictionary_add(&ring, FL_ENTRY_TEXT, large, SIZE_MAX - 7), 0);
    size_t left = ring.dictionary_size - ring.dictionary_used - sizeof(fl_entry);
    CHECK_EQUAL(fl_dictionary_add(&ring, FL_ENTRY_TEXT, large, left + 1), 0);
    ring.data[0] = 'd';
    uint32_t id = fl_dictionary_add(&ring, FL_ENTRY_TEXT, large, left);
    CHECK(id != 0);
    CHECK_EQUAL(ring.dictionary_used, ring.dictionary_size);
    CHECK_EQUAL(fl_dictionary_add(&ring, FL_ENTRY_TEXT, "", 0), 0);
    size_t size = 0;
    const char *found = fl_dictionary_get(&ring, id, FL_ENTRY_TEXT, &size);
    CHECK_EQUAL(size, left);
    CHECK(found != NULL && memcmp(found, large, left) == 0);
    CHECK_EQUAL(ring.data[0], 'd');
    fl_ring_close(&ring);
}

/* The consumer: looks up each id that comes by the ring. */
static void *look_up(void *argument)
{
    fl_ring *ring = argument;
    uint64_t position = 0;
    for (uint32_t number = 0; number < TEXTS;) {
        uint64_t end = fl_ring_peek(ring);
        if (end == position)
            fl_ring_sleep(ring, position, false, INT64_C(3600000000000));
        for (; position < end; position += 8, number++) {
            const uint32_t *frame = (const uint32_t *)fl_ring_at(ring, position);
            size_t size = 0;
            const uint32_t *found =
                fl_dictionary_get(ring, frame[0], FL_ENTRY_PROGRAM, &size);
            CHECK(found != NULL);
            CHECK_EQUAL(size, sizeof *found);
            CHECK_EQUAL(*found, number);
        }
        fl_ring_release(ring, position);
    }
    return NULL;
}

/* An entry needs no order of its own: the commit of a frame that names it has it. */
static void a_frame_brings_its_entries_along(void)
{
    fl_ring ring;
    open_ring(&ring);
    pthread_t consumer;
    CHECK_EQUAL(pthread_create(&consumer, NULL, look_up, &ring), 0);
    for (uint32_t number = 0; number < TEXTS; number++) {
        uint32_t id =
            fl_dictionary_add(&ring, FL_ENTRY_PROGRAM, &number, sizeof number);
        CHECK(id != 0 && fl_ring_room(&ring, 8) >= 8);
        memcpy(fl_ring_place(&ring), &id, sizeof id);
        fl_ring_commit(&ring, 8, 1);
        if (fl_ring_is_asleep(&ring, false))
            fl_ring_wake(&ring);
    }
    CHECK_EQUAL(pthread_join(consumer, NULL), 0);
    fl_ring_close(&ring);
}

int main(void)
{
    entries_are_found_by_id_and_kind();
    an_empty_text_is_an_entry();
    no_id_leads_out_of_it();
    a_full_dictionary_says_so_and_stays_whole();
    a_frame_brings_its_entries_along();
    return 0;
}
