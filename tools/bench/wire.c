/* Buffers, WebSocket frames, clocks.
 *
 * 1. A frame is used where it lies: nothing is copied to be looked at.
 * 2. One call reads once or writes once; who calls decides how often.
 */
#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        fail("memory");
    return memory;
}

size_t buffer_used(const struct buffer *b)
{
    return b->end - b->start;
}

static void buffer_compact(struct buffer *b)
{
    if (b->start) {
        memmove(b->bytes, b->bytes + b->start, buffer_used(b));
        b->end -= b->start;
        b->start = 0;
    }
}

char *buffer_reserve(struct buffer *b, size_t more)
{
    if (b->end + more > b->room)
        buffer_compact(b);
    if (b->end + more > b->room) {
        b->room = (b->end + more) * 2;
        b->bytes = realloc(b->bytes, b->room);
        if (!b->bytes)
            fail("memory");
    }
    return b->bytes + b->end;
}

void buffer_append(struct buffer *b, const void *bytes, size_t length)
{
    memcpy(buffer_reserve(b, length), bytes, length);
    b->end += length;
}

void buffer_text(struct buffer *b, const char *text)
{
    buffer_append(b, text, strlen(text));
}

void buffer_use(struct buffer *b, size_t length)
{
    b->start += length;
    if (b->start == b->end)
        b->start = b->end = 0;
}

void buffer_free(struct buffer *b)
{
    free(b->bytes);
    memset(b, 0, sizeof *b);
}

static bool for_now(void)
{
    return errno == EAGAIN || errno == EINTR;
}

bool buffer_read(struct buffer *b, int socket)
{
    static char space[READ_BYTES];
    ssize_t got = recv(socket, space, sizeof space, 0);
    if (got <= 0)
        return got < 0 && for_now();
    buffer_append(b, space, (size_t)got);
    return true;
}

bool buffer_write(struct buffer *b, int socket)
{
    ssize_t sent = send(socket, b->bytes + b->start, buffer_used(b), MSG_NOSIGNAL);
    if (sent < 0)
        return for_now();
    buffer_use(b, (size_t)sent);
    return true;
}

bool span_is(struct span s, const char *text)
{
    return s.length == strlen(text) && memcmp(s.at, text, s.length) == 0;
}

bool span_equal(struct span a, struct span b)
{
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

static size_t read_length(const unsigned char *at, size_t bytes)
{
    size_t length = 0;
    while (bytes--)
        length = length << 8 | *at++;
    return length;
}

void frame_mask(char *payload, size_t length, uint32_t mask)
{
    uint64_t wide = (uint64_t)mask << 32 | mask, part;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        memcpy(&part, payload + i, 8);
        part ^= wide;
        memcpy(payload + i, &part, 8);
    }
    for (; i < length; i++)
        payload[i] ^= (char)(mask >> 8 * (i & 3));
}

int frame_take(struct buffer *b, struct frame *f)
{
    const unsigned char *head = (const unsigned char *)b->bytes + b->start;
    size_t used = buffer_used(b), size = 2;
    if (used < size)
        return 0;
    if (!(head[0] & 0x80))
        return -1; /* fragments: none of our programs sends them */
    size_t length = head[1] & 127, extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    size_t masked = head[1] & 0x80 ? 4 : 0;
    size += extended + masked;
    if (used < size)
        return 0;
    if (extended)
        length = read_length(head + 2, extended);
    if (length > READ_BYTES)
        return -1;
    if (used < size + length)
        return 0;
    *f = (struct frame){head[0] & 15, (char *)head + size, length};
    if (masked) {
        uint32_t mask;
        memcpy(&mask, head + size - 4, 4);
        frame_mask(f->payload, length, mask);
    }
    buffer_use(b, size + length);
    return 1;
}

size_t frame_head(char head[HEAD_MOST], int opcode, size_t length, uint32_t mask)
{
    size_t size = 2;
    head[0] = (char)(0x80 | opcode);
    head[1] = (char)(length < 126 ? length : 126);
    if (length >= 126) {
        head[2] = (char)(length >> 8);
        head[3] = (char)length;
        size = 4;
    }
    if (mask) {
        head[1] = (char)(head[1] | 0x80);
        memcpy(head + size, &mask, 4);
        size += 4;
    }
    return size;
}

int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void stamp(int64_t ms, char text[25])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(text, 25, "%Y-%m-%dT%H:%M:%S", &utc);
    int milliseconds = (int)(ms % 1000);
    text[19] = '.';
    text[20] = (char)('0' + milliseconds / 100);
    text[21] = (char)('0' + milliseconds / 10 % 10);
    text[22] = (char)('0' + milliseconds % 10);
    text[23] = 'Z';
    text[24] = 0;
}
