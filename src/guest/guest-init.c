/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define REPORT    "/dev/ttyS1"
#define LINE_SIZE 512
#define NAP_NS    5000000

static const struct {
	const char *what, *where, *options;
} mounts[] = {
	{ "devtmpfs", "/dev", NULL },
	{ "proc", "/proc", NULL },
	{ "sysfs", "/sys", NULL },
	{ "tmpfs", "/tmp", NULL },
	{ "tmpfs", "/run", NULL },
	{ "devpts", "/dev/pts", "ptmxmode=666" },
	{ "tmpfs", "/dev/shm", NULL },
	{ "cgroup2", "/sys/fs/cgroup", NULL },
	{ "tracefs", "/sys/kernel/tracing", NULL },
};

uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void nap(void)
{
	const struct timespec ts = { .tv_nsec = NAP_NS };

	(void)nanosleep(&ts, NULL);
}

bool read_text(const char *path, char *ret, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, ret, size - 1);
	(void)close(fd);
	ret[n > 0 ? n : 0] = '\0';
	return n >= 0;
}

uint64_t count_lines(const char *path, const char *part)
{
	FILE *f = fopen(path, "re");
	char line[LINE_SIZE];
	uint64_t n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, part) != NULL;
	if (f)
		(void)fclose(f);
	return n;
}

int say_why(struct answer *ret, int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(ret->why, sizeof(ret->why), fmt, ap);
	va_end(ap);
	return r;
}

static uint64_t taint(void)
{
	char text[32] = "";
	uint64_t v = 0;

	(void)read_text("/proc/sys/kernel/tainted", text, sizeof(text));
	for (const char *p = text; *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	return v;
}

/*
 * One line in the kernel's log: what the kernel says after it belongs to this step. Not dprintf(),
 * which wants to know where the file stands, and this one does not say.
 */
static void announce(unsigned int n)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char line[64];
	int len = snprintf(line, sizeof(line), "<6>oakum-test: step %u\n", n);

	if (fd < 0)
		return;
	/* Without it a finding has no step, which is told. */
	(void)!write(fd, line, (size_t)len);
	(void)close(fd);
}

/* "case" has no row: it is also what run_plan() looks for after a failure. */
static int run_line(struct guest *g, char *line, struct answer *ret)
{
	static const struct step *const tables[] = { module_steps, patch_steps, probe_steps };
	const char *words[GUEST_WORDS + 1] = { "", "", "", "" };
	char *rest = line;

	for (size_t i = 0; i <= GUEST_WORDS && rest; i++)
		words[i] = strsep(&rest, " ");
	if (strcmp(words[0], "case") == 0)
		return patch_recover(ret);
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct step *s = tables[t]; s->verb; s++)
			if (strcmp(s->verb, words[0]) == 0)
				return s->run(g, words + 1, ret);
	return -ENOSYS;
}

static void tell(struct guest *g, unsigned int n, int r, uint64_t ms, const struct answer *a)
{
	(void)fprintf(g->report, "@%s %u %lu %lu", r < 0 ? "fail" : "done", n, (unsigned long)ms,
		      (unsigned long)taint());
	if (r < 0)
		(void)fprintf(g->report, " %s", a->why[0] ? a->why : strerror(-r));
	for (size_t i = 0; r == 0 && i < a->n_values; i++)
		(void)fprintf(g->report, " %lu", (unsigned long)a->value[i]);
	(void)fputc('\n', g->report);
	(void)fflush(g->report);
}

static void run_plan(struct guest *g, FILE *plan)
{
	bool skipping = false;
	char line[LINE_SIZE];

	for (unsigned int n = 0; fgets(line, sizeof(line), plan); n++) {
		struct answer a = { .n_values = 0 };
		uint64_t start = now_ms();
		int r;

		line[strcspn(line, "\n")] = '\0';
		if (skipping && strncmp(line, "case ", 5) != 0) {
			(void)fprintf(g->report, "@skip %u\n", n);
			continue;
		}
		announce(n);
		(void)fprintf(g->report, "@start %u\n", n);
		(void)fflush(g->report);
		r = run_line(g, line, &a);
		skipping = r < 0;
		tell(g, n, r, now_ms() - start, &a);
	}
	(void)fputs("@end\n", g->report);
	(void)fflush(g->report);
}

/* A probe may want to talk to itself. */
static void loopback_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	(void)ioctl(fd, SIOCSIFFLAGS, &req);
	(void)close(fd);
}

/* What is written arrives as it was written. */
static FILE *open_report(void)
{
	FILE *f = fopen(REPORT, "we");
	struct termios t;

	if (f && tcgetattr(fileno(f), &t) == 0) {
		cfmakeraw(&t);
		(void)tcsetattr(fileno(f), TCSANOW, &t);
	}
	return f;
}

int main(void)
{
	struct guest g = { .report = NULL };
	FILE *plan;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		(void)mkdir(mounts[i].where, 0755);
		/* What a kernel was built without, a probe finds missing by itself. */
		(void)mount(mounts[i].what, mounts[i].where, mounts[i].what, 0, mounts[i].options);
	}
	loopback_up();
	g.report = open_report();
	plan = fopen("/oakum/plan", "re");
	if (plan && g.report) {
		run_plan(&g, plan);
		(void)tcdrain(fileno(g.report));
	}
	/* QEMU runs with -no-reboot: this ends it. */
	(void)reboot(RB_AUTOBOOT);
	return 1;
}
