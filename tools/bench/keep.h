/* The reference's database: the product's own tables, one transaction a turn.
 *
 * 1. The file and its schema are the product's, seeded by it; nothing is created here.
 * 2. The same questions in the same order: member, nonce, next number, insert.
 * 3. Whatever SQLite refuses ends the program: half a measurement is none.
 */
#ifndef KEEP_H
#define KEEP_H

#include "decode.h"

enum { ID_MOST = 32 };

struct user {
    char id[ID_MOST + 1], name[ID_MOST + 1];
};

enum outcome { SENT, REPEATED, NOT_YOU, NOT_FOUND, NONCE_REUSED };

void keep_open(const char *path, char **pragmas, int count);
void keep_close(void);
bool keep_login(struct span token, struct user *user);
/* Calls `each` with every SessionID of a user. */
void keep_sessions(const struct user *user, void (*each)(void *who, const char *session), void *who);
/* Store a message in the turn's transaction; its delivery as a payload is appended to `out`. */
enum outcome keep_send(const struct user *user, const struct message *m, struct buffer *out);
/* Make the turn durable, if anything was written. */
void keep_commit(void);

#endif
