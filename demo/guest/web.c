/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * web: a small web server that notices when it is not allowed to run.
 *
 * usage: web STATE-FILE
 *
 * It ticks once a millisecond and measures the time between its own ticks: a process that was
 * stopped, frozen or starved sees a long gap. It says what it saw in two ways:
 *
 *	GET /     the figures, one "name value" a line
 *	GET /lap  the same, and a new lap begins: lap_gap_us starts from 0
 *	STATE-FILE, a page that it maps and rewrites: readable without disturbing it
 *
 * start_ticks is the process's own start time (field 22 of /proc/self/stat, clock ticks since
 * boot): together with the pid it names this very process, so an equal pair before and after a
 * live patch means that nothing was restarted.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define PORT           8080
#define TICK_NS        1000000 /* 1 ms */
#define STATE_BYTES    4096    /* one page */
#define PUBLISH_TICKS  16      /* the page is rewritten every so many ticks */
#define REQUEST_BYTES  512
#define REQUEST_WAIT_S 1 /* a client that says nothing is dropped: it must not stop the ticks */

struct figures {
	int pid;
	uint64_t start_ticks;
	uint64_t ticks, requests;
	uint64_t longest_gap_us, lap_gap_us;
};

static uint64_t now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

/* Field 22 of /proc/self/stat; 0 where it cannot be read. */
static uint64_t own_start_ticks(void)
{
	char text[1024];
	uint64_t start = 0;
	FILE *f = fopen("/proc/self/stat", "re");
	char *at;

	if (!f)
		return 0;
	at = fgets(text, sizeof(text), f);
	(void)fclose(f);
	/* The name in field 2 may hold spaces: count from the last parenthesis. */
	at = at ? strrchr(at, ')') : NULL;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	while (at && *++at >= '0' && *at <= '9')
		start = start * 10 + (uint64_t)(*at - '0');
	return start;
}

static int format(const struct figures *f, char *text, size_t size)
{
	return snprintf(text, size,
			"pid %d\nstart_ticks %" PRIu64 "\nticks %" PRIu64 "\nrequests %" PRIu64
			"\nlongest_gap_us %" PRIu64 "\nlap_gap_us %" PRIu64 "\n",
			f->pid, f->start_ticks, f->ticks, f->requests, f->longest_gap_us,
			f->lap_gap_us);
}

static char *map_state(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	char *page = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, STATE_BYTES) == 0)
		page = mmap(NULL, STATE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		(void)close(fd);
	return page == MAP_FAILED ? NULL : page;
}

static int listen_on_port(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, 16) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void answer(int fd, const struct figures *f)
{
	char body[512], head[128];
	int body_len = format(f, body, sizeof(body));
	int head_len = snprintf(head, sizeof(head),
				"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n"
				"Content-Length: %d\r\n\r\n",
				body_len);

	if (send(fd, head, (size_t)head_len, MSG_NOSIGNAL | MSG_MORE) > 0)
		(void)send(fd, body, (size_t)body_len, MSG_NOSIGNAL);
}

/* One request, one answer, then the connection ends: all that a probe needs. */
static void serve(int listener, struct figures *f)
{
	const struct timeval patience = { .tv_sec = REQUEST_WAIT_S };
	char request[REQUEST_BYTES] = "";
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (recv(fd, request, sizeof(request) - 1, 0) > 0) {
		f->requests++;
		answer(fd, f);
		if (strncmp(request, "GET /lap", 8) == 0)
			f->lap_gap_us = 0;
	}
	(void)close(fd);
}

static void tick(int listener, char *state, struct figures *f, uint64_t *last_us)
{
	const struct timespec pause = { .tv_nsec = TICK_NS };
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int ready = ppoll(&p, 1, &pause, NULL);
	uint64_t now = now_us(), gap = now - *last_us;

	*last_us = now;
	f->ticks++;
	f->longest_gap_us = gap > f->longest_gap_us ? gap : f->longest_gap_us;
	f->lap_gap_us = gap > f->lap_gap_us ? gap : f->lap_gap_us;
	if (f->ticks % PUBLISH_TICKS == 0)
		(void)format(f, state, STATE_BYTES);
	if (ready == 1)
		serve(listener, f);
}

int main(int argc, char **argv)
{
	struct figures figures = { .pid = getpid(), .start_ticks = own_start_ticks() };
	uint64_t last_us;
	char *state;
	int listener;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: web STATE-FILE\n");
		return 2;
	}
	state = map_state(argv[1]);
	listener = listen_on_port();
	if (!state || listener < 0) {
		(void)fprintf(stderr, "web: %s: %s\n", state ? "port" : argv[1], strerror(errno));
		return 1;
	}
	last_us = now_us();
	for (;;)
		tick(listener, state, &figures, &last_us);
}
