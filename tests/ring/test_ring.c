/* ring.h, rings.c: memory mapped twice, room, wrap-around, and what is refused. */
#define _GNU_SOURCE /* fallocate */
#include "traffic.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SIZE = FL_RING_BYTES_LEAST, ROUNDS = 100000 };

static int count_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    CHECK(folder != NULL);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* Bytes of address space; sanitizers count theirs, but the same each time. */
static long count_pages(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%ld", &pages) == 1);
    fclose(file);
    return pages;
}

static void what_is_opened_is_given_back(void)
{
    fl_ring ring;
    CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
    fl_ring_close(&ring);
    int descriptors = count_descriptors();
    for (int i = 0; i < 50; i++) {
        CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
        CHECK_EQUAL(count_descriptors(), descriptors);
        char *base = ring.mapping;
        size_t size = ring.mapping_size;
        fl_ring_close(&ring);
        CHECK_EQUAL(msync(base, size, MS_ASYNC), -1);
        CHECK_EQUAL(errno, ENOMEM);
        CHECK(ring.mapping == NULL && ring.shared == NULL);
        fl_ring_close(&ring); /* again: nothing to do */
    }
}

static void a_new_ring_is_empty(void)
{
    fl_ring ring;
    memset(&ring, 0xA5, sizeof ring);
    CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
    CHECK_EQUAL(ring.shared->size, SIZE);
    CHECK_EQUAL(fl_ring_room(&ring, SIZE), SIZE);
    CHECK_EQUAL(fl_ring_peek(&ring), 0);
    CHECK_EQUAL(ring.fences, !fl_has_membarrier());
    CHECK(!fl_ring_is_asleep(&ring, true));
    CHECK_EQUAL((uintptr_t)ring.data % 4096, 0);
    fl_ring_close(&ring);
}

static void the_bytes_are_mapped_twice_in_a_row(void)
{
    fl_ring ring;
    CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
    volatile char *data = ring.data;
    for (size_t i = 0; i < SIZE; i += 511) {
        data[i] = (char)(i % 251);
        CHECK_EQUAL(data[i + SIZE], (char)(i % 251));
        data[i + SIZE] = 0x55;
        CHECK_EQUAL(data[i], 0x55);
    }
    /* Neither copy is the words before the ring, nor the dictionary. */
    CHECK_EQUAL(ring.shared->size, SIZE);
    CHECK(ring.dictionary + ring.dictionary_size <= ring.data);
    CHECK((char *)(ring.shared + 1) <= ring.dictionary);
    CHECK_EQUAL(ring.mapping_size, ring.data + 2 * SIZE - (char *)ring.mapping);
    fl_ring_close(&ring);
}

/* A frame that ends behind the end is one piece for both sides. */
static void frames_wrap_around(void)
{
    fl_ring ring;
    CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
    traffic me = {.ring = &ring};
    uint64_t sent = 0, taken = 0, position = 0, wrapped = 0, seed = 3;
    while (taken < ROUNDS) {
        size_t size = traffic_size(sent);
        if (fl_ring_room(&ring, size) >= size && check_random(&seed) % 3 != 0) {
            wrapped += (fl_ring_tail(&ring) & ring.mask) + size > SIZE;
            traffic_put(&me, sent++, size);
        } else if (taken < sent) {
            position += traffic_check(fl_ring_at(&ring, position), taken++);
            fl_ring_release(&ring, position);
        }
        CHECK_EQUAL(fl_ring_peek(&ring), fl_ring_tail(&ring));
    }
    CHECK(wrapped > 100);
    fl_ring_close(&ring);
}

/* The producer's copy of head is behind: room is at least what it says. */
static void room_is_what_the_consumer_left(void)
{
    fl_ring ring;
    CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
    fl_ring_commit(&ring, SIZE - 64, 1);
    CHECK_EQUAL(fl_ring_room(&ring, 8), 64);
    CHECK_EQUAL(fl_ring_room(&ring, 72), 64);
    fl_ring_release(&ring, 1024);
    CHECK_EQUAL(fl_ring_room(&ring, 64), 64); /* enough: not looked up */
    CHECK_EQUAL(fl_ring_room(&ring, 72), 64 + 1024);
    fl_ring_commit(&ring, 64 + 1024, 2);
    CHECK_EQUAL(fl_ring_room(&ring, 8), 0);
    CHECK_EQUAL(fl_ring_place(&ring) - ring.data, 1024);
    fl_ring_release(&ring, fl_ring_tail(&ring));
    CHECK_EQUAL(fl_ring_room(&ring, SIZE), SIZE);
    CHECK_EQUAL(atomic_load(&ring.shared->accepted), 3);
    fl_ring_close(&ring);
}

/* Positions do not wrap in any program's life, but nothing may hang on that. */
static void positions_may_pass_the_end_of_their_type(void)
{
    fl_ring ring;
    CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
    uint64_t start = (uint64_t)0 - 512;
    atomic_store(&ring.shared->tail, start);
    atomic_store(&ring.shared->head, start);
    ring.known_head = start;
    traffic me = {.ring = &ring};
    uint64_t position = start;
    for (uint64_t number = 0; number < 20; number++) {
        size_t size = traffic_size(number);
        CHECK(fl_ring_room(&ring, size) >= size);
        traffic_put(&me, number, size);
        position += traffic_check(fl_ring_at(&ring, position), number);
        fl_ring_release(&ring, position);
    }
    CHECK(position < start);
    fl_ring_close(&ring);
}

/* Opening under a limit fails with *error*, and nothing is left behind. */
static void refuses(int resource, rlim_t limit, size_t size, int error)
{
    struct rlimit before, low;
    CHECK_EQUAL(getrlimit(resource, &before), 0);
    low = before;
    low.rlim_cur = limit;
    int descriptors = count_descriptors();
    count_pages();
    long pages = count_pages();
    CHECK_EQUAL(setrlimit(resource, &low), 0);
    fl_ring ring;
    int status = fl_ring_open(&ring, size);
    CHECK_EQUAL(setrlimit(resource, &before), 0);
    CHECK_EQUAL(status, error);
    CHECK(ring.mapping == NULL);
    CHECK_EQUAL(count_descriptors(), descriptors);
    CHECK_EQUAL(count_pages(), pages);
    fl_ring_close(&ring);
}

static void what_the_system_refuses_is_told_and_leaves_nothing(void)
{
    signal(SIGXFSZ, SIG_IGN); /* as the interpreter has it */
    refuses(RLIMIT_NOFILE, 3, SIZE, -EMFILE);
    refuses(RLIMIT_FSIZE, SIZE, SIZE, -EFBIG);
    /* Asked for, the system would give all of its memory: the limit is for the day
     * that the size is not looked at first. */
    static const size_t sizes[] = {
        0,
        1,
        4096,
        SIZE - 1,
        SIZE / 2,
        SIZE + 4096,
        (size_t)FL_RING_BYTES_MOST * 2,
        (size_t)1 << 62,
        SIZE_MAX,
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        refuses(RLIMIT_FSIZE, 0, sizes[i], -EINVAL);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    /* Sanitizers need all the address space that there is. */
    refuses(RLIMIT_AS, (rlim_t)count_pages() * 4096 + SIZE, SIZE, -ENOMEM);
#endif
}

static int interruptions;

/* Instead of the C library's: interrupted by a signal, as many a kernel's is. */
int posix_fallocate(int fd, off_t offset, off_t size)
{
    return interruptions-- > 0 ? EINTR : fallocate(fd, 0, offset, size) < 0 ? errno : 0;
}

static void a_signal_does_not_keep_a_ring_from_being_made(void)
{
    fl_ring ring;
    interruptions = 3;
    CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
    CHECK_EQUAL(interruptions, -1);
    fl_ring_close(&ring);
}

int main(void)
{
    what_is_opened_is_given_back();
    a_new_ring_is_empty();
    the_bytes_are_mapped_twice_in_a_row();
    frames_wrap_around();
    room_is_what_the_consumer_left();
    positions_may_pass_the_end_of_their_type();
    what_the_system_refuses_is_told_and_leaves_nothing();
    a_signal_does_not_keep_a_ring_from_being_made();
    return 0;
}
