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

extern "C" size_t fl_float_printf(double value, char kind, int precision, char *out)
{
    std::chars_format format = kind == 'e'   ? std::chars_format::scientific
                               : kind == 'f' ? std::chars_format::fixed
                                             : std::chars_format::general;
    return std::to_chars(out, out + FL_FLOAT_BYTES, value, format, precision).ptr - out;
}
