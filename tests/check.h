/* Checks for the C programs of the tests: the first that fails says where, and ends
 * the program with status 1.
 *
 * Threads: any may check. Memory: none. Waiting: never.
 */
#ifndef FL_TESTS_CHECK_H
#define FL_TESTS_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                               \
    do {                                                                               \
        if (!(condition))                                                              \
            check_failed(__FILE__, __LINE__, #condition);                              \
    } while (0)

/* Both are numbers that fit a long long; both are told when they differ. */
#define CHECK_EQUAL(got, want)                                                         \
    check_equal(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))

/* *size* bytes at *got* are those of the string *want*. */
#define CHECK_TEXT(got, size, want)                                                    \
    check_text(__FILE__, __LINE__, (got), (size), (want))

static inline void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
    exit(1);
}

static inline void check_equal(const char *file, int line, const char *what,
                               long long got, long long want)
{
    if (got == want)
        return;
    fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", file, line, what, got, want);
    exit(1);
}

static inline void check_text(const char *file, int line, const char *got, size_t size,
                              const char *want)
{
    if (size == strlen(want) && memcmp(got, want, size) == 0)
        return;
    fprintf(stderr, "%s:%d: got \"%.*s\", not \"%s\"\n", file, line, (int)size, got,
            want);
    exit(1);
}

/* Numbers that look random and are the same in each run (splitmix64). *state* is the
 * seed, and changes. */
static inline uint64_t check_random(uint64_t *state)
{
    uint64_t mixed = *state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

#endif
