/* The client of the load. */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct counts counts;

/* --------------------------------------------------------------------------------------------------------- opening */

static void read_client(struct client *c, FILE *file)
{
    if (fscanf(file, "%95s %32s %lld %zu", c->token, c->user, &c->me, &c->place_count) != 4 || !c->place_count)
        fail("too few clients");
    c->places = allocate(c->place_count, sizeof *c->places);
    for (struct place *p = c->places; p < c->places + c->place_count; p++)
        if (fscanf(file, "%32s %lld", p->session, &p->number) != 2 || strlen(p->session) != strlen(c->places->session))
            fail("a client without its sessions");
}

void clients_read(struct client *clients, size_t count, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path);
    for (size_t i = 0; i < count; i++)
        read_client(&clients[i], file);
    fclose(file);
}

static void connect_to(struct client *c, int port)
{
    int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->socket < 0)
        fail("socket");
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connect(c->socket, (struct sockaddr *)&address, sizeof address); /* What became of it, the first write tells. */
}

void client_open(struct client *c, int port)
{
    char request[512];
    snprintf(request, sizeof request,
             "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Protocol: parlour.v1\r\nAuthorization: Bearer %s\r\n\r\n",
             port, c->token);
    connect_to(c, port);
    buffer_text(&c->out, request);
    c->state = UPGRADING;
}

void client_close(struct client *c)
{
    close(c->socket);
    buffer_free(&c->in);
    buffer_free(&c->out);
    c->pending_count = 0;
    c->stuck = false;
    c->state = CLOSED;
}

static void note_error(const char *what, struct span text)
{
    if (!counts.first_error[0])
        snprintf(counts.first_error, sizeof counts.first_error, "%s%.*s", what, (int)text.length, text.at);
}

static bool upgraded(struct client *c)
{
    char *from = c->in.bytes + c->in.start, *end = memmem(from, buffer_used(&c->in), "\r\n\r\n", 4);
    if (!end)
        return false;
    if (strncmp(from, "HTTP/1.1 101", 12)) {
        c->state = CLOSED;
        note_error("handshake refused: ", (struct span){from, buffer_used(&c->in)});
        counts.refused++;
        return false;
    }
    buffer_use(&c->in, (size_t)(end + 4 - from));
    c->state = WELCOMING;
    return true;
}

/* --------------------------------------------------------------------------------------------------------- sending */

static void append_frame(struct client *c, int opcode, const char *payload, size_t length)
{
    static uint32_t mask = 2463534242u;
    char head[HEAD_MOST];
    mask ^= mask << 13, mask ^= mask >> 17, mask ^= mask << 5;
    buffer_append(&c->out, head, frame_head(head, opcode, length, mask));
    buffer_append(&c->out, payload, length);
    frame_mask(c->out.bytes + c->out.end - length, length, mask);
}

static void resume(struct client *c, struct span welcome)
{
    static struct buffer text;
    char part[128], *epoch = memmem(welcome.at, welcome.length, "\"Epoch\":\"", 9);
    int length = epoch ? (int)strcspn(epoch + 9, "\"") : 0;
    text.start = text.end = 0;
    snprintf(part, sizeof part, "{\"type\":\"Resume\",\"Epoch\":\"%.*s\",\"Me\":%lld,\"Sessions\":", length,
             epoch ? epoch + 9 : "", c->me);
    buffer_text(&text, part);
    for (size_t i = 0; i < c->place_count; i++) {
        snprintf(part, sizeof part, "%s\"%s\":%lld", i ? "," : "{", c->places[i].session, c->places[i].number);
        buffer_text(&text, part);
    }
    buffer_text(&text, "}}");
    append_frame(c, OPCODE_TEXT, text.bytes, buffer_used(&text));
    c->state = RESUMING;
}

static size_t part(struct client *c, const char *text)
{
    size_t length = strlen(text);
    memcpy(c->template + c->length, text, length);
    return c->length += length;
}

static void make_template(struct client *c)
{
    static const char words[] = "and so we sat in the parlour until the rain was over and talked of nothing in "
                                "particular, as one does among friends, while somebody made tea and the clock ";
    char data[DATA + 1];
    for (int i = 0; i < DATA; i++)
        data[i] = words[(size_t)i % (sizeof words - 1)];
    data[DATA] = 0;
    c->session_at = part(c, "{\"type\":\"Message\",\"SessionID\":\"");
    part(c, c->places->session);
    c->nonce_at = part(c, "\",\"Nonce\":\"");
    part(c, "-----------------");
    c->data_at = part(c, "\",\"Message\":{\"data\":\"");
    part(c, data);
    c->time_at = part(c, "\",\"TimeStamp\":\"");
    part(c, "2000-01-01T00:00:00.000Z\",\"Sender\":\"");
    part(c, c->user);
    part(c, "\"}}");
}

/* 7 characters of milliseconds that sort as they count, then 10 random ones. */
static void make_nonce(char *nonce, int64_t ms)
{
    static const char letters[] = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    static uint64_t chance;
    if (!chance)
        chance = (uint64_t)clock_ns() | 1;
    chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
    for (int i = 0; i < 7; i++)
        nonce[i] = letters[ms >> 6 * (6 - i) & 63];
    for (int i = 0; i < 10; i++)
        nonce[7 + i] = letters[chance >> 6 * i & 63];
}

static void remember(struct client *c, int64_t since)
{
    if (c->pending_count == c->pending_room) {
        c->pending_room = c->pending_room * 2 + 8;
        c->pending = realloc(c->pending, c->pending_room * sizeof *c->pending);
        if (!c->pending)
            fail("memory");
    }
    struct pending *p = &c->pending[c->pending_count++];
    memcpy(p->nonce, c->template + c->nonce_at, NONCE);
    p->since = since;
}

void client_send(struct client *c, int64_t since)
{
    static char time[25];
    static int64_t time_is;
    char number[16];
    int64_t ms = wall_ms();
    if (ms != time_is)
        stamp(time_is = ms, time);
    if (!c->length)
        make_template(c);
    const char *session = c->places[c->turn++ % (c->active ? c->active : c->place_count)].session;
    memcpy(c->template + c->session_at, session, strlen(session));
    make_nonce(c->template + c->nonce_at, ms);
    snprintf(number, sizeof number, "%10lld", counts.sent % 10000000000);
    memcpy(c->template + c->data_at, number, 10);
    memcpy(c->template + c->time_at, time, 24);
    remember(c, since);
    append_frame(c, OPCODE_TEXT, c->template, c->length);
    counts.sent++;
}

bool client_write(struct client *c)
{
    return !buffer_used(&c->out) || buffer_write(&c->out, c->socket);
}

/* --------------------------------------------------------------------------------------------------------- hearing */

static bool value_of(struct span frame, const char *name, struct span *value)
{
    size_t length = strlen(name);
    char *found = memmem(frame.at, frame.length, name, length);
    if (!found)
        return false;
    value->at = found + length;
    char *end = memchr(value->at, '"', (size_t)(frame.at + frame.length - value->at));
    value->length = end ? (size_t)(end - value->at) : 0;
    return end;
}

static void own(struct client *c, struct span nonce, acknowledged *heard)
{
    for (size_t i = 0; i < c->pending_count; i++) {
        struct pending *p = &c->pending[i];
        if (nonce.length == NONCE && memcmp(p->nonce, nonce.at, NONCE) == 0) {
            int64_t since = p->since;
            *p = c->pending[--c->pending_count];
            counts.acknowledged++;
            heard(c, since);
            return;
        }
    }
    counts.strays++;
}

/* Where this client stands in the session of a delivery, and the delivery's number; NULL: none of its sessions. */
static struct place *place_of(struct client *c, struct span frame, long long *number)
{
    size_t length = strlen(c->places->session);
    if (frame.length < length + 8 || memcmp(frame.at + 2 + length, "\":{\"", 4))
        return NULL;
    *number = strtoll(frame.at + length + 6, NULL, 10);
    for (struct place *p = c->places; p < c->places + c->place_count; p++)
        if (memcmp(p->session, frame.at + 2, length) == 0)
            return p;
    return NULL;
}

/* {"SessionID":{"MessageID":{"data":…,"Sender":…,"Nonce":…}}} */
static void on_delivery(struct client *c, struct span frame, acknowledged *heard)
{
    long long number = 0;
    struct span sender = {0}, nonce = {0};
    struct place *place = place_of(c, frame, &number);
    if (!place || !value_of(frame, "\",\"Sender\":\"", &sender) || !value_of(frame, "\",\"Nonce\":\"", &nonce)) {
        counts.strays++;
        return;
    }
    if (number != place->number + 1)
        counts.gaps++;
    place->number = number;
    if (span_is(sender, c->user))
        own(c, nonce, heard);
    else
        counts.delivered++;
}

static void on_error(struct span frame)
{
    counts.errors++;
    note_error("", frame);
}

static void on_typed(struct client *c, struct span frame)
{
    struct span type;
    if (!value_of(frame, "{\"type\":\"", &type))
        return;
    if (span_is(type, "Welcome") && c->state == WELCOMING)
        resume(c, frame);
    else if (span_is(type, "Resumed"))
        c->state = READY;
    else if (span_is(type, "Error") || span_is(type, "Reset"))
        on_error(frame);
}

static void on_frame(struct client *c, const struct frame *f, acknowledged *heard)
{
    struct span text = {f->payload, f->length};
    if (f->opcode == OPCODE_PING) {
        append_frame(c, OPCODE_PONG, f->payload, f->length);
    } else if (f->opcode == OPCODE_TEXT && f->length > 8 && memcmp(f->payload, "{\"type\":", 8) == 0) {
        on_typed(c, text);
    } else if (f->opcode == OPCODE_TEXT) {
        on_delivery(c, text, heard);
    } else if (f->opcode == OPCODE_CLOSE) {
        note_error("closed: ", (struct span){f->payload + 2, f->length > 2 ? f->length - 2 : 0});
        c->state = CLOSED;
    }
}

bool client_read(struct client *c, acknowledged *heard)
{
    struct frame f;
    int taken = 0;
    if (!buffer_read(&c->in, c->socket))
        return false;
    if (c->state == UPGRADING && !upgraded(c))
        return c->state != CLOSED;
    while (c->state != CLOSED && (taken = frame_take(&c->in, &f)) == 1)
        on_frame(c, &f, heard);
    if (taken < 0)
        fail("not a frame");
    return c->state != CLOSED;
}
