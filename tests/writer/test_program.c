/* program.c: what each opcode makes of each value, as Python's % and format() would. */
#include "_writer/program.h"

#include "check.h"

#include <errno.h>
#include <float.h>
#include <math.h>

enum { ROUNDS = 200000 };

#define GIVES(want, value, op) check_gives(__LINE__, (want), (value), (op))
#define REFUSES(value, op) check_gives(__LINE__, NULL, (value), (op))

static fl_value text(const char *data)
{
    fl_value value = {.tag = FL_TEXT};
    value.of.text.data = data;
    value.of.text.size = strlen(data);
    return value;
}

static fl_value integer(int64_t number)
{
    fl_value value = {.tag = FL_INT};
    value.of.integer = number;
    return value;
}

static fl_value real(double number)
{
    fl_value value = {.tag = FL_FLOAT};
    value.of.real = number;
    return value;
}

static fl_value just(uint32_t tag)
{
    fl_value value = {.tag = tag};
    return value;
}

static fl_op plain(void)
{
    fl_op op = {.opcode = FL_OP_PLAIN, .precision = -1, .fill = " ", .fill_size = 1};
    return op;
}

static fl_op str(uint8_t align, int width, int precision)
{
    fl_op op = plain();
    op.opcode = FL_OP_STR;
    op.align = align;
    op.width = width;
    op.precision = precision;
    return op;
}

/* *conversion* is a letter of printf; *align* is FL_RIGHT where printf pads. */
static fl_op number(char conversion, uint8_t flags, uint8_t align, int width,
                    int precision)
{
    fl_op op = str(align, width, precision);
    op.opcode = strchr("dxXo", conversion) ? FL_OP_INT : FL_OP_FLOAT;
    op.conversion = conversion;
    op.flags = flags;
    return op;
}

static fl_op filled(fl_op op, const char *fill)
{
    op.fill_size = (uint32_t)strlen(fill);
    memcpy(op.fill, fill, op.fill_size);
    return op;
}

static fl_op strict(fl_op op)
{
    op.flags |= FL_STRICT;
    return op;
}

/* *op* alone, run on *value*; *want* NULL: it refuses. */
static void check_gives(int line, const char *want, fl_value value, fl_op op)
{
    fl_program program;
    fl_buffer out;
    fl_program_init(&program);
    fl_buffer_init(&out);
    check_equal(__FILE__, line, "add", fl_program_add(&program, &op), 0);
    int status = fl_program_run(&program, &value, &out);
    check_equal(__FILE__, line, "run", status, want == NULL ? -ENOTSUP : 0);
    if (want != NULL)
        check_text(__FILE__, line, out.data, out.size, want);
    else
        check_equal(__FILE__, line, "bytes of a refusal", (long long)out.size, 0);
    fl_buffer_free(&out);
    fl_program_free(&program);
}

static void plain_is_str(void)
{
    GIVES("", text(""), plain());
    GIVES("grüße, 🎉", text("grüße, 🎉"), plain());
    GIVES("None", just(FL_NONE), plain());
    GIVES("True", just(FL_TRUE), plain());
    GIVES("False", just(FL_FALSE), plain());
    GIVES("0", integer(0), plain());
    GIVES("-1", integer(-1), plain());
    GIVES("9223372036854775807", integer(INT64_MAX), plain());
    GIVES("-9223372036854775808", integer(INT64_MIN), plain());
    GIVES("-0.0", real(-0.0), plain());
    GIVES("5e-324", real(5e-324), plain());
    GIVES("-1.7976931348623157e+308", real(-DBL_MAX), plain());
    GIVES("0.30000000000000004", real(0.1 + 0.2), plain());
    GIVES("inf", real(INFINITY), plain());
    GIVES("-inf", real(-INFINITY), plain());
    GIVES("nan", real(NAN), plain());
    REFUSES(just(FL_MISSING), plain());
    REFUSES(just(77), plain());
    fl_value nothing = {.tag = FL_TEXT}; /* no bytes, and no address either */
    GIVES("", nothing, plain());
    GIVES("  ", nothing, str(FL_RIGHT, 2, 1));
}

static void text_is_padded_to_its_width_in_code_points(void)
{
    GIVES("   ab", text("ab"), str(FL_RIGHT, 5, -1));
    GIVES("ab   ", text("ab"), str(FL_LEFT, 5, -1));
    GIVES(" ab  ", text("ab"), str(FL_CENTER, 5, -1));
    GIVES("  ab  ", text("ab"), str(FL_CENTER, 6, -1));
    GIVES(" ", text(""), str(FL_CENTER, 1, -1));
    GIVES("abcde", text("abcde"), str(FL_RIGHT, 5, -1));
    GIVES("abcdef", text("abcdef"), str(FL_LEFT, 5, -1));
    GIVES("ab", text("ab"), str(FL_CENTER, 0, -1));
    GIVES("  é€🎉", text("é€🎉"), str(FL_RIGHT, 5, -1));
    GIVES("é€🎉  ", text("é€🎉"), str(FL_LEFT, 5, -1));
    GIVES("é€🎉", text("é€🎉"), str(FL_CENTER, 3, -1));
    GIVES("·ab··", text("ab"), filled(str(FL_CENTER, 5, -1), "·"));
    GIVES("€€€ab", text("ab"), filled(str(FL_RIGHT, 5, -1), "€"));
    GIVES("é🎉🎉🎉", text("é"), filled(str(FL_LEFT, 4, -1), "🎉"));
    GIVES("  None", just(FL_NONE), str(FL_RIGHT, 6, -1));
    GIVES("True  ", just(FL_TRUE), str(FL_LEFT, 6, -1));
    GIVES(" False ", just(FL_FALSE), str(FL_CENTER, 7, -1));
    GIVES("  -7", integer(-7), str(FL_RIGHT, 4, -1));
    GIVES("1.5   ", real(1.5), str(FL_LEFT, 6, -1));
    GIVES("  nan", real(NAN), str(FL_RIGHT, 5, -1));
    REFUSES(just(FL_MISSING), str(FL_LEFT, 5, -1));
}

static void text_is_cut_between_code_points(void)
{
    const char *whole = "aé€🎉z";
    GIVES("", text(whole), str(FL_RIGHT, 0, 0));
    GIVES("a", text(whole), str(FL_RIGHT, 0, 1));
    GIVES("aé", text(whole), str(FL_RIGHT, 0, 2));
    GIVES("aé€", text(whole), str(FL_RIGHT, 0, 3));
    GIVES("aé€🎉", text(whole), str(FL_RIGHT, 0, 4));
    GIVES("aé€🎉z", text(whole), str(FL_RIGHT, 0, 5));
    GIVES("aé€🎉z", text(whole), str(FL_RIGHT, 0, INT32_MAX));
    GIVES("  aé€", text(whole), str(FL_RIGHT, 5, 3));
    GIVES("aé€🎉 ", text(whole), str(FL_LEFT, 5, 4));
    GIVES("*aé**", text(whole), filled(str(FL_CENTER, 5, 2), "*"));
    GIVES("   ", text(whole), str(FL_LEFT, 3, 0));
    GIVES("e\xCC\x81", text("e\xCC\x81x"), str(FL_LEFT, 0, 2)); /* a combining mark */
    GIVES("No", just(FL_NONE), str(FL_LEFT, 0, 2));
    GIVES("-9223", integer(INT64_MIN), str(FL_LEFT, 0, 5));
    GIVES(" 3.14", real(3.14159), str(FL_RIGHT, 5, 4));
}

static void integers_are_those_of_the_percent_operator(void)
{
    GIVES("0", integer(0), number('d', 0, FL_RIGHT, 0, -1));
    GIVES("-9223372036854775808", integer(INT64_MIN), number('d', 0, FL_RIGHT, 0, -1));
    GIVES("+9223372036854775807", integer(INT64_MAX),
          number('d', FL_PLUS, FL_RIGHT, 0, -1));
    GIVES("-8000000000000000", integer(INT64_MIN), number('x', 0, FL_RIGHT, 0, -1));
    GIVES("7FFFFFFFFFFFFFFF", integer(INT64_MAX), number('X', 0, FL_RIGHT, 0, -1));
    GIVES("-1000000000000000000000", integer(INT64_MIN),
          number('o', 0, FL_RIGHT, 0, -1));
    GIVES("-ff", integer(-255), number('x', 0, FL_RIGHT, 0, -1));
    GIVES("   42", integer(42), number('d', 0, FL_RIGHT, 5, -1));
    GIVES("42   ", integer(42), number('d', 0, FL_LEFT, 5, -1));
    GIVES("  -42  ", integer(-42), number('d', 0, FL_CENTER, 7, -1));
    GIVES(" -42  ", integer(-42), number('d', 0, FL_CENTER, 6, -1));
    GIVES("-0042", integer(-42), number('d', FL_ZERO, FL_RIGHT, 5, -1));
    GIVES("+0042", integer(42), number('d', FL_ZERO | FL_PLUS, FL_RIGHT, 5, -1));
    GIVES(" 0042", integer(42), number('d', FL_ZERO | FL_SPACE, FL_RIGHT, 5, -1));
    GIVES("+42", integer(42), number('d', FL_PLUS | FL_SPACE, FL_RIGHT, 0, -1));
    GIVES(" 42", integer(42), number('d', FL_SPACE, FL_RIGHT, 0, -1));
    GIVES("-42", integer(-42), number('d', FL_SPACE, FL_RIGHT, 0, -1));
    GIVES("42   ", integer(42), number('d', FL_ZERO, FL_LEFT, 5, -1));
    GIVES("123456", integer(123456), number('d', FL_ZERO, FL_RIGHT, 5, -1));
    GIVES("00042", integer(42), number('d', 0, FL_RIGHT, 0, 5));
    GIVES("   00042", integer(42), number('d', 0, FL_RIGHT, 8, 5));
    GIVES("-00042  ", integer(-42), number('d', 0, FL_LEFT, 8, 5));
    GIVES("00000042", integer(42), number('d', FL_ZERO, FL_RIGHT, 8, 5));
    GIVES("0", integer(0), number('d', 0, FL_RIGHT, 0, 0));
    GIVES("  00ff", integer(255), number('x', 0, FL_RIGHT, 6, 4));
    GIVES("+001F", integer(31), number('X', FL_PLUS, FL_RIGHT, 0, 4));
    GIVES("🎉🎉-1", integer(-1), filled(number('d', 0, FL_RIGHT, 4, -1), "🎉"));
    GIVES("·1··", integer(1), filled(number('d', 0, FL_CENTER, 4, -1), "·"));
    GIVES("1", just(FL_TRUE), number('d', 0, FL_RIGHT, 0, -1));
    GIVES("000", just(FL_FALSE), number('x', FL_ZERO, FL_RIGHT, 3, -1));
    REFUSES(text("1"), number('d', 0, FL_RIGHT, 0, -1));
    REFUSES(just(FL_NONE), number('d', 0, FL_RIGHT, 0, -1));
    REFUSES(just(FL_MISSING), number('o', 0, FL_RIGHT, 3, 2));
}

static void a_float_is_an_integer_for_d_alone(void)
{
    fl_op op = number('d', 0, FL_RIGHT, 0, -1);
    GIVES("3", real(3.99), op);
    GIVES("-3", real(-3.99), op);
    GIVES("0", real(-0.5), op);
    GIVES("0", real(-0.0), op);
    GIVES("0", real(5e-324), op);
    GIVES("8999999999999998976", real(nextafter(9e18, 0)), op);
    GIVES("-8999999999999998976", real(nextafter(-9e18, 0)), op);
    REFUSES(real(9e18), op);
    REFUSES(real(-9e18), op);
    REFUSES(real(DBL_MAX), op);
    REFUSES(real(INFINITY), op);
    REFUSES(real(NAN), op);
    REFUSES(real(1.0), number('x', 0, FL_RIGHT, 0, -1));
    REFUSES(real(1.0), number('X', 0, FL_RIGHT, 0, -1));
    REFUSES(real(1.0), number('o', 0, FL_RIGHT, 0, -1));
}

static void floats_are_those_of_the_percent_operator(void)
{
    GIVES("0.000000", real(0.0), number('f', 0, FL_RIGHT, 0, -1));
    GIVES("-0.000000", real(-0.0), number('f', 0, FL_RIGHT, 0, -1));
    GIVES("-0.00", real(-0.0), number('F', FL_PLUS, FL_RIGHT, 0, 2));
    GIVES("4.940656e-324", real(5e-324), number('e', 0, FL_RIGHT, 0, -1));
    GIVES("-4.94066E-324", real(-5e-324), number('G', 0, FL_RIGHT, 0, -1));
    GIVES("2.225074E-308", real(DBL_MIN), number('E', 0, FL_RIGHT, 0, -1));
    GIVES("2", real(2.5), number('f', 0, FL_RIGHT, 0, 0));
    GIVES("4", real(3.5), number('f', 0, FL_RIGHT, 0, 0));
    GIVES("1e+06", real(999999.5), number('g', 0, FL_RIGHT, 0, -1));
    GIVES("1e-05", real(1e-5), number('g', 0, FL_RIGHT, 0, -1));
    GIVES("0.0001", real(1e-4), number('g', 0, FL_RIGHT, 0, 0));
    GIVES("  3.14", real(3.14159), number('f', 0, FL_RIGHT, 6, 2));
    GIVES("3.14  ", real(3.14159), number('f', FL_ZERO, FL_LEFT, 6, 2));
    GIVES(" 3.14 ", real(3.14159), number('f', 0, FL_CENTER, 6, 2));
    GIVES("-03.14", real(-3.14159), number('f', FL_ZERO, FL_RIGHT, 6, 2));
    GIVES("+03.14", real(3.14159), number('f', FL_ZERO | FL_PLUS, FL_RIGHT, 6, 2));
    GIVES("€€3.14", real(3.14159), filled(number('f', 0, FL_RIGHT, 6, 2), "€"));
    GIVES("7.00", integer(7), number('f', 0, FL_RIGHT, 0, 2));
    GIVES("-9223372036854775808.0", integer(INT64_MIN), number('f', 0, FL_RIGHT, 0, 1));
    GIVES("9223372036854775808.0", integer(INT64_MAX), number('f', 0, FL_RIGHT, 0, 1));
    GIVES("9007199254740992", integer(9007199254740993),
          number('f', 0, FL_RIGHT, 0, 0));
    GIVES("1.0", just(FL_TRUE), number('f', 0, FL_RIGHT, 0, 1));
    GIVES("0e+00", just(FL_FALSE), number('e', 0, FL_RIGHT, 0, 0));
    REFUSES(real(INFINITY), number('f', 0, FL_RIGHT, 0, -1));
    REFUSES(real(-INFINITY), number('G', 0, FL_RIGHT, 0, -1));
    REFUSES(real(NAN), number('e', 0, FL_RIGHT, 0, -1));
    REFUSES(real(1.0), number('f', 0, FL_RIGHT, 0, FL_PRECISION_MAX + 1));
    REFUSES(text("1.0"), number('f', 0, FL_RIGHT, 0, -1));
    REFUSES(just(FL_NONE), number('g', 0, FL_RIGHT, 0, -1));
    REFUSES(just(FL_MISSING), number('g', 0, FL_RIGHT, 0, -1));
}

static void a_strict_conversion_takes_its_own_type_alone(void)
{
    fl_op words = strict(str(FL_LEFT, 4, -1));
    fl_op d = strict(number('d', 0, FL_RIGHT, 4, -1));
    fl_op f = strict(number('f', 0, FL_RIGHT, 4, 1));
    GIVES("ab  ", text("ab"), words);
    GIVES("   7", integer(7), d);
    GIVES(" 7.0", real(7), f);
    REFUSES(integer(7), words);
    REFUSES(real(7), words);
    REFUSES(just(FL_NONE), words);
    REFUSES(just(FL_TRUE), words);
    REFUSES(just(FL_MISSING), words);
    REFUSES(real(7), d);
    REFUSES(just(FL_TRUE), d);
    REFUSES(text("7"), d);
    REFUSES(integer(7), f);
    REFUSES(just(FL_FALSE), f);
    REFUSES(text("7.0"), f);
}

static void an_unknown_opcode_is_refused(void)
{
    fl_op op = plain();
    op.opcode = 200;
    REFUSES(integer(1), op);
}

/* %d and %e %f %g with flags and widths against the C library's, where both agree. */
static void numbers_are_those_of_printf(void)
{
    uint64_t state = 5;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t choice = check_random(&state);
        char conversion = "deEfFgG"[choice % 7];
        uint8_t flags = choice >> 8 & (FL_PLUS | FL_SPACE | FL_ZERO);
        bool left = choice >> 16 & 1;
        int width = (int)(choice >> 24 & 63);
        int precision = conversion == 'd' ? -1 : (int)(choice >> 32 & 31) - 1;
        char format[24], want[600];
        snprintf(format, sizeof format, "%%%s%s%s%s*.*%s%c", flags & FL_PLUS ? "+" : "",
                 flags & FL_SPACE ? " " : "", flags & FL_ZERO ? "0" : "",
                 left ? "-" : "", conversion == 'd' ? "ll" : "", conversion);
        fl_value value;
        uint64_t bits = check_random(&state);
        if (conversion == 'd') {
            value = integer((int64_t)bits >> (choice >> 40 & 63));
            snprintf(want, sizeof want, format, width, precision,
                     (long long)value.of.integer);
        } else {
            memcpy(&value.of.real, &bits, sizeof bits);
            if (!isfinite(value.of.real))
                continue;
            value = real(value.of.real);
            snprintf(want, sizeof want, format, width, precision, value.of.real);
        }
        GIVES(want, value,
              number(conversion, flags, left ? FL_LEFT : FL_RIGHT, width, precision));
    }
}

/* *op* makes *count* bytes of *value*: its fill, again and again, and then *end*. */
static void check_long(fl_op op, fl_value value, size_t count, const char *end)
{
    fl_program program;
    fl_buffer out;
    fl_program_init(&program);
    fl_buffer_init(&out);
    CHECK_EQUAL(fl_program_add(&program, &op), 0);
    CHECK_EQUAL(fl_program_run(&program, &value, &out), 0);
    CHECK_EQUAL(out.size, count);
    size_t size = strlen(end);
    CHECK_TEXT(out.data + count - size, size, end);
    for (size_t i = 0; i + size < count; i += op.fill_size)
        CHECK(memcmp(out.data + i, op.fill, op.fill_size) == 0);
    fl_buffer_free(&out);
    fl_program_free(&program);
}

static void large_widths_and_precisions_fit(void)
{
    check_long(str(FL_RIGHT, 1000000, -1), text("é"), 1000001, "é");
    check_long(filled(str(FL_RIGHT, 250000, -1), "🎉"), text("é"), 999998, "é");
    check_long(number('d', 0, FL_RIGHT, 99999, -1), integer(INT64_MIN), 99999,
               "-9223372036854775808");
    check_long(filled(number('d', FL_ZERO, FL_RIGHT, 99999, -1), "0"), integer(7),
               99999, "07");
    check_long(filled(number('d', 0, FL_RIGHT, 0, 99999), "0"), integer(7), 99999,
               "07");
    check_long(number('f', 0, FL_RIGHT, 5000, FL_PRECISION_MAX), real(-0.5), 5000,
               "-0.50000000000000000000000000000000000000000000000000"
               "00000000000000000000000000000000000000000000000000");
}

static void literals_and_values_alternate(void)
{
    fl_program program;
    fl_buffer out;
    fl_program_init(&program);
    fl_buffer_init(&out);
    fl_op name = plain(), level = str(FL_LEFT, 8, -1);
    fl_op line = number('d', 0, FL_RIGHT, 0, -1);
    level.value = 2;
    line.value = 1;
    CHECK_EQUAL(fl_program_add_literal(&program, "", 0), 0);
    CHECK_EQUAL(program.count, 0);
    CHECK_EQUAL(fl_program_add_literal(&program, "[", 1), 0);
    CHECK_EQUAL(fl_program_add(&program, &level), 0);
    CHECK_EQUAL(fl_program_add_literal(&program, "] ", 2), 0);
    CHECK_EQUAL(fl_program_add(&program, &name), 0);
    CHECK_EQUAL(fl_program_add_literal(&program, ":\0:", 3), 0);
    CHECK_EQUAL(fl_program_add(&program, &line), 0);
    CHECK_EQUAL(fl_program_add(&program, &name), 0);
    CHECK_EQUAL(fl_program_add_literal(&program, "€\n", 4), 0);

    fl_value values[] = {text("app.é"), integer(12), text("INFO")};
    const char want[] = "[INFO    ] app.é:\0:12app.é€\n";
    for (size_t run = 1; run <= 200; run++) { /* out of its local bytes, too */
        CHECK_EQUAL(fl_program_run(&program, values, &out), 0);
        CHECK_EQUAL(out.size, run * (sizeof want - 1));
        CHECK(memcmp(out.data + out.size - (sizeof want - 1), want, sizeof want - 1) ==
              0);
    }
    CHECK(out.data != out.local);
    for (size_t run = 0; run < 200; run++)
        CHECK(memcmp(out.data + run * (sizeof want - 1), want, sizeof want - 1) == 0);

    /* What was there before a refusal stays, and so does the program's use. */
    size_t before = out.size;
    values[1] = text("no number");
    CHECK_EQUAL(fl_program_run(&program, values, &out), -ENOTSUP);
    CHECK(out.size >= before);
    CHECK(memcmp(out.data, want, sizeof want - 1) == 0);
    out.size = 0;
    values[1] = integer(12);
    CHECK_EQUAL(fl_program_run(&program, values, &out), 0);
    CHECK_EQUAL(out.size, sizeof want - 1);
    fl_buffer_free(&out);
    fl_program_free(&program);
}

static void a_program_may_be_long_or_empty(void)
{
    fl_program program;
    fl_buffer out;
    fl_program_init(&program);
    fl_buffer_init(&out);
    CHECK_EQUAL(fl_program_run(&program, NULL, &out), 0);
    CHECK_EQUAL(out.size, 0);

    for (int i = 0; i < 5000; i++) {
        char literal[16];
        int size = snprintf(literal, sizeof literal, "%d:", i);
        CHECK_EQUAL(fl_program_add_literal(&program, literal, (size_t)size), 0);
        fl_op op = plain();
        op.value = (uint32_t)i % 2;
        CHECK_EQUAL(fl_program_add(&program, &op), 0);
    }
    CHECK_EQUAL(program.count, 10000);
    fl_value values[] = {text("<"), just(FL_TRUE)};
    CHECK_EQUAL(fl_program_run(&program, values, &out), 0);
    const char *at = out.data;
    for (int i = 0; i < 5000; i++) {
        char want[24];
        int size = snprintf(want, sizeof want, "%d:%s", i, i % 2 ? "True" : "<");
        CHECK(memcmp(at, want, (size_t)size) == 0);
        at += size;
    }
    CHECK(at == out.data + out.size);
    fl_buffer_free(&out);
    fl_program_free(&program);
    fl_program_free(&program);
}

static void a_literal_beyond_the_index_is_refused(void)
{
    fl_program program;
    fl_program_init(&program);
    CHECK_EQUAL(fl_program_add_literal(&program, "a", 1), 0);
    CHECK_EQUAL(fl_program_add_literal(&program, "", UINT32_MAX / 4), -ENOTSUP);
    CHECK_EQUAL(fl_program_add_literal(&program, "", SIZE_MAX), -ENOTSUP);
    CHECK_EQUAL(program.count, 1);
    CHECK_EQUAL(program.literals_size, 1);
    fl_program_free(&program);
}

/* A line of 1020 to 1028 bytes ends on both sides of the buffer's local bytes. */
static void each_opcode_may_meet_the_end_of_the_local_bytes(void)
{
    fl_op ops[] = {
        plain(),
        str(FL_CENTER, 8, 2),
        number('d', 0, FL_RIGHT, 0, -1),
        number('d', FL_PLUS, FL_RIGHT, 0, -1),
        number('d', FL_ZERO, FL_RIGHT, 8, -1),
        number('f', 0, FL_RIGHT, 0, 2),
        number('f', 0, FL_LEFT, 8, 2),
    };
    const char *wants[] = {"1234",     "   12   ", "1234",    "+1234",
                           "00001234", "1234.00",  "1234.00 "};
    static char filler[FL_LOCAL_BYTES];
    memset(filler, 'f', sizeof filler);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        for (size_t before = FL_LOCAL_BYTES - 12; before <= FL_LOCAL_BYTES; before++) {
            fl_program program;
            fl_buffer out;
            fl_program_init(&program);
            fl_buffer_init(&out);
            fl_value value = integer(1234);
            CHECK_EQUAL(fl_program_add_literal(&program, filler, before), 0);
            CHECK_EQUAL(fl_program_add(&program, &ops[i]), 0);
            CHECK_EQUAL(fl_program_add_literal(&program, "\n", 1), 0);
            CHECK_EQUAL(fl_program_run(&program, &value, &out), 0);
            CHECK(memcmp(out.data, filler, before) == 0);
            CHECK_EQUAL(out.data[out.size - 1], '\n');
            CHECK_TEXT(out.data + before, out.size - before - 1, wants[i]);
            fl_buffer_free(&out);
            fl_program_free(&program);
        }
}

int main(void)
{
    plain_is_str();
    text_is_padded_to_its_width_in_code_points();
    text_is_cut_between_code_points();
    integers_are_those_of_the_percent_operator();
    a_float_is_an_integer_for_d_alone();
    floats_are_those_of_the_percent_operator();
    a_strict_conversion_takes_its_own_type_alone();
    an_unknown_opcode_is_refused();
    numbers_are_those_of_printf();
    large_widths_and_precisions_fit();
    literals_and_values_alternate();
    a_program_may_be_long_or_empty();
    a_literal_beyond_the_index_is_refused();
    each_opcode_may_meet_the_end_of_the_local_bytes();
    return 0;
}
