/* writer.c: every line once, in order, in its file; rotation, closing, fork. */
#define _GNU_SOURCE
#include "lines.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { LINES = 100000, PRODUCERS = 3, FILES = 2 };

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

static void all_lines_arrive_in_order(void)
{
    int descriptors = count_descriptors();
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_file(&all, "order.log");
    lines_send_many(&all, sink, 0, LINES);
    lines_flush(&all, -1);

    lines_file_has("order.log", 0, LINES);
    struct stat status;
    CHECK_EQUAL(stat("order.log", &status), 0);
    fl_ring_numbers numbers;
    fl_ring_read_numbers(&all.ring, &numbers);
    CHECK_EQUAL(numbers.accepted, LINES);
    CHECK_EQUAL(numbers.written, LINES);
    CHECK_EQUAL(numbers.bytes, status.st_size);
    CHECK_EQUAL(numbers.errors, 0);
    CHECK_EQUAL(numbers.used, 0);
    CHECK(numbers.highest > 0 && numbers.highest <= FL_RING_BYTES_LEAST);
    CHECK_EQUAL(fl_writer_last_error(&all.writer), 0);
    lines_end(&all, 0);
    CHECK_EQUAL(count_descriptors(), descriptors);
}

typedef struct producer {
    pthread_t thread;
    lines *all;
    const uint32_t *sinks;
} producer;

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static uint64_t next_number;

/* Even numbers to a file of their own, odd ones to either of two sinks on one file. */
static void *produce(void *argument)
{
    producer *me = argument;
    bool more = true;
    while (more) {
        pthread_mutex_lock(&turn);
        more = next_number < LINES;
        if (more) {
            uint64_t number = next_number++;
            uint64_t mixed = number;
            uint32_t which = check_random(&mixed) % 2 ? 1 : 2;
            char text[LINES_LONGEST];
            size_t size = lines_text(number / 2, text);
            CHECK(lines_put(me->all, me->sinks[number % 2 ? which : 0], text, size,
                            LINES_FOREVER));
        }
        pthread_mutex_unlock(&turn);
    }
    return NULL;
}

/* Lines of two handlers that write to the same file keep their order. */
static void producers_share_files(void)
{
    lines all;
    lines_begin(&all);
    uint32_t sinks[FILES + 1] = {lines_file(&all, "one.log"),
                                 lines_file(&all, "two.log"),
                                 lines_sink(&all, "two.log", O_APPEND, NULL)};
    producer producers[PRODUCERS];
    for (int i = 0; i < PRODUCERS; i++) {
        producers[i].all = &all;
        producers[i].sinks = sinks;
        CHECK_EQUAL(pthread_create(&producers[i].thread, NULL, produce, &producers[i]),
                    0);
    }
    for (int i = 0; i < PRODUCERS; i++)
        CHECK_EQUAL(pthread_join(producers[i].thread, NULL), 0);
    lines_flush(&all, sinks[0]);
    lines_file_has("one.log", 0, LINES / 2);
    lines_flush(&all, -1);
    lines_file_has("two.log", 0, LINES / 2);
    lines_end(&all, 0);
}

static void a_line_may_be_longer_than_a_batch_of_small_ones(void)
{
    static char text[FL_RING_BYTES_LEAST / 2];
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_file(&all, "long.log");
    size_t expected = 0;
    for (size_t size = 1; size < sizeof text; size += size / 2 + 1) {
        memset(text, 'x', size);
        text[size - 1] = '\n';
        CHECK(lines_put(&all, sink, text, size, LINES_FOREVER));
        expected += size;
    }
    lines_flush(&all, sink);
    size_t size = 0;
    char *data = lines_read("long.log", &size);
    CHECK_EQUAL(size, expected);
    size_t at = 0;
    for (size_t length = 1; length < sizeof text; length += length / 2 + 1) {
        CHECK_EQUAL(data[at + length - 1], '\n');
        CHECK(memchr(data + at, '\n', length) == data + at + length - 1);
        at += length;
    }
    free(data);
    lines_end(&all, 0);
}

/* "%(levelname)s %(message)s\n" or so: a literal after each of two values. */
static uint32_t add_program(fl_ring *ring, uint32_t first, uint32_t second,
                            uint32_t arguments)
{
    fl_program program;
    fl_op op = {.opcode = FL_OP_PLAIN, .precision = -1, .fill = " ", .fill_size = 1};
    fl_program_init(&program);
    op.value = first;
    CHECK_EQUAL(fl_program_add(&program, &op), 0);
    CHECK_EQUAL(fl_program_add_literal(&program, ": ", 2), 0);
    op.value = second;
    CHECK_EQUAL(fl_program_add(&program, &op), 0);
    CHECK_EQUAL(fl_program_add_literal(&program, arguments ? "." : "\n", 1), 0);
    char block[1024];
    size_t size = fl_program_packed_size(&program);
    CHECK(size <= sizeof block);
    fl_program_pack(&program, arguments, block);
    fl_program_free(&program);
    uint32_t id = fl_dictionary_add(ring, FL_ENTRY_PROGRAM, block, size);
    CHECK(id != 0);
    return id;
}

static uint32_t add_text(fl_ring *ring, const char *text)
{
    uint32_t id = fl_dictionary_add(ring, FL_ENTRY_TEXT, text, strlen(text));
    CHECK(id != 0);
    return id;
}

/* Arguments, the function's name, the second's text. */
static void send_record(lines *all, uint32_t route, uint32_t message, uint32_t level,
                        int64_t first, uint32_t targets)
{
    struct {
        fl_frame frame;
        fl_head number;
        int64_t value;
        fl_head named, function;
        char text[8];
        fl_head stamp;
        char second[24];
    } whole = {
        .frame = {.size = sizeof whole,
                  .kind = FL_FRAME_RECORD,
                  .count = 4,
                  .level = 30,
                  .clock = UINT64_C(1700000000123456789),
                  .message = message,
                  .level_name = level,
                  .route = route,
                  .targets = targets},
        .number = {FL_INT, 0},
        .value = first,
        .named = {FL_NAMED, level},
        .function = {FL_TEXT, 4},
        .text = "main",
        .stamp = {FL_TEXT, 19},
        .second = "2023-11-14 22:13:20",
    };
    _Static_assert(sizeof whole % 8 == 0, "frames are padded");
    size_t room = sizeof whole;
    if (fl_ring_room(&all->ring, room) < room)
        CHECK_EQUAL(fl_ring_wait_for_room(&all->ring, room, LINES_FOREVER), 1);
    CHECK(fl_ring_room(&all->ring, room) >= room);
    memcpy(fl_ring_place(&all->ring), &whole, sizeof whole);
    uint64_t count = (targets & 1) + (targets >> 1 & 1);
    fl_ring_commit(&all->ring, room, count);
    if (fl_ring_is_asleep(&all->ring, true))
        fl_ring_wake(&all->ring);
}

static void a_record_is_formatted_for_each_of_its_targets(void)
{
    lines all;
    lines_begin(&all);
    fl_ring *ring = &all.ring;
    fl_route route = {
        .name = add_text(ring, "shop.cart"),
        .field_count = 1,
        .stamp_count = 1,
        .target_count = 2,
        .fields = {FL_FIELD_FUNCNAME},
        .targets = {{.sink = lines_file(&all, "stamped.log"),
                     .program =
                         add_program(ring, FL_FIELD_ASCTIME, FL_FIELD_MESSAGE, 0),
                     .flags = FL_STAMPED | FL_WITH_MSECS},
                    {.sink = lines_file(&all, "named.log"),
                     .program =
                         add_program(ring, FL_FIELD_NAME, FL_FIELD_FUNCNAME, 0)}},
    };
    uint32_t routed = fl_dictionary_add(ring, FL_ENTRY_ROUTE, &route, sizeof route);
    uint32_t level = add_text(ring, "WARNING");
    uint32_t message = add_program(ring, 0, 1, 2);
    for (int64_t i = 0; i < 1000; i++) {
        send_record(&all, routed, message, level, i, 3);
        send_record(&all, routed, message, level, -i, 1);
    }
    lines_flush(&all, -1);

    size_t size = 0, at = 0;
    char *data = lines_read("stamped.log", &size);
    for (int i = 0; i < 2000; i++) {
        char want[96];
        int length =
            snprintf(want, sizeof want, "2023-11-14 22:13:20,123: %d: WARNING.\n",
                     i % 2 ? -(i / 2) : i / 2);
        CHECK(at + (size_t)length <= size);
        CHECK_TEXT(data + at, (size_t)length, want);
        at += (size_t)length;
    }
    CHECK_EQUAL(at, size);
    free(data);
    data = lines_read("named.log", &size);
    CHECK_EQUAL(size, 1000 * strlen("shop.cart: main\n"));
    CHECK_TEXT(data, 32, "shop.cart: main\nshop.cart: main\n");
    free(data);
    lines_end(&all, 0);
}

enum { FRAMES = 400, NAME = 2000 };

/* One handler on a logger and on its parent gets each record twice, and keeps doing so
 * when its batch is full, and fails, between the two lines: the 33rd line fills it. */
static void a_sink_that_is_met_twice_gets_two_lines(void)
{
    static const fl_clock clock = {.is_ns = true};
    static const char ending[] = ": 100000: WARNING.\n";
    fl_sink_options options = {.kind = FL_SINK_WATCHED, .end_size = 1};
    lines all;
    CHECK_EQUAL(fl_ring_open(&all.ring, FL_RING_BYTES_LEAST), 0);
    fl_writer_init(&all.writer, &all.ring, &clock);
    fl_ring *ring = &all.ring;
    CHECK_EQUAL(mkdir("twice", 0700), 0);
    fl_target target = {
        .sink = lines_sink(&all, "twice/a.log", O_CREAT | O_APPEND, &options),
        .program = add_program(ring, FL_FIELD_NAME, FL_FIELD_MESSAGE, 0)};
    CHECK_EQUAL(rename("twice", "once"), 0);
    char name[NAME];
    memset(name, 'n', sizeof name);
    fl_route route = {.name = fl_dictionary_add(ring, FL_ENTRY_TEXT, name, NAME),
                      .field_count = 1,
                      .stamp_count = 1,
                      .target_count = 2,
                      .fields = {FL_FIELD_FUNCNAME},
                      .targets = {target, target}};
    uint32_t routed = fl_dictionary_add(ring, FL_ENTRY_ROUTE, &route, sizeof route);
    uint32_t message = add_program(ring, 0, 1, 2);
    uint32_t level = add_text(ring, "WARNING");
    for (int i = 0; i < FRAMES; i++)
        send_record(&all, routed, message, level, 100000 + i, 3);
    CHECK_EQUAL(fl_writer_start(&all.writer), 0);
    while (fl_writer_last_error(&all.writer) == 0)
        sched_yield();
    CHECK_EQUAL(mkdir("twice", 0700), 0);
    lines_flush(&all, -1);
    size_t size = 0, line = NAME + strlen(ending);
    char *data = lines_read("twice/a.log", &size);
    for (size_t i = 0; i < 2 * FRAMES && (i + 1) * line <= size; i++)
        CHECK_EQUAL(atoi(data + i * line + NAME + 2), 100000 + i / 2);
    CHECK_EQUAL(size, 2 * FRAMES * line);
    free(data);
    lines_end(&all, 0);
}

enum { MOST = 3000, ROTATED = 4000 };

static void files_rotate_by_size(void)
{
    fl_sink_options options = {.kind = FL_SINK_ROTATING,
                               .end_size = 1,
                               .backups = LINES_BACKUPS,
                               .max_bytes = MOST};
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_sink(&all, "turn.log", O_CREAT | O_APPEND, &options);
    lines_send_many(&all, sink, 0, ROTATED);
    lines_flush(&all, -1);

    lines_are_rotated("turn.log", ROTATED, MOST);
    CHECK(access("turn.log.4", F_OK) < 0);
    CHECK(fl_writer_reopened(&all.writer, sink) > LINES_BACKUPS);
    lines_end(&all, 0);
}

static void a_watched_file_that_was_moved_is_made_anew(void)
{
    fl_sink_options options = {.kind = FL_SINK_WATCHED, .end_size = 1};
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_sink(&all, "watch.log", O_CREAT | O_APPEND, &options);
    for (uint64_t turn_of = 0; turn_of < 20; turn_of++) {
        lines_send_many(&all, sink, turn_of * 500, 500);
        lines_flush(&all, sink);
        lines_file_has("watch.log", turn_of * 500, 500);
        CHECK_EQUAL(rename("watch.log", "moved.log"), 0);
    }
    CHECK_EQUAL(fl_writer_reopened(&all.writer, sink), 19);
    lines_end(&all, 0);
}

/* Its lines are written first; then its descriptor and its place are free. Each time
 * the writer is at work, with lines that it knew before. */
static void a_sink_closes_behind_its_lines(void)
{
    lines all;
    lines_begin(&all);
    uint32_t kept = lines_file(&all, "kept.log");
    int descriptors = count_descriptors();
    for (uint64_t round = 0; round < 300; round++) {
        uint32_t sink = lines_file(&all, "short.log");
        CHECK_EQUAL(sink, kept + 1);
        lines_send_many(&all, kept, round * 1000, 1000);
        lines_send_many(&all, sink, 0, round % 50);
        fl_writer_close_sink(&all.writer, sink);
        while (atomic_load(&atomic_load(&all.writer.sinks[sink])->state) !=
               FL_SINK_FREE)
            sched_yield();
        lines_file_has("short.log", 0, round % 50);
        CHECK_EQUAL(count_descriptors(), descriptors);
    }
    lines_flush(&all, kept);
    lines_file_has("kept.log", 0, 300 * 1000);
    lines_end(&all, 0);
}

static void stopping_writes_what_is_there(void)
{
    for (uint64_t count = 0; count < 200; count += 9) {
        lines all;
        lines_begin(&all);
        uint32_t sink = lines_file(&all, "stop.log");
        lines_send_many(&all, sink, 0, count);
        lines_end(&all, 0);
        lines_file_has("stop.log", 0, count);
    }
}

static void a_flush_without_a_writer_has_its_limit(void)
{
    static const fl_clock clock = {.is_ns = true};
    lines all;
    CHECK_EQUAL(fl_ring_open(&all.ring, FL_RING_BYTES_LEAST), 0);
    fl_writer_init(&all.writer, &all.ring, &clock);
    uint32_t sink = lines_file(&all, "late.log");
    CHECK_EQUAL(fl_writer_flush(&all.writer, -1, 0), 1);
    lines_send(&all, sink, 0);
    CHECK_EQUAL(fl_writer_flush(&all.writer, -1, 0), 0);
    CHECK_EQUAL(fl_writer_flush(&all.writer, sink, 1000), 0);
    CHECK_EQUAL(fl_writer_left(&all.writer), 1);
    CHECK_EQUAL(fl_writer_stop(&all.writer, 0), 1);
    CHECK_EQUAL(fl_writer_start(&all.writer), 0);
    CHECK_EQUAL(fl_writer_start(&all.writer), 0);
    lines_flush(&all, -1);
    lines_file_has("late.log", 0, 1);
    lines_end(&all, 0);
}

static pthread_t writer_thread;
static volatile sig_atomic_t signals, signals_of_the_writer;

static void note_signal(int number)
{
    (void)number;
    signals++;
    if (pthread_equal(pthread_self(), writer_thread))
        signals_of_the_writer++;
}

/* Signals interrupt callers, never the writer: its thread cannot run their handlers. */
static void signals_lose_nothing(void)
{
    struct sigaction action = {.sa_handler = note_signal};
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    lines all;
    lines_begin(&all);
    writer_thread = all.writer.thread;
    uint32_t sink = lines_file(&all, "signals.log");
    CHECK_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
    uint64_t number = 0;
    while (signals < 100 || number < LINES) {
        lines_send_many(&all, sink, number, 500);
        number += 500;
        CHECK_EQUAL(pthread_kill(writer_thread, SIGUSR1), 0);
        if (number % 5000 == 0)
            lines_flush(&all, sink);
    }
    lines_end(&all, 0);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &never, NULL), 0);
    CHECK_EQUAL(signals_of_the_writer, 0);
    lines_file_has("signals.log", 0, number);
}

static void a_child_leaves_the_parents_lines_alone(void)
{
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_file(&all, "fork.log");
    for (uint64_t round = 0; round < 20; round++) {
        lines_send_many(&all, sink, round * 400, 400);
        pid_t child = fork();
        if (child == 0) {
            int fd = atomic_load(&all.writer.sinks[sink])->fd;
            fl_writer_abandon(&all.writer);
            _exit(fd >= 0 && fcntl(fd, F_GETFD) == -1 ? 0 : 2);
        }
        int status = -1;
        CHECK_EQUAL(waitpid(child, &status, 0), child);
        CHECK_EQUAL(status, 0);
    }
    lines_flush(&all, -1);
    lines_file_has("fork.log", 0, 8000);
    lines_end(&all, 0);
}

int main(void)
{
    all_lines_arrive_in_order();
    producers_share_files();
    a_line_may_be_longer_than_a_batch_of_small_ones();
    a_record_is_formatted_for_each_of_its_targets();
    a_sink_that_is_met_twice_gets_two_lines();
    files_rotate_by_size();
    a_watched_file_that_was_moved_is_made_anew();
    a_sink_closes_behind_its_lines();
    stopping_writes_what_is_there();
    a_flush_without_a_writer_has_its_limit();
    signals_lose_nothing();
    a_child_leaves_the_parents_lines_alone();
    return 0;
}
