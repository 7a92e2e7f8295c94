/* The statements of the reference. */
#include "keep.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum statement { BEGIN, COMMIT, LOGIN, SESSIONS, MEMBER, NONCE, HEAD, INSERT, STATEMENTS };

static const char *const SQL[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [LOGIN] = "SELECT u.UserID, u.Username FROM Logins l JOIN Users u ON u.UserID = l.UserID WHERE l.TokenHash = ?",
    [SESSIONS] = "SELECT SessionID FROM Members WHERE UserID = ?",
    [MEMBER] = "SELECT 1 FROM Members WHERE SessionID = ? AND UserID = ?",
    [NONCE] = "SELECT MessageID, Data, TimeStamp, ReceivedAt FROM Messages"
              " WHERE Nonce = ? AND SessionID = ? AND SenderID = ?",
    [HEAD] = "SELECT max(coalesce((SELECT max(MessageID) FROM Messages WHERE SessionID = ?1), 0),"
             " coalesce((SELECT max(Number) FROM Events WHERE Stream = ?1), 0))",
    [INSERT] = "INSERT INTO Messages (SessionID, MessageID, SenderID, Data, TimeStamp, ReceivedAt, Nonce)"
               " VALUES (?, ?, ?, ?, ?, ?, ?)",
};

static sqlite3 *database;
static sqlite3_stmt *prepared[STATEMENTS];
static bool writing;
static char now[25];

static void broken(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(database));
    exit(1);
}

void keep_open(const char *path, char **pragmas, int count)
{
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        broken(path);
    for (int i = 0; i < count; i++)
        if (sqlite3_exec(database, pragmas[i], NULL, NULL, NULL) != SQLITE_OK)
            broken(pragmas[i]);
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(database, SQL[i], -1, SQLITE_PREPARE_PERSISTENT, &prepared[i], NULL) != SQLITE_OK)
            broken(SQL[i]);
}

void keep_close(void)
{
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(prepared[i]);
    sqlite3_close(database);
}

static void bind(enum statement which, int place, struct span value)
{
    sqlite3_bind_text(prepared[which], place, value.at, (int)value.length, SQLITE_STATIC);
}

static struct span of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static struct span column(enum statement which, int place)
{
    const char *text = (const char *)sqlite3_column_text(prepared[which], place);
    return (struct span){text, (size_t)sqlite3_column_bytes(prepared[which], place)};
}

/* Whether there is a row (more). */
static bool step(enum statement which)
{
    int result = sqlite3_step(prepared[which]);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        broken(SQL[which]);
    return result == SQLITE_ROW;
}

static void done(enum statement which)
{
    sqlite3_reset(prepared[which]);
}

static void copy(char *to, struct span from)
{
    size_t length = from.length < ID_MOST ? from.length : ID_MOST;
    memcpy(to, from.at, length);
    to[length] = 0;
}

bool keep_login(struct span token, struct user *user)
{
    char hash[65];
    sha256_hex(token.at, token.length, hash);
    bind(LOGIN, 1, of(hash));
    bool found = step(LOGIN);
    if (found) {
        copy(user->id, column(LOGIN, 0));
        copy(user->name, column(LOGIN, 1));
    }
    done(LOGIN);
    return found;
}

void keep_sessions(const struct user *user, void (*each)(void *who, const char *session), void *who)
{
    bind(SESSIONS, 1, of(user->id));
    while (step(SESSIONS))
        each(who, column(SESSIONS, 0).at);
    done(SESSIONS);
}

static void begin(void)
{
    if (writing)
        return;
    step(BEGIN);
    done(BEGIN);
    stamp(wall_ms(), now);
    writing = true;
}

void keep_commit(void)
{
    if (!writing)
        return;
    step(COMMIT);
    done(COMMIT);
    writing = false;
}

static bool is_member(const struct user *user, struct span session)
{
    bind(MEMBER, 1, session);
    bind(MEMBER, 2, of(user->id));
    bool found = step(MEMBER);
    done(MEMBER);
    return found;
}

static int64_t next_number(struct span session)
{
    bind(HEAD, 1, session);
    step(HEAD);
    int64_t head = sqlite3_column_int64(prepared[HEAD], 0);
    done(HEAD);
    return head + 1;
}

static void put(struct buffer *out, const char *before, struct span text)
{
    buffer_text(out, before);
    buffer_append(out, text.at, text.length);
}

static void delivery(struct buffer *out, const struct message *m, const char *sender, int64_t id, const char *received)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)id);
    put(out, "{\"", m->session);
    put(out, "\":{\"", of(number));
    put(out, "\":{\"data\":\"", m->data);
    put(out, "\",\"TimeStamp\":\"", m->time);
    put(out, "\",\"Sender\":\"", of(sender));
    put(out, "\",\"ReceivedAt\":\"", of(received));
    put(out, "\",\"Nonce\":\"", m->nonce);
    buffer_text(out, "\"}}}");
}

/* What became of an earlier message with this nonce; SENT: there is none. */
static enum outcome repeated(const struct user *user, const struct message *m, struct buffer *out)
{
    enum outcome result = SENT;
    bind(NONCE, 1, m->nonce);
    bind(NONCE, 2, m->session);
    bind(NONCE, 3, of(user->id));
    if (step(NONCE)) {
        struct message first = *m;
        first.time = column(NONCE, 2);
        result = span_equal(column(NONCE, 1), m->data) ? REPEATED : NONCE_REUSED;
        if (result == REPEATED)
            delivery(out, &first, user->id, sqlite3_column_int64(prepared[NONCE], 0), column(NONCE, 3).at);
    }
    done(NONCE);
    return result;
}

static void insert(const struct user *user, const struct message *m, int64_t number)
{
    bind(INSERT, 1, m->session);
    sqlite3_bind_int64(prepared[INSERT], 2, number);
    bind(INSERT, 3, of(user->id));
    bind(INSERT, 4, m->data);
    bind(INSERT, 5, m->time);
    bind(INSERT, 6, of(now));
    bind(INSERT, 7, m->nonce);
    step(INSERT);
    done(INSERT);
}

enum outcome keep_send(const struct user *user, const struct message *m, struct buffer *out)
{
    begin();
    if (m->sender.at && !span_is(m->sender, user->id))
        return NOT_YOU;
    if (!is_member(user, m->session))
        return NOT_FOUND;
    enum outcome earlier = repeated(user, m, out);
    if (earlier != SENT)
        return earlier;
    int64_t number = next_number(m->session);
    insert(user, m, number);
    delivery(out, m, user->id, number, now);
    return SENT;
}
