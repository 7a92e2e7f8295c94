/* The storm: many clients that come back when the server is gone.
 *
 * 1. They wait as the web client does (web/link.js): full jitter from 0.5 s doubling to 30 s, here divided by SHRINK.
 * 2. Nobody logs in again: a token that is refused ends the program.
 * 3. One line of JSON when all are here, and one each time that all are back. The end of the standard input ends it.
 *
 * storm PORT CLIENTS COUNT SHRINK. CLIENTS: as clients_read takes them. Moments are seconds of the monotonic clock.
 */
#define _GNU_SOURCE
#include "client.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EVENTS = 1024, OPENING = 64, TICK_MS = 2, MOST_SECONDS = 400 };

static const double FIRST_NS = 5e8, MOST_NS = 3e10;

/* What a client waits for, and what it has seen. */
struct turn {
    int64_t at, back;
    int attempt;
    bool waiting;
};

static int poller, port;
static struct client *clients;
static struct turn *turns;
static size_t count, opened, ready;
static double shrink;
static bool begun;
static long long tries;
static int64_t lost_at;

/* ------------------------------------------------------------------------------------------------------ coming, going */

static void watch(struct client *c, int how)
{
    struct epoll_event event = {.events = EPOLLIN | (c->stuck ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poller, how, c->socket, &event);
}

static void lost(struct client *c)
{
    struct turn *t = &turns[c - clients];
    if (!begun || strstr(counts.first_error, " 401 ")) {
        fprintf(stderr, "the server has ended a connection: %s\n", counts.first_error);
        exit(1);
    }
    counts.first_error[0] = 0;
    int64_t now = clock_ns();
    if (!lost_at)
        lost_at = now;
    if (t->back)
        ready--, t->back = 0;
    double most = FIRST_NS * (double)(1 << (t->attempt < 6 ? t->attempt : 6));
    t->at = now + (int64_t)((most < MOST_NS ? most : MOST_NS) * drand48() / shrink);
    t->attempt++;
    t->waiting = true;
    client_close(c);
}

static void write_out(struct client *c)
{
    if (!client_write(c)) {
        lost(c);
        return;
    }
    bool stuck = buffer_used(&c->out) > 0;
    if (stuck != c->stuck) {
        c->stuck = stuck;
        watch(c, EPOLL_CTL_MOD);
    }
}

static void come(struct client *c)
{
    tries++;
    turns[c - clients].waiting = false;
    client_open(c, port);
    watch(c, EPOLL_CTL_ADD);
    write_out(c);
}

static void heard(struct client *c, int64_t since)
{
    (void)c, (void)since;
}

static void on_event(const struct epoll_event *event)
{
    struct client *c = event->data.ptr;
    struct turn *t = &turns[c - clients];
    if (c->state == CLOSED)
        return;
    if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !client_read(c, heard)) {
        lost(c);
        return;
    }
    if (c->state == READY && !t->back) {
        ready++;
        t->back = clock_ns();
        t->attempt = 0;
    }
    write_out(c);
}

/* ----------------------------------------------------------------------------------------------------------- telling */

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* `rate`: sockets that became live each second, while the middle eight tenths of them did. */
static void tell(void)
{
    int64_t *back = allocate(count, sizeof *back);
    for (size_t i = 0; i < count; i++)
        back[i] = turns[i].back;
    qsort(back, count, sizeof *back, by_time);
    size_t from = count / 10, to = count - 1 - count / 10;
    printf("{\"sockets\":%zu,\"lost_at\":%.4f,\"half_at\":%.4f,\"back_at\":%.4f,", count, (double)lost_at / 1e9,
           (double)back[count / 2] / 1e9, (double)back[count - 1] / 1e9);
    printf("\"rate\":%.1f,", (double)(to - from) * 1e9 / (double)(back[to] - back[from] + 1));
    printf("\"tries\":%lld,\"refused\":%lld,\"errors\":%lld}\n", tries, counts.refused, counts.errors);
    fflush(stdout);
    free(back);
    tries = counts.refused = lost_at = 0;
    begun = true;
}

/* -------------------------------------------------------------------------------------------------------------- turns */

static void open_due(void)
{
    for (; opened < count && opened - ready < OPENING; opened++)
        come(&clients[opened]);
    if (ready == count)
        return;
    int64_t now = clock_ns();
    for (size_t i = 0; i < opened; i++)
        if (turns[i].waiting && turns[i].at <= now)
            come(&clients[i]);
}

static void turn(void)
{
    static struct epoll_event events[EVENTS];
    char byte;
    int got = epoll_wait(poller, events, EVENTS, ready == count ? 1000 : TICK_MS);
    for (int i = 0; i < got; i++)
        if (events[i].data.ptr)
            on_event(&events[i]);
        else if (read(0, &byte, 1) <= 0)
            exit(0);
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 5) {
        fprintf(stderr, "storm PORT CLIENTS COUNT SHRINK\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    alarm(MOST_SECONDS);
    port = atoi(arguments[1]);
    count = (size_t)atol(arguments[3]);
    shrink = atof(arguments[4]);
    srand48((long)clock_ns());
    clients = allocate(count, sizeof *clients);
    turns = allocate(count, sizeof *turns);
    clients_read(clients, count, arguments[2]);
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &event);
    for (bool all = false;; all = ready == count) {
        open_due();
        turn();
        if (ready == count && !all)
            tell();
    }
}
