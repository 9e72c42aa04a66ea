/* program.c: a finished program is read-only, so any number of threads may run it. */
#define _GNU_SOURCE /* pthread_barrier_t */
#include "_writer/program.h"

#include "check.h"

#include <pthread.h>

enum { THREADS = 2, ROUNDS = 20000 };

static pthread_barrier_t start;
static fl_program shared;

static void compile(void)
{
    static const fl_op ops[] = {
        {.opcode = FL_OP_PLAIN, .precision = -1, .fill = " ", .fill_size = 1},
        {.opcode = FL_OP_STR,
         .align = FL_LEFT,
         .width = 8,
         .precision = -1,
         .value = 1,
         .fill = " ",
         .fill_size = 1},
        {.opcode = FL_OP_INT,
         .flags = FL_ZERO,
         .conversion = 'd',
         .width = 6,
         .precision = -1,
         .value = 2,
         .fill = " ",
         .fill_size = 1},
        {.opcode = FL_OP_FLOAT,
         .conversion = 'f',
         .precision = 2,
         .value = 3,
         .fill = " ",
         .fill_size = 1},
    };
    fl_program_init(&shared);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        CHECK_EQUAL(fl_program_add(&shared, &ops[i]), 0);
        CHECK_EQUAL(fl_program_add_literal(&shared, "|", 1), 0);
    }
}

static void *run(void *argument)
{
    const int *me = argument;
    pthread_barrier_wait(&start);
    for (int i = 0; i < ROUNDS; i++) {
        fl_value values[4] = {
            {.tag = FL_INT, .of.integer = *me},
            {.tag = FL_TEXT, .of.text = {*me ? "WARNING" : "INFO", *me ? 7 : 4}},
            {.tag = FL_INT, .of.integer = i},
            {.tag = FL_FLOAT, .of.real = i / 4.0},
        };
        char want[2048];
        int size = snprintf(want, sizeof want, "%d|%-8s|%06d|%.2f|", *me,
                            *me ? "WARNING" : "INFO", i, i / 4.0);
        fl_buffer out;
        fl_buffer_init(&out);
        /* One round in eight goes on until the buffer leaves its local bytes. */
        int times = i % 8 ? 1 : 50;
        for (int j = 0; j < times; j++)
            CHECK_EQUAL(fl_program_run(&shared, values, &out), 0);
        CHECK_EQUAL(out.size, times * size);
        for (int j = 0; j < times; j++)
            CHECK_TEXT(out.data + j * size, (size_t)size, want);
        fl_buffer_free(&out);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int names[THREADS];
    compile();
    CHECK_EQUAL(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        names[i] = i;
        CHECK_EQUAL(pthread_create(&threads[i], NULL, run, &names[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    pthread_barrier_destroy(&start);
    fl_program_free(&shared);
    return 0;
}
