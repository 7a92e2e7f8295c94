/* One client of the load: a socket, its sessions, what it has sent and not yet heard of.
 *
 * 1. It speaks `parlour.v1`: Welcome, Resume, Resumed, then messages with nonces, into its sessions in turn.
 * 2. A message is acknowledged by its own delivery, and by nothing else.
 * 3. Each client knows how far it has heard each session; a number that is not the next one is a gap and is counted.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "wire.h"

#include <stdio.h>

enum { NONCE = 17, DATA = 180, TEMPLATE = 512, NAME = 33 };

struct pending {
    char nonce[NONCE];
    int64_t since;
};

enum state { CLOSED, UPGRADING, WELCOMING, RESUMING, READY };

/* A session, and the last number of it that was heard. */
struct place {
    char session[NAME];
    long long number;
};

struct client {
    int socket;
    enum state state;
    bool stuck;
    char token[96], user[NAME];
    long long me;
    struct place *places;
    size_t place_count, active, turn; /* active: so many of its places it writes into; 0: all */
    struct buffer in, out;
    struct pending *pending;
    size_t pending_count, pending_room;
    char template[TEMPLATE];
    size_t length, session_at, nonce_at, data_at, time_at;
};

/* What has happened so far, over all clients. */
struct counts {
    long long sent, acknowledged, delivered, errors, gaps, strays, refused;
    char first_error[400];
};

extern struct counts counts;

/* Called for each acknowledgement, with the moment from which it is measured. */
typedef void acknowledged(struct client *c, int64_t since);

/* Read the clients from a file of lines "token UserID own-head sessions", then "SessionID head" for each of the sessions. */
void clients_read(struct client *clients, size_t count, const char *path);
/* Begin to connect; client_write sends the handshake once the socket can be written. */
void client_open(struct client *c, int port);
/* Forget the socket and what was on its way. */
void client_close(struct client *c);
/* Read once and act on it. False: the server has ended the connection, or refused it. */
bool client_read(struct client *c, acknowledged *heard);
/* Queue a new message; client_write sends it. */
void client_send(struct client *c, int64_t since);
/* Write once. False: the connection is gone. */
bool client_write(struct client *c);

#endif
