/* text.c: the buffer that a line is built in, digits, padding, code points. */
#include "_writer/text.h"

#include "check.h"

#include <errno.h>
#include <inttypes.h>

enum { ROUNDS = 100000 };

/* Sanitizers end a program that asks for too much memory, unless told to refuse. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* A code point in UTF-8; returns its bytes. */
static size_t encode(uint32_t point, char *out)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)((0xF00u >> size) | point);
    return size;
}

static void a_buffer_keeps_its_bytes_when_it_moves_to_the_heap(void)
{
    fl_buffer buffer;
    fl_buffer_init(&buffer);
    for (size_t i = 0; i < 5 * FL_LOCAL_BYTES; i++) {
        char byte = (char)(i % 251);
        CHECK_EQUAL(fl_put(&buffer, &byte, 1), 0);
        CHECK_EQUAL(buffer.size, i + 1);
        CHECK((buffer.data == buffer.local) == (buffer.size <= FL_LOCAL_BYTES));
        CHECK(buffer.capacity >= buffer.size);
    }
    for (size_t i = 0; i < buffer.size; i++)
        CHECK_EQUAL(buffer.data[i], (char)(i % 251));

    fl_buffer_free(&buffer);
    CHECK(buffer.data == buffer.local);
    CHECK_EQUAL(buffer.size, 0);
    CHECK_EQUAL(fl_put(&buffer, "again", 5), 0);
    CHECK_TEXT(buffer.data, buffer.size, "again");
    fl_buffer_free(&buffer);
    fl_buffer_free(&buffer);
}

static void a_buffer_takes_one_piece_of_any_size(void)
{
    static char piece[9 * FL_LOCAL_BYTES];
    memset(piece, 'x', sizeof piece);
    size_t sizes[] = {
        0, 1, FL_LOCAL_BYTES - 1, FL_LOCAL_BYTES, FL_LOCAL_BYTES + 1, sizeof piece};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fl_buffer buffer;
        fl_buffer_init(&buffer);
        CHECK_EQUAL(fl_put(&buffer, piece, sizes[i]), 0);
        CHECK_EQUAL(fl_put(&buffer, NULL, 0), 0);
        CHECK_EQUAL(buffer.size, sizes[i]);
        CHECK(memcmp(buffer.data, piece, sizes[i]) == 0);
        CHECK((buffer.data == buffer.local) == (sizes[i] <= FL_LOCAL_BYTES));
        fl_buffer_free(&buffer);
    }
}

static void a_reserved_place_can_be_filled_to_its_end(void)
{
    fl_buffer buffer;
    fl_buffer_init(&buffer);
    for (size_t more = 1; more < 300000; more *= 3) {
        CHECK_EQUAL(fl_buffer_reserve(&buffer, more), 0);
        memset(buffer.data + buffer.size, 'r', more);
        buffer.size += more;
    }
    fl_buffer_free(&buffer);
}

/* *buffer* holds "kept" before and after each refusal. */
static void refuse_too_much(fl_buffer *buffer)
{
    size_t wanted[] = {SIZE_MAX, SIZE_MAX - 4, SIZE_MAX / 2, SIZE_MAX / 4,
                       SIZE_MAX / 4 - 4};
    size_t capacity = buffer->capacity;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        CHECK_EQUAL(fl_buffer_reserve(buffer, wanted[i]), -ENOMEM);
        CHECK_EQUAL(buffer->capacity, capacity);
        CHECK_TEXT(buffer->data, buffer->size, "kept");
    }
    for (size_t fill = 1; fill <= 4; fill++) {
        /* The product of the third wraps around to nothing, or nearly so. */
        size_t times[] = {SIZE_MAX, SIZE_MAX / 8 / fill + 1, SIZE_MAX / fill + 1,
                          SIZE_MAX / 8 / fill};
        for (size_t i = fill == 1 ? 3 : 0; i < 4; i++) {
            CHECK_EQUAL(fl_put_fill(buffer, "\xF0\x9F\x8E\x89", fill, times[i]),
                        -ENOMEM);
            CHECK_TEXT(buffer->data, buffer->size, "kept");
        }
    }
    CHECK_EQUAL(fl_put_fill(buffer, " ", 1, SIZE_MAX), -ENOMEM);
    CHECK_EQUAL(fl_put_fill(buffer, " ", 1, SIZE_MAX / 8 + 1), -ENOMEM);
    CHECK_TEXT(buffer->data, buffer->size, "kept");
}

static void a_buffer_refuses_more_than_there_is_and_keeps_what_it_has(void)
{
    fl_buffer buffer;
    fl_buffer_init(&buffer);
    CHECK_EQUAL(fl_put(&buffer, "kept", 4), 0);
    refuse_too_much(&buffer);
    CHECK_EQUAL(fl_buffer_reserve(&buffer, 2 * FL_LOCAL_BYTES), 0);
    CHECK(buffer.data != buffer.local);
    refuse_too_much(&buffer);
    CHECK_EQUAL(fl_put(&buffer, " on", 3), 0);
    CHECK_TEXT(buffer.data, buffer.size, "kept on");
    fl_buffer_free(&buffer);
}

static void a_fill_is_repeated_whole(void)
{
    const char *fills[] = {"-", "é", "€", "🎉"};
    for (size_t i = 0; i < 4; i++) {
        size_t fill = strlen(fills[i]);
        CHECK_EQUAL(fill, i + 1);
        for (size_t times = 0; times < 2000; times += 37) {
            fl_buffer buffer;
            fl_buffer_init(&buffer);
            CHECK_EQUAL(fl_put(&buffer, "<", 1), 0);
            CHECK_EQUAL(fl_put_fill(&buffer, fills[i], fill, times), 0);
            CHECK_EQUAL(fl_put(&buffer, ">", 1), 0);
            CHECK_EQUAL(buffer.size, fill * times + 2);
            CHECK_EQUAL(buffer.data[0], '<');
            for (size_t j = 0; j < times; j++)
                CHECK(memcmp(buffer.data + 1 + j * fill, fills[i], fill) == 0);
            CHECK_EQUAL(buffer.data[buffer.size - 1], '>');
            fl_buffer_free(&buffer);
        }
    }
    fl_buffer buffer;
    fl_buffer_init(&buffer);
    CHECK_EQUAL(fl_put_fill(&buffer, "", 0, 3), 0);
    CHECK_EQUAL(buffer.size, 0);
    fl_buffer_free(&buffer);
}

/* *number* in every base, against printf, and nothing outside its 24 bytes. */
static void check_digits(uint64_t number)
{
    struct {
        unsigned base;
        bool upper;
        char want[32];
    } forms[] = {{10, false, ""}, {16, false, ""}, {16, true, ""}, {8, false, ""}};
    snprintf(forms[0].want, sizeof forms[0].want, "%" PRIu64, number);
    snprintf(forms[1].want, sizeof forms[1].want, "%" PRIx64, number);
    snprintf(forms[2].want, sizeof forms[2].want, "%" PRIX64, number);
    snprintf(forms[3].want, sizeof forms[3].want, "%" PRIo64, number);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char place[26];
        memset(place, '#', sizeof place);
        char *end = place + 25;
        char *begin = fl_digits(number, forms[i].base, forms[i].upper, end);
        CHECK(begin >= place + 1 && begin < end);
        CHECK_TEXT(begin, (size_t)(end - begin), forms[i].want);
        CHECK_EQUAL(*end, '#');
        for (char *before = place; before < begin; before++)
            CHECK_EQUAL(*before, '#');
    }
}

static void digits_are_those_of_printf(void)
{
    check_digits(0);
    check_digits(UINT64_MAX);
    check_digits((uint64_t)INT64_MAX + 1);
    for (uint64_t power = 1, i = 0; i < 20; i++, power *= 10) {
        check_digits(power - 1);
        check_digits(power);
    }
    for (unsigned shift = 0; shift < 64; shift++) {
        check_digits(((uint64_t)1 << shift) - 1);
        check_digits((uint64_t)1 << shift);
    }
    uint64_t state = 1;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t number = check_random(&state);
        check_digits(number >> (check_random(&state) % 64));
    }
}

static void a_text_is_cut_between_code_points(void)
{
    static const uint32_t borders[] = {0,      1,      0x7F,   0x80,    0x7FF,   0x800,
                                       0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    enum { COUNT = sizeof borders / sizeof *borders, MOST = 40 };
    uint64_t state = 2;
    for (int round = 0; round < ROUNDS / 10; round++) {
        char text[4 * MOST];
        size_t ends[MOST + 1] = {0};
        size_t chars = check_random(&state) % (MOST + 1);
        for (size_t i = 0; i < chars; i++)
            ends[i + 1] =
                ends[i] + encode(borders[check_random(&state) % COUNT], text + ends[i]);

        CHECK_EQUAL(fl_code_points(text, ends[chars]), chars);
        for (size_t i = 0; i <= chars; i++) {
            CHECK_EQUAL(fl_code_point_bytes(text, ends[chars], i), ends[i]);
            CHECK_EQUAL(fl_code_points(text, ends[i]), i);
        }
        CHECK_EQUAL(fl_code_point_bytes(text, ends[chars], chars + 1), ends[chars]);
        CHECK_EQUAL(fl_code_point_bytes(text, ends[chars], SIZE_MAX), ends[chars]);
    }
    CHECK_EQUAL(fl_code_points(NULL, 0), 0);
    CHECK_EQUAL(fl_code_point_bytes(NULL, 0, 0), 0);
    CHECK_EQUAL(fl_code_point_bytes(NULL, 0, 7), 0);
}

int main(void)
{
    a_buffer_keeps_its_bytes_when_it_moves_to_the_heap();
    a_buffer_takes_one_piece_of_any_size();
    a_reserved_place_can_be_filled_to_its_end();
    a_buffer_refuses_more_than_there_is_and_keeps_what_it_has();
    a_fill_is_repeated_whole();
    digits_are_those_of_printf();
    a_text_is_cut_between_code_points();
    return 0;
}
