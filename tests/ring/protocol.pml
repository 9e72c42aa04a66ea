/* The ring's protocol: commit, sleep and wake, a full ring, a flush.
 *
 * Two processes besides the consumer: the producer, who sends RECORDS and waits where
 * the ring of PLACES is full, and one who flushes. No sleep and no wait ends by itself,
 * so a wake-up that is lost is a deadlock, which spin reports as an invalid end state.
 * Naps do end by themselves; what is urgent only ends them earlier, and is left out.
 *
 * Each processor's stores go through a buffer and are seen by the others later, in
 * order. What empties one's own buffer: an operation that is seq_cst, a system call;
 * membarrier() empties everybody's. A release is a store that stays behind the stores
 * and loads before it, an acquire a load that stays before those after it.
 *
 * Each of these must be found wrong, one at a time (tests/test_model.py):
 *   WEAK_COMMIT     the position may be seen before the record
 *   WEAK_PEEK       the record may be read before the position
 *   WEAK_RELEASE    the place may be given back before it has been read
 *   WEAK_ROOM       the place may be filled before it has been given back
 *   NO_MEMBARRIER   the consumer sleeps without one
 *   NO_RECHECK      ... without a last look at the position
 *   NO_WAKE         the producer does not look whether the consumer sleeps
 *   WEAK_SLEEP      that it sleeps may be seen after its last look; only with FENCES
 *   WEAK_FENCE      the producer's fence is none; only with FENCES
 *   WEAK_PROGRESS   the consumer looks for waiters before its progress is seen
 *   WEAK_WAITERS    who waits is seen as a waiter after the kernel looked at progress
 *   LATE_SEEN       progress is read after the condition
 *   NO_PROGRESS     the consumer gives back, and wakes nobody
 * and FENCES is the way without membarrier(), which must be right.
 */
#ifndef RECORDS
#define RECORDS 4
#endif
#define PLACES 2

#define AWAKE 0
#define NAPPING 1
#define SLEEPING 2

#define EMPTY 255 /* no record has this number */

mtype = { PLACE, TAIL, HEAD, SLEEP, PROGRESS };

/* Memory, as all processors see it. */
byte place[PLACES] = EMPTY;
byte tail, head;
byte sleep = AWAKE;
byte progress, waiters;

/* Who sleeps on a futex: on `sleep` the consumer; on `progress` the others. */
bool consumer_sleeps;
bool waiter_sleeps[2];

/* What one has stored and the others do not see yet: what, where, the value. */
chan producers = [4] of { mtype, byte, byte };
chan consumers = [3] of { mtype, byte, byte };

byte taken; /* records the consumer has read; no part of the protocol */

inline see(what, where, value)
{
    if
    :: what == PLACE -> place[where] = value
    :: what == TAIL -> tail = value
    :: what == HEAD -> head = value
    :: what == SLEEP -> sleep = value
    :: what == PROGRESS -> progress = value
    fi
}

inline drain(buffer)
{
    do
    :: buffer?what, where, value -> see(what, where, value)
    :: empty(buffer) -> break
    od;
    what = 0; where = 0; value = 0
}

/* The processors' stores arrive at some time. */
active proctype Memory()
{
    mtype what;
    byte where, value;
end:
    do
    :: atomic { producers?what, where, value -> see(what, where, value);
                what = 0; where = 0; value = 0 }
    :: atomic { consumers?what, where, value -> see(what, where, value);
                what = 0; where = 0; value = 0 }
    od
}

/* fl_ring_wake: an exchange, and a system call if the consumer slept. */
inline wake(buffer)
{
    atomic {
        drain(buffer);
        asleep = (sleep != AWAKE);
        sleep = AWAKE
    };
    if
    :: asleep -> consumer_sleeps = false
    :: else
    fi;
    asleep = false
}

/* fl_ring_wait, without a limit. */
inline wait(me, buffer, condition)
{
#ifndef WEAK_WAITERS
    atomic { drain(buffer); waiters++ };
#endif
    do
    ::
#ifdef LATE_SEEN
        if
        :: condition -> break
        :: else
        fi;
        seen = progress;
#else
        seen = progress;
        if
        :: condition -> break
        :: else
        fi;
#endif
        wake(buffer);
        atomic {
            if
            :: progress == seen -> waiter_sleeps[me] = true
            :: else
            fi
        };
#ifdef WEAK_WAITERS
        waiters++;
        !waiter_sleeps[me];
        waiters--
#else
        !waiter_sleeps[me]
#endif
    od;
#ifndef WEAK_WAITERS
    atomic { drain(buffer); waiters-- };
#endif
    seen = 0
}

active proctype Producer()
{
    mtype what;
    byte where, value, number, seen;
    bool asleep;
    do
    :: number < RECORDS ->
#ifdef WEAK_ROOM
        producers!PLACE, number % PLACES, number;
#endif
        if
        :: number - head < PLACES
        :: else -> wait(0, producers, number - head < PLACES)
        fi;
#ifdef WEAK_COMMIT
        producers!TAIL, 0, number + 1;
        producers!PLACE, number % PLACES, number;
#else
#ifndef WEAK_ROOM
        producers!PLACE, number % PLACES, number;
#endif
        producers!TAIL, 0, number + 1;
#endif
        number++;
#if defined(FENCES) && !defined(WEAK_FENCE)
        atomic { drain(producers) };
#endif
#ifndef NO_WAKE
        /* Half of the records are urgent, which ends a nap early. */
        if
        :: sleep == SLEEPING || (sleep == NAPPING && number % 2 == 0) -> wake(producers)
        :: else
        fi
#endif
    :: else -> break
    od
}

/* Any thread: waits for all that it sees committed, and may do so again. */
active proctype Flusher()
{
    mtype what;
    byte where, value, target, seen;
    bool asleep;
    chan none = [1] of { mtype, byte, byte };
    do
    :: target < RECORDS ->
        target = tail;
        wait(1, none, head >= target)
    :: break
    od
}

/* fl_ring_sleep */
inline sleep_deep()
{
#if defined(FENCES) && defined(WEAK_SLEEP)
    consumers!SLEEP, 0, SLEEPING;
#else
    atomic { drain(consumers); sleep = SLEEPING };
#endif
#if !defined(FENCES) && !defined(NO_MEMBARRIER)
    atomic { drain(consumers); drain(producers) };
#endif
    if
#ifdef NO_RECHECK
    :: true ->
#else
    :: tail == taken ->
#endif
        atomic {
            drain(consumers);
            if
            :: sleep == SLEEPING -> consumer_sleeps = true
            :: else
            fi
        };
        !consumer_sleeps
    :: else
    fi;
    atomic { drain(consumers); sleep = AWAKE }
}

inline sleep_shortly()
{
    atomic { drain(consumers); sleep = NAPPING };
    /* Until a wake-up or its end, which may come at any time. */
    atomic { drain(consumers); sleep = AWAKE }
}

active proctype Consumer()
{
    mtype what;
    byte where, value, found, end;
    do
    :: taken < RECORDS ->
#ifdef WEAK_PEEK
        found = place[taken % PLACES];
#endif
        end = tail;
        if
        :: end == taken ->
            if
            :: sleep_deep()
            :: sleep_shortly()
            fi
        :: else ->
#ifdef WEAK_RELEASE
            consumers!HEAD, 0, taken + 1;
#endif
#ifndef WEAK_PEEK
            found = place[taken % PLACES];
#endif
            assert(found == taken);
            taken++;
#ifndef WEAK_RELEASE
            consumers!HEAD, 0, taken;
#endif
#ifndef NO_PROGRESS
#ifdef WEAK_PROGRESS
            consumers!PROGRESS, 0, progress + 1;
#else
            atomic { drain(consumers); progress++ };
#endif
            if
            :: waiters != 0 ->
                atomic {
                    drain(consumers);
                    waiter_sleeps[0] = false;
                    waiter_sleeps[1] = false
                }
            :: else
            fi
#endif
        fi;
        found = 0; end = 0
    :: else -> break
    od
}

/* Every record is taken in the end, if no process is left out for ever. */
ltl all_is_taken { <> (taken == RECORDS) }
