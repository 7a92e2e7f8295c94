/* The load: many clients from one process, one core.
 *
 * 1. closed K: each client keeps K messages in flight. open R: R messages a second whatever the answers do, each measured
 *    from the moment it was due. idle: the sockets are held open until the standard input ends.
 * 2. Before an open loop comes a closed one: the server has then grown its files and checkpointed, as after a day's work.
 * 3. What is counted lies between the end of the warming up and the end of the seconds; then everything on its way is
 *    awaited, so that what is missing at the end is lost.
 * 4. The own share of the processor is told: above 90 % the load, not the server, was measured. So is everybody else's.
 *
 * load PORT CLIENTS COUNT closed|open|idle VALUE SECONDS WARMING SERVER_PID ACTIVE → one line of JSON.
 * CLIENTS: as clients_read takes them. ACTIVE: into so many of its sessions each client writes; 0: into all.
 */
#define _GNU_SOURCE
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 1024, OPENING = 64, DRAIN_SECONDS = 10, SPARE_SECONDS = 120, SAMPLES = 1 << 23, STRIDE = 617 };

static const int64_t SECOND = 1000000000;

static int poller, timer = -1, port, server;
static struct client *clients;
static size_t count, opened, ready;
static bool counting, sending, closed_loop;
static float *samples;
static size_t sample_count;
static long long in_window, due_number;
static int64_t opening_ns, begun, due_step;

/* What the processors had done at a moment: for us, for the server, for anybody. */
struct usage {
    int64_t at, own, server, all;
};

static int64_t cpu_of(clockid_t clock)
{
    struct timespec used;
    return clock_gettime(clock, &used) ? 0 : (int64_t)used.tv_sec * SECOND + used.tv_nsec;
}

/* user, nice, system, irq, softirq and steal, of all processors. */
static int64_t cpu_of_all(void)
{
    long long t[8] = {0};
    FILE *file = fopen("/proc/stat", "r");
    if (!file)
        return 0;
    if (fscanf(file, "cpu %lld %lld %lld %lld %lld %lld %lld %lld", t, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6, t + 7) != 8)
        t[0] = 0;
    fclose(file);
    return (t[0] + t[1] + t[2] + t[5] + t[6] + t[7]) * SECOND / sysconf(_SC_CLK_TCK);
}

static struct usage usage_now(void)
{
    clockid_t clock;
    struct usage u = {clock_ns(), cpu_of(CLOCK_PROCESS_CPUTIME_ID), 0, cpu_of_all()};
    if (server && clock_getcpuclockid(server, &clock) == 0)
        u.server = cpu_of(clock);
    return u;
}

/* --------------------------------------------------------------------------------------------------------- opening */

static void watch(struct client *c, int how)
{
    struct epoll_event event = {.events = EPOLLIN | (c->stuck ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poller, how, c->socket, &event);
}

static void ended(void)
{
    fprintf(stderr, "the server has ended a connection: %s\n", counts.first_error);
    exit(1);
}

static void write_out(struct client *c)
{
    if (!client_write(c))
        ended();
    bool stuck = buffer_used(&c->out) > 0;
    if (stuck != c->stuck) {
        c->stuck = stuck;
        watch(c, EPOLL_CTL_MOD);
    }
}

static void open_more(void)
{
    while (opened < count && opened - ready < OPENING) {
        struct client *c = &clients[opened++];
        client_open(c, port);
        watch(c, EPOLL_CTL_ADD);
        write_out(c);
    }
}

/* ------------------------------------------------------------------------------------------------------ acting on it */

static void heard(struct client *c, int64_t since)
{
    int64_t now = clock_ns();
    in_window += counting;
    if (counting && sample_count < SAMPLES)
        samples[sample_count++] = (float)(now - since) / 1e6f;
    if (sending && closed_loop)
        client_send(c, now);
}

static void send_due(void)
{
    uint64_t ticks;
    if (read(timer, &ticks, sizeof ticks) < 0)
        return;
    for (int64_t now = clock_ns(); sending && begun + due_number * due_step <= now; due_number++) {
        struct client *c = &clients[(size_t)due_number * STRIDE % count];
        client_send(c, begun + due_number * due_step);
        write_out(c);
    }
}

static void on_event(const struct epoll_event *event)
{
    struct client *c = event->data.ptr;
    if (!c) {
        send_due();
        return;
    }
    bool was_ready = c->state == READY;
    if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !client_read(c, heard))
        ended();
    if (c->state == READY && !was_ready)
        ready++;
    write_out(c);
}

static bool turn(int64_t until)
{
    static struct epoll_event events[EVENTS];
    int64_t left = until - clock_ns();
    if (left <= 0)
        return false;
    int got = epoll_wait(poller, events, EVENTS, (int)(left / 1000000) + 1);
    for (int i = 0; i < got; i++)
        on_event(&events[i]);
    return true;
}

static void open_all(void)
{
    int64_t from = clock_ns();
    while (ready < count) {
        open_more();
        if (!turn(from + SPARE_SECONDS * SECOND)) {
            fprintf(stderr, "only %zu of %zu connections were opened\n", ready, count);
            exit(1);
        }
    }
    opening_ns = clock_ns() - from;
}

/* ---------------------------------------------------------------------------------------------------- what is measured */

static void start_closed(int each)
{
    closed_loop = true;
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < each; k++)
            client_send(&clients[i], clock_ns());
        write_out(&clients[i]);
    }
}

static void start_open(double rate)
{
    due_step = (int64_t)(1e9 / rate);
    struct timespec step = {due_step / SECOND, due_step % SECOND};
    struct itimerspec when = {step, step};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    timerfd_settime(timer, 0, &when, NULL);
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
}

static void run_until(int64_t until)
{
    while (turn(until))
        ;
}

static void drain(void)
{
    int64_t until = clock_ns() + DRAIN_SECONDS * SECOND;
    while ((counts.acknowledged < counts.sent || counts.delivered < counts.sent) && turn(until))
        ;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double percentile(double share)
{
    return sample_count ? (double)samples[(size_t)(share * (double)(sample_count - 1))] : 0;
}

static void report(struct usage from, struct usage to)
{
    double seconds = (double)(to.at - from.at) / 1e9, number = in_window ? (double)in_window : 1;
    qsort(samples, sample_count, sizeof *samples, by_size);
    printf("{\"seconds\":%.3f,\"messages\":%lld,\"rate\":%.1f,", seconds, in_window, (double)in_window / seconds);
    printf("\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"most_ms\":%.4f,", percentile(0.5), percentile(0.99), percentile(1));
    printf("\"load_cpu\":%.4f,", (double)(to.own - from.own) / (double)(to.at - from.at));
    printf("\"server_cpu\":%.4f,", (double)(to.server - from.server) / (double)(to.at - from.at));
    printf("\"server_us\":%.3f,", (double)(to.server - from.server) / 1e3 / number);
    int64_t others = to.all - from.all - (to.own - from.own) - (to.server - from.server);
    printf("\"others_cpu\":%.4f,", (double)others / (double)(to.at - from.at));
    printf("\"sent\":%lld,\"acknowledged\":%lld,\"delivered\":%lld,", counts.sent, counts.acknowledged, counts.delivered);
    printf("\"errors\":%lld,\"gaps\":%lld,\"strays\":%lld,", counts.errors, counts.gaps, counts.strays);
    printf("\"opened_each_second\":%.0f}\n", (double)count * 1e9 / (double)opening_ns);
    if (counts.errors)
        fprintf(stderr, "first error: %s\n", counts.first_error);
}

static void work_in(double seconds)
{
    sending = true;
    start_closed(1);
    run_until(clock_ns() + (int64_t)(seconds * 1e9));
    sending = closed_loop = false;
    drain();
}

static void measure(const char *mode, double value, double seconds, double warming)
{
    bool open_loop = strcmp(mode, "open") == 0;
    if (open_loop)
        work_in(warming);
    begun = clock_ns();
    sending = true;
    if (open_loop)
        start_open(value);
    else
        start_closed((int)value);
    run_until(begun + (int64_t)(warming * 1e9));
    counting = true;
    struct usage from = usage_now();
    run_until(from.at + (int64_t)(seconds * 1e9));
    struct usage to = usage_now();
    sending = counting = false;
    drain();
    report(from, to);
}

static void end_with_input(void)
{
    char byte;
    if (read(0, &byte, 1) <= 0)
        exit(0);
}

static void stay(void)
{
    static struct epoll_event event = {.events = EPOLLIN};
    static struct epoll_event events[EVENTS];
    static struct client input;
    event.data.ptr = &input;
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &event);
    printf("{\"opened_each_second\":%.0f}\n", (double)count * 1e9 / (double)opening_ns);
    fflush(stdout);
    for (;;)
        for (int got = epoll_wait(poller, events, EVENTS, -1), i = 0; i < got; i++)
            if (events[i].data.ptr == &input)
                end_with_input();
            else
                on_event(&events[i]);
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 10) {
        fprintf(stderr, "load PORT CLIENTS COUNT closed|open|idle VALUE SECONDS WARMING SERVER_PID ACTIVE\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    port = atoi(arguments[1]);
    count = (size_t)atol(arguments[3]);
    server = atoi(arguments[8]);
    double seconds = atof(arguments[6]), warming = atof(arguments[7]);
    alarm((unsigned)(seconds + warming) + DRAIN_SECONDS + SPARE_SECONDS);
    clients = allocate(count, sizeof *clients);
    samples = allocate(SAMPLES, sizeof *samples);
    poller = epoll_create1(0);
    clients_read(clients, count, arguments[2]);
    for (size_t i = 0; i < count; i++)
        clients[i].active = (size_t)atol(arguments[9]);
    open_all();
    if (strcmp(arguments[4], "idle") == 0)
        stay();
    measure(arguments[4], atof(arguments[5]), seconds, warming);
    return 0;
}
