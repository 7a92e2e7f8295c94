/* A strict reader of JSON objects, and the two frames it knows. */
#include "decode.h"

#include <stdbool.h>
#include <string.h>

enum { SESSION_MOST = 32, NONCE_LEAST = 8, NONCE_MOST = 40, DATA_MOST = 8000, TIME_LEAST = 20, TIME_MOST = 38 };

struct cursor {
    const char *at, *end;
};

typedef bool field_reader(struct cursor *c, struct span name, struct message *m);

static void skip_space(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

static bool take(struct cursor *c, char expected)
{
    skip_space(c);
    if (c->at == c->end || *c->at != expected)
        return false;
    c->at++;
    return true;
}

static bool text(struct cursor *c, struct span *out)
{
    if (!take(c, '"'))
        return false;
    out->at = c->at;
    while (c->at < c->end && *c->at != '"') {
        unsigned char byte = (unsigned char)*c->at++;
        if (byte < 0x20 || byte >= 0x7f || byte == '\\')
            return false;
    }
    out->length = (size_t)(c->at - out->at);
    return take(c, '"');
}

static bool object(struct cursor *c, field_reader *field, struct message *m)
{
    struct span name;
    if (!take(c, '{'))
        return false;
    if (take(c, '}'))
        return true;
    do {
        if (!text(c, &name) || !take(c, ':') || !field(c, name, m))
            return false;
    } while (take(c, ','));
    return take(c, '}');
}

static bool number(struct cursor *c)
{
    skip_space(c);
    const char *first = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    return c->at > first;
}

static bool body_field(struct cursor *c, struct span name, struct message *m)
{
    if (span_is(name, "data"))
        return text(c, &m->data);
    if (span_is(name, "TimeStamp"))
        return text(c, &m->time);
    return span_is(name, "Sender") && text(c, &m->sender);
}

static bool position(struct cursor *c, struct span name, struct message *m)
{
    (void)m;
    return name.length <= SESSION_MOST && number(c);
}

static bool frame_field(struct cursor *c, struct span name, struct message *m)
{
    struct span ignored;
    if (span_is(name, "type"))
        return text(c, &m->type);
    if (span_is(name, "SessionID"))
        return text(c, &m->session);
    if (span_is(name, "Nonce"))
        return text(c, &m->nonce);
    if (span_is(name, "Message"))
        return object(c, body_field, m);
    if (span_is(name, "Epoch"))
        return text(c, &ignored);
    if (span_is(name, "Me"))
        return number(c);
    return span_is(name, "Sessions") && object(c, position, m);
}

static bool is_nonce(struct span s)
{
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i], lower = (char)(c | 0x20);
        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return s.length >= NONCE_LEAST && s.length <= NONCE_MOST;
}

static bool is_time(struct span s)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    if (s.length < TIME_LEAST || s.length > TIME_MOST)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? s.at[i] < '0' || s.at[i] > '9' : s.at[i] != shape[i])
            return false;
    return true;
}

static bool is_said(struct span s)
{
    size_t i = 0;
    while (i < s.length && s.at[i] == ' ')
        i++;
    return i < s.length && s.length <= DATA_MOST;
}

enum kind decode(struct span payload, struct message *m)
{
    struct cursor c = {payload.at, payload.at + payload.length};
    memset(m, 0, sizeof *m);
    if (!object(&c, frame_field, m))
        return UNREADABLE;
    skip_space(&c);
    if (c.at != c.end)
        return UNREADABLE;
    if (span_is(m->type, "Resume"))
        return RESUME;
    bool good = span_is(m->type, "Message") && m->session.length && m->session.length <= SESSION_MOST;
    return good && is_nonce(m->nonce) && is_time(m->time) && is_said(m->data) ? MESSAGE : UNREADABLE;
}
