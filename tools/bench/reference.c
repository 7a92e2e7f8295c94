/* The reference: what one core can do with the same tables and the same durability, in C and epoll.
 *
 * 1. A turn: read what has come, store it in one transaction, commit, then write once to each connection.
 * 2. Nothing goes out before the commit.
 * 3. It speaks as much of the protocol as the load does: handshake with token, Welcome, Resume, Resumed, Message.
 *
 * reference FILE PORT [PRAGMA …]; it ends at SIGTERM.
 */
#define _GNU_SOURCE
#include "keep.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 1024, CONNECTIONS = 65536, PLACES = 65536, REQUEST_MOST = 8192 };

struct connection {
    int socket;
    bool open, upgraded, waiting, stuck;
    struct user user;
    struct buffer in, out;
};

/* The connections that listen to one session. */
struct session {
    char id[ID_MOST + 1];
    int count, room;
    struct connection **listeners;
};

/* A stored message on its way: its frame in `frames`, told after the commit; to `only` one, or to the session. */
struct delivery {
    size_t start, length;
    struct session *session;
    struct connection *only;
};

static int poller, listening;
static volatile sig_atomic_t ending;
static struct connection *connections;
static struct session *sessions;
static struct buffer frames, payload;
static struct delivery *deliveries;
static size_t delivery_count, delivery_room;
static struct connection *dirty[CONNECTIONS];
static size_t dirty_count;

/* ------------------------------------------------------------------------------------------------------- sessions */

static struct session *session_at(struct span id)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < id.length; i++)
        hash = (hash ^ (unsigned char)id.at[i]) * 16777619u;
    struct session *s = &sessions[hash % PLACES];
    while (s->id[0] && !span_is(id, s->id))
        s = s == &sessions[PLACES - 1] ? sessions : s + 1;
    return s;
}

static void listen_to(void *who, const char *id)
{
    struct session *s = session_at((struct span){id, strlen(id)});
    snprintf(s->id, sizeof s->id, "%s", id);
    if (s->count == s->room) {
        s->room = s->room * 2 + 2;
        s->listeners = realloc(s->listeners, (size_t)s->room * sizeof *s->listeners);
        if (!s->listeners)
            fail("memory");
    }
    s->listeners[s->count++] = who;
}

static void leave(void *who, const char *id)
{
    struct session *s = session_at((struct span){id, strlen(id)});
    for (int i = 0; i < s->count; i++)
        if (s->listeners[i] == who)
            s->listeners[i--] = s->listeners[--s->count];
}

/* --------------------------------------------------------------------------------------------------- what goes out */

static void mark(struct connection *c)
{
    if (!c->waiting && !c->stuck) {
        c->waiting = true;
        dirty[dirty_count++] = c;
    }
}

static void say(struct connection *c, const char *text)
{
    char head[HEAD_MOST];
    buffer_append(&c->out, head, frame_head(head, OPCODE_TEXT, strlen(text), 0));
    buffer_text(&c->out, text);
    mark(c);
}

static void refuse(struct connection *c, const char *code)
{
    char text[160];
    snprintf(text, sizeof text, "{\"type\":\"Error\",\"Code\":\"%s\",\"Reason\":\"The reference refuses this.\"}", code);
    say(c, text);
}

static void drop(struct connection *c)
{
    keep_sessions(&c->user, leave, c);
    close(c->socket);
    buffer_free(&c->in);
    buffer_free(&c->out);
    memset(c, 0, sizeof *c);
}

static void watch(struct connection *c, int how, uint32_t what)
{
    struct epoll_event event = {.events = what, .data.ptr = c};
    epoll_ctl(poller, how, c->socket, &event);
}

static void flush(struct connection *c)
{
    c->waiting = false;
    if (!c->open)
        return;
    if (!buffer_write(&c->out, c->socket)) {
        drop(c);
        return;
    }
    bool stuck = buffer_used(&c->out) > 0;
    if (stuck != c->stuck)
        watch(c, EPOLL_CTL_MOD, EPOLLIN | (stuck ? EPOLLOUT : 0));
    c->stuck = stuck;
}

/* ------------------------------------------------------------------------------------------------------ a message */

static void remember(struct session *session, struct connection *only)
{
    char head[HEAD_MOST];
    size_t start = frames.end;
    buffer_append(&frames, head, frame_head(head, OPCODE_TEXT, buffer_used(&payload), 0));
    buffer_append(&frames, payload.bytes, buffer_used(&payload));
    if (delivery_count == delivery_room) {
        delivery_room = delivery_room * 2 + 1024;
        deliveries = realloc(deliveries, delivery_room * sizeof *deliveries);
        if (!deliveries)
            fail("memory");
    }
    deliveries[delivery_count++] = (struct delivery){start, frames.end - start, session, only};
}

static void on_message(struct connection *c, const struct message *m)
{
    static const char *const codes[] = {[NOT_YOU] = "not_you", [NOT_FOUND] = "not_found", [NONCE_REUSED] = "nonce_reused"};
    buffer_use(&payload, buffer_used(&payload));
    enum outcome outcome = keep_send(&c->user, m, &payload);
    if (outcome == SENT)
        remember(session_at(m->session), NULL);
    else if (outcome == REPEATED)
        remember(NULL, c);
    else
        refuse(c, codes[outcome]);
}

static void on_text(struct connection *c, struct frame *f)
{
    struct message m;
    enum kind kind = decode((struct span){f->payload, f->length}, &m);
    if (kind == MESSAGE)
        on_message(c, &m);
    else if (kind == RESUME)
        say(c, "{\"type\":\"Resumed\"}");
    else
        refuse(c, "malformed");
}

static void give(struct connection *c, const struct delivery *d)
{
    buffer_append(&c->out, frames.bytes + d->start, d->length);
    mark(c);
}

static void tell(const struct delivery *d)
{
    if (d->only && d->only->open)
        give(d->only, d);
    for (int i = 0; d->session && i < d->session->count; i++)
        give(d->session->listeners[i], d);
}

/* -------------------------------------------------------------------------------------------------- the handshake */

static struct span header(const char *request, const char *name)
{
    const char *found = strcasestr(request, name);
    if (!found)
        return (struct span){"", 0};
    found += strlen(name);
    found += strspn(found, " ");
    return (struct span){found, strcspn(found, "\r")};
}

static void answer(struct connection *c, const char *text)
{
    buffer_text(&c->out, text);
    mark(c);
}

static void welcome(struct connection *c)
{
    char text[400];
    snprintf(text, sizeof text,
             "{\"type\":\"Welcome\",\"UserID\":\"%s\",\"Username\":\"%s\",\"Epoch\":\"reference\",\"Heartbeat\":25,"
             "\"Limits\":{\"Message\":8000,\"Frame\":65536,\"InFlight\":32}}",
             c->user.id, c->user.name);
    say(c, text);
}

static void upgrade(struct connection *c, const char *request)
{
    char accepted[29], text[256];
    accept_key(header(request, "\r\nSec-WebSocket-Key:"), accepted);
    snprintf(text, sizeof text,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: parlour.v1\r\n\r\n",
             accepted);
    answer(c, text);
    c->upgraded = true;
    keep_sessions(&c->user, listen_to, c);
    welcome(c);
}

static void on_request(struct connection *c, char *request)
{
    struct span token = header(request, "\r\nAuthorization: Bearer");
    if (strncmp(request, "GET /readyz ", 12) == 0)
        answer(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    else if (keep_login(token, &c->user))
        upgrade(c, request);
    else
        answer(c, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
}

/* Take a whole request from what has come; false as long as there is none. */
static bool take_request(struct connection *c)
{
    char request[REQUEST_MOST + 1], *end = memmem(c->in.bytes + c->in.start, buffer_used(&c->in), "\r\n\r\n", 4);
    if (!end)
        return false;
    size_t length = (size_t)(end - (c->in.bytes + c->in.start)) + 4;
    if (length > REQUEST_MOST)
        return false;
    memcpy(request, end + 4 - length, length);
    request[length] = 0;
    buffer_use(&c->in, length);
    on_request(c, request);
    return true;
}

/* ---------------------------------------------------------------------------------------------------------- a turn */

static bool take_frames(struct connection *c)
{
    struct frame f;
    int taken;
    while ((taken = frame_take(&c->in, &f)) == 1) {
        if (f.opcode == OPCODE_CLOSE)
            return false;
        if (f.opcode == OPCODE_TEXT)
            on_text(c, &f);
    }
    return taken == 0;
}

static bool on_readable(struct connection *c)
{
    if (!buffer_read(&c->in, c->socket))
        return false;
    while (!c->upgraded)
        if (!take_request(c))
            return buffer_used(&c->in) <= REQUEST_MOST;
    return take_frames(c);
}

static void take_in(void)
{
    int socket, yes = 1;
    while ((socket = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (socket >= CONNECTIONS) {
            close(socket);
            continue;
        }
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        struct connection *c = &connections[socket];
        c->socket = socket;
        c->open = true;
        watch(c, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void on_event(const struct epoll_event *event)
{
    struct connection *c = event->data.ptr;
    if (!c) {
        take_in();
    } else if (c->open && event->events & EPOLLOUT) {
        flush(c);
    } else if (c->open && !on_readable(c)) {
        drop(c);
    }
}

static void tell_all(void)
{
    for (size_t i = 0; i < delivery_count; i++)
        tell(&deliveries[i]);
    delivery_count = 0;
    buffer_use(&frames, buffer_used(&frames));
    for (size_t i = 0; i < dirty_count; i++)
        flush(dirty[i]);
    dirty_count = 0;
}

static void serve(void)
{
    static struct epoll_event events[EVENTS];
    while (!ending) {
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++)
            on_event(&events[i]);
        keep_commit();
        tell_all();
    }
}

/* ------------------------------------------------------------------------------------------------------- beginning */

static void listen_on(int port)
{
    int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 4096))
        fail("port");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    poller = epoll_create1(0);
    epoll_ctl(poller, EPOLL_CTL_ADD, listening, &event);
}

static void end(int number)
{
    (void)number;
    ending = 1;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "reference FILE PORT [PRAGMA ...]\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGTERM, end);
    signal(SIGINT, SIG_IGN);
    connections = allocate(CONNECTIONS, sizeof *connections);
    sessions = allocate(PLACES, sizeof *sessions);
    keep_open(arguments[1], arguments + 3, count - 3);
    listen_on(atoi(arguments[2]));
    serve();
    keep_close();
    return 0;
}
