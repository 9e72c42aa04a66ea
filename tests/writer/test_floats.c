/* floats.cpp: repr() against strtod and the shortest %e; %e %f %g against printf.
 *
 * The program never calls setlocale: printf and strtod work in the C locale. */
#include "_writer/text.h"

#include "check.h"

#include <float.h>
#include <math.h>

enum { ROUNDS = 1000000, EXACT_BYTES = 512 };

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The significant digits of *text*, without zeros before or after them, and the power
 * of ten that belongs to the first. */
static size_t significant(const char *text, char *digits, int *exponent)
{
    size_t count = 0;
    int before_point = 0, zeros = 0;
    bool point = false;
    for (; *text != 0 && *text != 'e'; text++) {
        if (*text == '.') {
            point = true;
        } else if (*text >= '0' && *text <= '9') {
            before_point += !point;
            if (count > 0 || *text != '0')
                digits[count++] = *text;
            else
                zeros++;
        }
    }
    while (count > 0 && digits[count - 1] == '0')
        count--;
    digits[count] = 0;
    *exponent = before_point - zeros - 1 + (*text == 'e' ? atoi(text + 1) : 0);
    return count;
}

/* Read back, it is the same float; no digit too many; the nearest such digits; and
 * the layout of Python's repr(). */
static void check_repr(double value)
{
    char place[FL_FLOAT_BYTES];
    memset(place, '#', sizeof place);
    size_t size = fl_float_repr(value, place);
    CHECK(size > 2 && size <= 24);
    for (size_t i = size; i < sizeof place; i++)
        CHECK_EQUAL(place[i], '#');
    place[size] = 0;
    char *end;
    CHECK(to_bits(strtod(place, &end)) == to_bits(value));
    CHECK(end == place + size);
    if (value == 0) {
        CHECK_TEXT(place, size, signbit(value) ? "-0.0" : "0.0");
        return;
    }

    char digits[40], nearest[40], exact[40];
    int exponent, other;
    size_t count = significant(place, digits, &exponent);
    CHECK(count >= 1 && count <= 17);
    /* A power of two has less room below it than above: the shortest digits need not
     * be those of printf with as many. */
    if ((to_bits(value) & 0xFFFFFFFFFFFFF) != 0) {
        snprintf(exact, sizeof exact, "%.*e", (int)count - 1, value);
        CHECK_EQUAL(significant(exact, nearest, &other), count);
        CHECK_TEXT(nearest, count, digits);
        CHECK_EQUAL(other, exponent);
    }
    if (count > 1) {
        snprintf(exact, sizeof exact, "%.*e", (int)count - 2, value);
        CHECK(strtod(exact, NULL) != value);
    }

    char want[80];
    const char *sign = signbit(value) ? "-" : "";
    if (exponent < -4 || exponent >= 16)
        snprintf(want, sizeof want, "%s%c%s%se%+03d", sign, digits[0],
                 count > 1 ? "." : "", digits + 1, exponent);
    else if (exponent < 0)
        snprintf(want, sizeof want, "%s0.%.*s%s", sign, -exponent - 1, "000", digits);
    else if ((int)count <= exponent + 1)
        snprintf(want, sizeof want, "%s%s%.*s.0", sign, digits,
                 exponent + 1 - (int)count, "000000000000000");
    else
        snprintf(want, sizeof want, "%s%.*s.%s", sign, exponent + 1, digits,
                 digits + exponent + 1);
    CHECK_TEXT(place, size, want);
}

static void check_printf(double value, char kind, int precision)
{
    char place[FL_FLOAT_BYTES], want[EXACT_BYTES];
    char format[] = {'%', '.', '*', kind, 0};
    snprintf(want, sizeof want, format, precision, value);
    size_t size = fl_float_printf(value, kind, precision, place);
    CHECK(size <= FL_FLOAT_BYTES);
    CHECK_TEXT(place, size, want);
}

static void check_float(double value, uint64_t *state)
{
    uint64_t choice = check_random(state);
    if (choice >> 40 & 1)
        value = -value;
    check_repr(value);
    /* Mostly what people write; sometimes anything allowed. */
    int most = choice >> 32 & 15 ? 18 : FL_PRECISION_MAX + 1;
    check_printf(value, "efg"[choice % 3], (int)(choice >> 48) % most);
}

static void check_every_precision(double value)
{
    for (int precision = 0; precision <= FL_PRECISION_MAX; precision++)
        for (const char *kind = "efg"; *kind != 0; kind++) {
            check_printf(value, *kind, precision);
            check_printf(-value, *kind, precision);
        }
}

static void repr_is_what_python_says(void)
{
    static const struct {
        double value;
        const char *want;
    } known[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100.0, "100.0"},
        {123456.789, "123456.789"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {0.00012345, "0.00012345"},
        {1e15, "1000000000000000.0"},
        {1e16, "1e+16"},
        {9999999999999998.0, "9999999999999998.0"},
        {12345678901234567.0, "1.2345678901234568e+16"},
        {9007199254740993.0, "9007199254740992.0"},
        {1e22, "1e+22"},
        {1e23, "1e+23"},
        {1e100, "1e+100"},
        {-2.5e-100, "-2.5e-100"},
        {5e-324, "5e-324"},
        {2.225073858507201e-308, "2.225073858507201e-308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {0x1p-44, "5.684341886080802e-14"},
        {0x1p+62, "4.611686018427388e+18"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
    };
    char place[FL_FLOAT_BYTES];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CHECK_TEXT(place, fl_float_repr(known[i].value, place), known[i].want);
    CHECK_TEXT(place, fl_float_repr(from_bits(0x7FF8000000000000u), place), "nan");
    CHECK_TEXT(place, fl_float_repr(from_bits(0xFFF8000000000000u), place), "nan");
    CHECK_TEXT(place, fl_float_repr(from_bits(0x7FF0000000000001u), place), "nan");
}

static void every_exponent_is_written_well(void)
{
    uint64_t state = 3;
    for (uint64_t exponent = 0; exponent < 0x7FF; exponent++) {
        check_float(from_bits(exponent << 52), &state);
        check_float(from_bits(exponent << 52 | 1), &state);
        check_float(from_bits(exponent << 52 | 0xFFFFFFFFFFFFF), &state);
    }
    for (int power = -323; power <= 308; power++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", power);
        double value = strtod(text, NULL);
        check_float(value, &state);
        check_float(nextafter(value, 0), &state);
        check_float(nextafter(value, INFINITY), &state);
    }
}

static void the_longest_fit_with_every_precision(void)
{
    static const double values[] = {
        0.0, DBL_MAX, DBL_MIN, 5e-324, 1.0, 0.5, 9.5, 99999.5, 999999.5, 0.1, 1e15,
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        check_every_precision(values[i]);
}

static void halves_are_rounded_to_even(void)
{
    for (int i = 0; i < 20000; i++) {
        double value = i * 0.125;
        check_repr(value);
        for (int precision = 0; precision < 4; precision++)
            for (const char *kind = "efg"; *kind != 0; kind++)
                check_printf(value, *kind, precision);
    }
}

/* An odd number of 2^-(precision+1) lies exactly between two results. */
static void ties_are_rounded_to_even_at_every_precision(void)
{
    uint64_t state = 6;
    for (int i = 0; i < ROUNDS / 10; i++) {
        int precision = i % 20;
        uint64_t odd = check_random(&state) >> (12 + check_random(&state) % 52) | 1;
        double tie = ldexp((double)odd, -precision - 1);
        check_printf(tie, 'f', precision);
        check_printf(-tie, 'f', precision);
        check_printf(nextafter(tie, 0), 'f', precision);
        check_printf(nextafter(tie, INFINITY), 'f', precision);
    }
    /* Carries through all digits, and where a shorter way may end. */
    for (int power = 0; power <= 18; power++) {
        double value = pow(10, power);
        for (int precision = 0; precision < 20; precision++)
            for (const char *kind = "efg"; *kind != 0; kind++) {
                check_printf(value, *kind, precision);
                check_printf(nextafter(value, 0), *kind, precision);
                check_printf(nextafter(value, INFINITY), *kind, precision);
                check_printf(value - 0.5, *kind, precision);
            }
    }
}

static void a_million_floats_are_written_well(void)
{
    uint64_t state = 4;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t bits = check_random(&state);
        double value;
        switch (i % 4) {
        case 0: /* any bits at all */
            value = from_bits(bits & INT64_MAX);
            break;
        case 1: /* what durations and ratios look like */
            value = (double)(bits >> 11) * 0x1p-53;
            break;
        case 2: /* what prices look like: few decimals */
            value = (double)(bits >> 40) / 100;
            break;
        default: /* about one, in every direction */
            value = ldexp((double)(bits >> 11), -(int)(bits & 127));
        }
        if (isfinite(value))
            check_float(value, &state);
    }
}

int main(void)
{
    repr_is_what_python_says();
    every_exponent_is_written_well();
    the_longest_fit_with_every_precision();
    halves_are_rounded_to_even();
    ties_are_rounded_to_even_at_every_precision();
    a_million_floats_are_written_well();
    return 0;
}
