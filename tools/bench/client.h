/* One client of the load: a socket, its session, what it has sent and not yet heard of.
 *
 * 1. It speaks `parlour.v1`: Welcome, Resume, Resumed, then messages with nonces.
 * 2. A message is acknowledged by its own delivery, and by nothing else.
 * 3. Each client hears one session; a number that is not the next one is a gap and is counted.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "wire.h"

enum { NONCE = 17, DATA = 180, TEMPLATE = 512 };

struct pending {
    char nonce[NONCE];
    int64_t since;
};

enum state { CLOSED, UPGRADING, WELCOMING, RESUMING, READY };

struct client {
    int socket;
    enum state state;
    bool stuck;
    char token[96], user[33], session[33];
    long long me, number;
    struct buffer in, out;
    struct pending *pending;
    size_t pending_count, pending_room;
    char template[TEMPLATE];
    size_t length, nonce_at, data_at, time_at;
};

/* What has happened so far, over all clients. */
struct counts {
    long long sent, acknowledged, delivered, errors, gaps, strays;
    char first_error[400];
};

extern struct counts counts;

/* Called for each acknowledgement, with the moment from which it is measured. */
typedef void acknowledged(struct client *c, int64_t since);

void client_open(struct client *c, int port);
/* Read once and act on it. Ends the program when the server has closed. */
void client_read(struct client *c, acknowledged *heard);
/* Queue a new message; client_write sends it. */
void client_send(struct client *c, int64_t since);
void client_write(struct client *c);

#endif
