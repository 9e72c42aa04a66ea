// Floats to text: digits from std::to_chars, laid out as Python's repr() does.
// Threads: pure functions. Memory: none. No locale is consulted.

#include <charconv>
#include <cmath>
#include <cstring>

extern "C" {
#include "_writer/text.h"
}

namespace
{

size_t copy(char *out, const char *text)
{
    size_t size = std::strlen(text);
    std::memcpy(out, text, size);
    return size;
}

} // namespace

extern "C" size_t fl_float_repr(double value, char *out)
{
    if (std::isnan(value))
        return copy(out, "nan");
    if (std::isinf(value))
        return copy(out, value < 0 ? "-inf" : "inf");

    // d.ddde±xx: the shortest digits that read back as the same float.
    char shortest[40];
    auto end = std::to_chars(shortest, shortest + sizeof shortest, value,
                             std::chars_format::scientific)
                   .ptr;
    char *cursor = shortest;
    char *start = out;
    if (*cursor == '-')
        *out++ = *cursor++;
    char digits[24];
    int count = 0;
    for (; cursor < end && *cursor != 'e'; cursor++)
        if (*cursor != '.')
            digits[count++] = *cursor;
    int exponent = 0;
    bool negative = cursor + 1 < end && cursor[1] == '-';
    for (cursor += 2; cursor < end; cursor++)
        exponent = exponent * 10 + (*cursor - '0');
    if (negative)
        exponent = -exponent;

    if (exponent < -4 || exponent >= 16) {
        *out++ = digits[0];
        if (count > 1) {
            *out++ = '.';
            std::memcpy(out, digits + 1, count - 1);
            out += count - 1;
        }
        *out++ = 'e';
        *out++ = exponent < 0 ? '-' : '+';
        unsigned magnitude = exponent < 0 ? -exponent : exponent;
        if (magnitude < 10)
            *out++ = '0';
        out = std::to_chars(out, out + 4, magnitude).ptr;
    } else if (exponent < 0) {
        *out++ = '0';
        *out++ = '.';
        for (int zeros = -exponent - 1; zeros > 0; zeros--)
            *out++ = '0';
        std::memcpy(out, digits, count);
        out += count;
    } else {
        for (int i = 0; i <= exponent; i++)
            *out++ = i < count ? digits[i] : '0';
        *out++ = '.';
        if (count > exponent + 1) {
            std::memcpy(out, digits + exponent + 1, count - exponent - 1);
            out += count - exponent - 1;
        } else {
            *out++ = '0';
        }
    }
    return out - start;
}

namespace
{

constexpr int FIXED_PRECISION_MAX = 9;
constexpr double FIXED_VALUE_MAX = 1e9;

// "%.{precision}f" for small numbers, exactly: mantissa * 10^precision fits in 128
// bits, and what is shifted out of it says how to round, ties to even.
size_t fixed_printf(double value, int precision, char *out)
{
    static const uint64_t powers[FIXED_PRECISION_MAX + 1] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    int exponent;
    double fraction = std::frexp(value, &exponent); // value = fraction * 2^exponent
    uint64_t mantissa = static_cast<uint64_t>(std::ldexp(fraction, 53));
    int shift = 53 - exponent; // value = mantissa / 2^shift; at least 23
    unsigned __int128 scaled =
        static_cast<unsigned __int128>(mantissa) * powers[precision];
    uint64_t number;
    if (shift > 100) {
        number = 0; // scaled is less than 2^83: far below a half
    } else {
        unsigned __int128 half = static_cast<unsigned __int128>(1) << (shift - 1);
        unsigned __int128 rest = scaled & ((half << 1) - 1);
        number = static_cast<uint64_t>(scaled >> shift);
        if (rest > half || (rest == half && (number & 1)))
            number++;
    }
    char digits[24];
    char *end = digits + sizeof digits;
    char *begin = fl_digits(number, 10, false, end);
    while (end - begin <= precision)
        *--begin = '0';
    size_t whole = end - begin - precision;
    std::memcpy(out, begin, whole);
    if (precision == 0)
        return whole;
    out[whole] = '.';
    std::memcpy(out + whole + 1, begin + whole, precision);
    return whole + 1 + precision;
}

} // namespace

extern "C" size_t fl_float_printf(double value, char kind, int precision, char *out)
{
    if (kind == 'f' && precision <= FIXED_PRECISION_MAX && !std::signbit(value) &&
        value < FIXED_VALUE_MAX)
        return fixed_printf(value, precision, out);
    std::chars_format format = kind == 'e'   ? std::chars_format::scientific
                               : kind == 'f' ? std::chars_format::fixed
                                             : std::chars_format::general;
    return std::to_chars(out, out + FL_FLOAT_BYTES, value, format, precision).ptr - out;
}
