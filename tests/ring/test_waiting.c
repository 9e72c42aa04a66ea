/* rings.c: sleeping, waking, waiting as a flush does: limits, signals, many at once.
 *
 * Whatever sleeps here does so for an hour: a wake-up that does not come ends in the
 * time limit of the test run. */
#define _GNU_SOURCE /* sigaction, pthread_kill */
#include "_ring/rings.h"

#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

enum { SIZE = FL_RING_BYTES_LEAST, WAITERS = 4, ROUNDS = 5000 };

#define HOUR_NS INT64_C(3600000000000)
#define MS_NS INT64_C(1000000)

static fl_ring ring;

static bool always(const fl_ring *unused, const void *argument)
{
    (void)unused, (void)argument;
    return true;
}

static bool never(const fl_ring *unused, const void *argument)
{
    (void)unused, (void)argument;
    return false;
}

/* As a flush asks: all before *argument* has been taken. */
static bool is_taken(const fl_ring *of, const void *argument)
{
    return atomic_load(&of->shared->head) >= *(const uint64_t *)argument;
}

static void nobody_waits(void)
{
    CHECK_EQUAL(atomic_load(&ring.shared->waiters), 0);
    CHECK_EQUAL(atomic_load(&ring.shared->urgent), 0);
}

static void commit(bool urgent)
{
    CHECK(fl_ring_room(&ring, 8) >= 8);
    fl_ring_commit(&ring, 8, 1);
    if (fl_ring_is_asleep(&ring, urgent))
        fl_ring_wake(&ring);
}

static void a_condition_that_holds_is_not_waited_for(void)
{
    CHECK_EQUAL(fl_ring_wait(&ring, always, NULL, 0), 1);
    CHECK_EQUAL(fl_ring_wait(&ring, always, NULL, HOUR_NS), 1);
    CHECK_EQUAL(fl_ring_wait(&ring, always, NULL, INT64_MAX), 1);
    CHECK_EQUAL(fl_ring_wait(&ring, always, NULL, -1), 1);
    CHECK_EQUAL(fl_ring_wait(&ring, always, NULL, INT64_MIN), 1);
    nobody_waits();
}

static void a_wait_has_its_limit(void)
{
    CHECK_EQUAL(fl_ring_wait(&ring, never, NULL, 0), 0);
    CHECK_EQUAL(fl_ring_wait(&ring, never, NULL, 1), 0);
    CHECK_EQUAL(fl_ring_wait(&ring, never, NULL, 250 * MS_NS), 0);
    nobody_waits();
}

static void sleep_ends_for_what_is_there_and_by_itself(void)
{
    uint64_t position = fl_ring_peek(&ring);
    fl_ring_wake(&ring); /* nobody sleeps */
    fl_ring_sleep(&ring, position, false, 0);
    fl_ring_sleep(&ring, position, false, MS_NS);
    fl_ring_sleep(&ring, position, true, MS_NS);
    CHECK_EQUAL(atomic_load(&ring.shared->sleep), FL_AWAKE);
    commit(false);
    fl_ring_sleep(&ring, position, false, HOUR_NS);
    fl_ring_release(&ring, fl_ring_peek(&ring));
    CHECK_EQUAL(atomic_load(&ring.shared->sleep), FL_AWAKE);
}

/* A consumer that sleeps once, then takes all that is there and says so. */
typedef struct sleeper {
    pthread_t thread;
    uint64_t position;
    bool nap;
} sleeper;

static void *sleep_once(void *argument)
{
    sleeper *me = argument;
    fl_ring_sleep(&ring, me->position, me->nap, HOUR_NS);
    fl_ring_release(&ring, fl_ring_peek(&ring));
    fl_ring_progress(&ring);
    return NULL;
}

static void start(sleeper *me, bool nap)
{
    me->position = fl_ring_peek(&ring);
    me->nap = nap;
    CHECK_EQUAL(pthread_create(&me->thread, NULL, sleep_once, me), 0);
    uint32_t state = nap ? FL_NAPPING : FL_SLEEPING;
    while (atomic_load(&ring.shared->sleep) != state)
        sched_yield();
}

static void a_nap_ends_for_what_is_urgent_alone(void)
{
    sleeper one;
    start(&one, true);
    commit(false);
    CHECK_EQUAL(atomic_load(&ring.shared->sleep), FL_NAPPING);
    CHECK(!fl_ring_is_asleep(&ring, false));
    commit(true);
    CHECK_EQUAL(pthread_join(one.thread, NULL), 0);
    CHECK_EQUAL(atomic_load(&ring.shared->head), one.position + 16);
}

static void deep_sleep_ends_for_any_frame(void)
{
    sleeper one;
    start(&one, false);
    commit(false);
    CHECK_EQUAL(pthread_join(one.thread, NULL), 0);
    CHECK_EQUAL(atomic_load(&ring.shared->head), one.position + 8);
}

/* A frame that woke nobody, as in a nap: who waits for it sees to that. */
static void who_waits_ends_sleep_and_nap(void)
{
    for (int nap = 0; nap < 2; nap++) {
        sleeper one;
        start(&one, nap);
        fl_ring_commit(&ring, 8, 1);
        uint64_t target = fl_ring_tail(&ring);
        CHECK_EQUAL(fl_ring_wait(&ring, is_taken, &target, -1), 1);
        CHECK_EQUAL(pthread_join(one.thread, NULL), 0);
        nobody_waits();
    }
}

static atomic_bool waited;

static void ignore_signal(int number)
{
    (void)number;
}

static void *send_signals(void *argument)
{
    while (!atomic_load(&waited)) {
        pthread_kill(*(pthread_t *)argument, SIGUSR1);
        sched_yield();
    }
    return NULL;
}

/* Also with SA_RESTART: the caller has to run the interpreter's handlers. */
static void a_signal_ends_a_wait(void)
{
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        struct sigaction action = {.sa_handler = ignore_signal, .sa_flags = flags};
        CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
        pthread_t me = pthread_self(), other;
        atomic_store(&waited, false);
        CHECK_EQUAL(pthread_create(&other, NULL, send_signals, &me), 0);
        int status = fl_ring_wait(&ring, never, NULL, HOUR_NS);
        atomic_store(&waited, true);
        CHECK_EQUAL(pthread_join(other, NULL), 0);
        CHECK_EQUAL(status, -EINTR);
        nobody_waits();
    }
}

static void *wait_for_target(void *argument)
{
    CHECK_EQUAL(fl_ring_wait(&ring, is_taken, argument, -1), 1);
    CHECK(atomic_load(&ring.shared->head) >= *(uint64_t *)argument);
    return NULL;
}

static void *take_one_by_one(void *argument)
{
    const uint64_t *end = argument;
    uint64_t position = atomic_load(&ring.shared->head);
    while (position < *end) {
        if (fl_ring_peek(&ring) == position) {
            fl_ring_sleep(&ring, position, false, HOUR_NS);
            continue;
        }
        position += 8;
        fl_ring_release(&ring, position);
        fl_ring_progress(&ring);
    }
    return NULL;
}

/* Each waits for a place of its own, as a flush in each of many threads does. */
static void all_who_wait_are_woken(void)
{
    uint64_t begin = fl_ring_tail(&ring), end = begin + 8 * ROUNDS;
    uint64_t targets[WAITERS];
    pthread_t consumer, waiting[WAITERS];
    CHECK_EQUAL(pthread_create(&consumer, NULL, take_one_by_one, &end), 0);
    for (int i = 0; i < WAITERS; i++) {
        targets[i] = begin + 8 * (uint64_t)((i + 1) * ROUNDS / WAITERS);
        CHECK_EQUAL(pthread_create(&waiting[i], NULL, wait_for_target, &targets[i]), 0);
    }
    while (fl_ring_tail(&ring) < end) {
        commit(false);
        uint64_t target = fl_ring_tail(&ring);
        CHECK_EQUAL(fl_ring_wait(&ring, is_taken, &target, -1), 1);
    }
    for (int i = 0; i < WAITERS; i++)
        CHECK_EQUAL(pthread_join(waiting[i], NULL), 0);
    CHECK_EQUAL(pthread_join(consumer, NULL), 0);
    nobody_waits();
}

int main(void)
{
    CHECK_EQUAL(fl_ring_open(&ring, SIZE), 0);
    for (int fences = 0; fences < 2; fences++) {
        a_condition_that_holds_is_not_waited_for();
        a_wait_has_its_limit();
        sleep_ends_for_what_is_there_and_by_itself();
        a_nap_ends_for_what_is_urgent_alone();
        deep_sleep_ends_for_any_frame();
        who_waits_ends_sleep_and_nap();
        a_signal_ends_a_wait();
        all_who_wait_are_woken();
        ring.fences = true; /* again, as where there is no membarrier() */
    }
    fl_ring_close(&ring);
    return 0;
}
