#define _GNU_SOURCE
#include "_ring/rings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#endif

static bool membarrier_works = false;
static bool wipe_works = false;

bool fl_has_membarrier(void)
{
    return membarrier_works;
}

bool fl_has_wipe_on_fork(void)
{
    return wipe_works;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* -- waiting ------------------------------------------------------------------------ */

#ifdef __linux__

static int futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t timeout_ns)
{
    struct timespec time = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    if (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &time, NULL, 0) < 0)
        return -errno;
    return 0;
}

static void futex_wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#else

/* Without a futex: look again every millisecond. */
static int futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t timeout_ns)
{
    int64_t step = timeout_ns < 1000000 ? timeout_ns : 1000000;
    struct timespec time = {0, (long)step};
    if (atomic_load(word) == value && nanosleep(&time, NULL) < 0)
        return -errno;
    return 0;
}

static void futex_wake(_Atomic uint32_t *word)
{
    (void)word;
}

#endif

void fl_ring_wake(fl_ring *ring)
{
    if (atomic_exchange(&ring->shared->sleep, FL_AWAKE) != FL_AWAKE)
        futex_wake(&ring->shared->sleep);
}

void fl_ring_sleep(fl_ring *ring, uint64_t position, bool nap, int64_t timeout_ns)
{
    uint32_t state = nap ? FL_NAPPING : FL_SLEEPING;
    atomic_store(&ring->shared->sleep, state);
#ifdef __linux__
    /* Every thread of the process passes a full barrier: a producer that did not see
     * the store has committed what the recheck below sees. A nap may miss that. */
    if (!nap && !ring->fences)
        syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
#endif
    if (ring->fences)
        atomic_thread_fence(memory_order_seq_cst);
    bool idle = fl_ring_peek(ring) == position;
    if (idle || (nap && atomic_load(&ring->shared->urgent) == 0))
        futex_wait(&ring->shared->sleep, state, timeout_ns);
    atomic_store(&ring->shared->sleep, FL_AWAKE);
}

void fl_ring_progress(fl_ring *ring)
{
    /* seq_cst on both: who counted himself first is woken, who did so later sees it. */
    atomic_fetch_add(&ring->shared->progress, 1);
    if (atomic_load(&ring->shared->waiters) != 0)
        futex_wake(&ring->shared->progress);
}

int fl_ring_wait(fl_ring *ring, fl_ring_condition condition, const void *argument,
                 int64_t timeout_ns)
{
    int64_t now = now_ns();
    bool endless = timeout_ns < 0 || timeout_ns > INT64_MAX - now;
    int64_t end = endless ? INT64_MAX : now + timeout_ns;
    int status = 0;
    atomic_fetch_add(&ring->shared->waiters, 1);
    atomic_fetch_add(&ring->shared->urgent, 1);
    while (true) {
        uint32_t seen = atomic_load(&ring->shared->progress);
        if (condition(ring, argument)) {
            status = 1;
            break;
        }
        int64_t left = endless ? INT64_MAX : end - now_ns();
        if (left <= 0)
            break;
        fl_ring_wake(ring);
        /* A limit, as no promise should hang on one wake-up. */
        status = futex_wait(&ring->shared->progress, seen,
                            left < 100000000 ? left : 100000000);
        if (status == -EINTR)
            break;
        status = 0;
    }
    atomic_fetch_sub(&ring->shared->urgent, 1);
    atomic_fetch_sub(&ring->shared->waiters, 1);
    return status;
}

static bool has_room(const fl_ring *ring, const void *argument)
{
    uint64_t head = atomic_load_explicit(&ring->shared->head, FL_ORDER_ROOM);
    return head + ring->mask + 1 - fl_ring_tail(ring) >= *(const size_t *)argument;
}

int fl_ring_wait_for_room(fl_ring *ring, size_t size, int64_t timeout_ns)
{
    return fl_ring_wait(ring, has_room, &size, timeout_ns);
}

void fl_ring_read_numbers(const fl_ring *ring, fl_ring_numbers *numbers)
{
    fl_ring_shared *shared = ring->shared;
    uint64_t head = atomic_load(&shared->head);
    /* In this order, so that no more is ever written than accepted. */
    numbers->written = atomic_load(&shared->written);
    numbers->bytes = atomic_load(&shared->bytes);
    numbers->errors = atomic_load(&shared->errors);
    numbers->highest = atomic_load(&shared->highest);
    numbers->accepted = atomic_load(&shared->accepted);
    numbers->used = atomic_load(&shared->tail) - head;
    if (numbers->used > numbers->highest)
        numbers->highest = numbers->used;
}

/* -- memory ------------------------------------------------------------------------- */

/* Whether the system can spare *size* bytes: past that it would not refuse, but end
 * processes to make room. */
static bool is_to_spare(size_t size)
{
    unsigned long long available = 0;
    char line[128];
    FILE *info = fopen("/proc/meminfo", "re");
    if (info == NULL)
        return true;
    while (fgets(line, sizeof line, info) != NULL)
        if (sscanf(line, "MemAvailable: %llu kB", &available) == 1)
            break;
    fclose(info);
    return available == 0 || size / 1024 <= available / 2;
}

/* Shared memory of *size* bytes that is really there; a descriptor or a negated errno. */
static int memory_open(size_t size)
{
#ifdef __linux__
    int fd = memfd_create("fastlog-ring", MFD_CLOEXEC);
#else
    char name[] = "/tmp/fastlog-ring-XXXXXX";
    int fd = mkstemp(name);
    if (fd >= 0) {
        unlink(name);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
#endif
    if (fd < 0)
        return -errno;
    int status = 0;
    do
        status = -posix_fallocate(fd, 0, (off_t)size);
    while (status == -EINTR);
    if (status < 0) {
        close(fd);
        return status;
    }
    return fd;
}

int fl_ring_open(fl_ring *ring, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t front =
        FL_DICTIONARY_BYTES + (sizeof(fl_ring_shared) + page - 1) / page * page;
    size_t whole = front + 2 * size;
    memset(ring, 0, sizeof *ring);
    if (size < FL_RING_BYTES_LEAST || size > FL_RING_BYTES_MOST || (size & (size - 1)))
        return -EINVAL;
    if (!is_to_spare(front + size))
        return -ENOMEM;
    int fd = memory_open(front + size);
    if (fd < 0)
        return fd;
    int status = 0;
    char *base = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) {
        status = -errno;
        close(fd);
        return status;
    }
    int protection = PROT_READ | PROT_WRITE;
    int flags = MAP_SHARED | MAP_FIXED;
    if (mmap(base, front + size, protection, flags, fd, 0) == MAP_FAILED ||
        mmap(base + front + size, size, protection, flags, fd, (off_t)front) ==
            MAP_FAILED) {
        status = -errno;
        munmap(base, whole);
        close(fd);
        return status;
    }
    close(fd);
#ifdef MADV_DONTFORK
    /* A child has no business in here. */
    madvise(base, whole, MADV_DONTFORK);
#endif
    ring->mapping = base;
    ring->mapping_size = whole;
    ring->shared = (fl_ring_shared *)base;
    ring->dictionary = base + (front - FL_DICTIONARY_BYTES);
    ring->dictionary_size = FL_DICTIONARY_BYTES;
    ring->dictionary_used = 8; /* id 0 is nothing */
    ring->data = base + front;
    ring->mask = size - 1;
    ring->shared->size = size;
#ifdef __linux__
    membarrier_works =
        syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
#endif
    ring->fences = !membarrier_works;
    return 0;
}

void fl_ring_close(fl_ring *ring)
{
    if (ring->mapping != NULL)
        munmap(ring->mapping, ring->mapping_size);
    memset(ring, 0, sizeof *ring);
}

void fl_ring_new_dictionary(fl_ring *ring)
{
    ring->dictionary_used = 8;
    atomic_fetch_add(&ring->shared->edition, 1);
}

int fl_life_open(fl_life **life)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *found =
        mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (found == MAP_FAILED)
        return -errno;
#ifdef MADV_WIPEONFORK
    wipe_works = madvise(found, page, MADV_WIPEONFORK) == 0;
#endif
    *life = found;
    return 0;
}
