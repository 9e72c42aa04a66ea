#include "_writer/text.h"

#include <errno.h>
#include <stdlib.h>

void fl_buffer_free(fl_buffer *buffer)
{
    if (buffer->data != buffer->local)
        free(buffer->data);
    fl_buffer_init(buffer);
}

int fl_buffer_grow(fl_buffer *buffer, size_t more)
{
    if (more > SIZE_MAX / 4 - buffer->size)
        return -ENOMEM;
    size_t capacity = 2 * (buffer->size + more);
    char *data;
    if (buffer->data == buffer->local) {
        data = malloc(capacity);
        if (data != NULL)
            memcpy(data, buffer->local, buffer->size);
    } else {
        data = realloc(buffer->data, capacity);
    }
    if (data == NULL)
        return -ENOMEM;
    buffer->data = data;
    buffer->capacity = capacity;
    return 0;
}

int fl_put_fill(fl_buffer *buffer, const char *fill, size_t fill_size, size_t times)
{
    if (fill_size != 0 && times > SIZE_MAX / 8 / fill_size)
        return -ENOMEM;
    int status = fl_buffer_reserve(buffer, fill_size * times);
    if (status < 0)
        return status;
    for (; times > 0; times--) {
        memcpy(buffer->data + buffer->size, fill, fill_size);
        buffer->size += fill_size;
    }
    return 0;
}

char *fl_digits(uint64_t magnitude, unsigned base, bool upper, char *end)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    if (base == 10) {
        do {
            *--end = (char)('0' + magnitude % 10);
            magnitude /= 10;
        } while (magnitude != 0);
    } else {
        unsigned shift = base == 16 ? 4 : 3;
        do {
            *--end = digits[magnitude & (base - 1)];
            magnitude >>= shift;
        } while (magnitude != 0);
    }
    return end;
}

size_t fl_code_points(const char *data, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)data[i] & 0xC0) != 0x80;
    return count;
}

size_t fl_code_point_bytes(const char *data, size_t size, size_t chars)
{
    size_t i = 0;
    while (i < size) {
        if (((unsigned char)data[i] & 0xC0) != 0x80) {
            if (chars == 0)
                break;
            chars--;
        }
        i++;
    }
    return i;
}
