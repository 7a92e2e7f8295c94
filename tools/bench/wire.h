/* What both ends of the wire need: buffers, digests, WebSocket frames, clocks.
 *
 * 1. Nothing here knows what a message is.
 * 2. Running out of memory ends the program: it is a measuring instrument.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPCODE_TEXT = 1, OPCODE_CLOSE = 8, OPCODE_PING = 9, OPCODE_PONG = 10 };
enum { HEAD_MOST = 14, READ_BYTES = 65536 };

/* Bytes on their way: those from `start` to `end` are still to be used. */
struct buffer {
    char *bytes;
    size_t start, end, room;
};

/* A part of somebody else's bytes. */
struct span {
    const char *at;
    size_t length;
};

/* A whole frame, unmasked, inside the buffer that it came in. */
struct frame {
    int opcode;
    char *payload;
    size_t length;
};

void fail(const char *what);
void *allocate(size_t count, size_t size);

size_t buffer_used(const struct buffer *b);
char *buffer_reserve(struct buffer *b, size_t more);
void buffer_append(struct buffer *b, const void *bytes, size_t length);
void buffer_text(struct buffer *b, const char *text);
void buffer_use(struct buffer *b, size_t length);
void buffer_free(struct buffer *b);
/* Read once what has come; false at the end of the connection. */
bool buffer_read(struct buffer *b, int socket);
/* Write once what waits; false when the connection is gone. */
bool buffer_write(struct buffer *b, int socket);

bool span_is(struct span s, const char *text);
bool span_equal(struct span a, struct span b);

void sha1(const void *data, size_t length, unsigned char digest[20]);
/* The digest in hexadecimal, with a zero behind it. */
void sha256_hex(const void *data, size_t length, char hex[65]);
void base64(const unsigned char *data, size_t length, char *text);
/* Sec-WebSocket-Accept for a key (RFC 6455, section 4.2.2). */
void accept_key(struct span key, char text[29]);

/* Take the next whole frame: 1 taken, 0 not yet there, -1 not a frame that we understand. */
int frame_take(struct buffer *b, struct frame *f);
/* The head of a final frame; gives its length. A mask of 0: none. */
size_t frame_head(char head[HEAD_MOST], int opcode, size_t length, uint32_t mask);
void frame_mask(char *payload, size_t length, uint32_t mask);

int64_t clock_ns(void);
int64_t wall_ms(void);
/* RFC 3339 in UTC to the millisecond: 24 characters and a zero. */
void stamp(int64_t ms, char text[25]);

#endif
