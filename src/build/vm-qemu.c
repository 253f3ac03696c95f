/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm-qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"

#define PROGRAM      "qemu-system-x86_64"
#define POLL_MS      100
#define KVM_PROBE_S  5
#define KVM_PROBE_MB 256
#define ARGS_MAX     40
#define TEXT_MAX     512

/* panic=-1 with -no-reboot: a panic ends QEMU at once. */
static const char append_always[] =
	"console=ttyS0 panic=-1 oops=panic ignore_loglevel printk.devkmsg=on";

struct args {
	const char *v[ARGS_MAX + 1];
	size_t n;
	char memory[16];
	char log[TEXT_MAX];
	char append[TEXT_MAX];
};

static void add(struct args *a, const char *name, const char *value)
{
	if (a->n + 2 > ARGS_MAX)
		return;
	a->v[a->n++] = name;
	if (value)
		a->v[a->n++] = value;
	a->v[a->n] = NULL;
}

/* QEMU takes "," in a file's name doubled. */
static int quote(const char *prefix, const char *path, char ret[TEXT_MAX])
{
	size_t n = strlen(prefix);

	(void)snprintf(ret, TEXT_MAX, "%s", prefix);
	for (; *path; path++) {
		if (n + 3 > TEXT_MAX)
			return -ENAMETOOLONG;
		if (*path == ',')
			ret[n++] = ',';
		ret[n++] = *path;
	}
	ret[n] = '\0';
	return 0;
}

static int fill(const struct qemu *q, struct args *a, struct oak_error *err)
{
	if (quote("file,id=log,path=", q->log, a->log) < 0)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: this path is too long for QEMU", q->log);
	(void)snprintf(a->memory, sizeof(a->memory), "%u", q->memory_mib);
	(void)snprintf(a->append, sizeof(a->append), "%s%s%s", append_always, q->append ? " " : "",
		       q->append ? q->append : "");
	add(a, PROGRAM, NULL);
	add(a, "-accel", q->kvm ? "kvm" : "tcg,thread=single");
	add(a, "-cpu", q->kvm ? "host" : "max");
	add(a, "-smp", "2");
	add(a, "-m", a->memory);
	add(a, "-nodefaults", "-no-user-config");
	add(a, "-display", "none");
	add(a, "-no-reboot", NULL);
	add(a, "-kernel", q->kernel);
	if (q->initrd)
		add(a, "-initrd", q->initrd);
	add(a, "-append", a->append);
	add(a, "-chardev", a->log);
	add(a, "-serial", "chardev:log");
	add(a, "-chardev", "stdio,id=report,signal=off");
	add(a, "-serial", "chardev:report");
	return 0;
}

static bool is_too_long(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > QEMU_LOG_MAX;
}

/* What is ready of the second port. Return: false at its end. */
static bool hear(const struct qemu *q, int fd)
{
	char data[4096];
	ssize_t n = read(fd, data, sizeof(data));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n > 0 && q->said)
		q->said(q->ctx, data, (size_t)n);
	return n > 0;
}

/* Until the machine has closed its second port, or has to be ended. */
static enum qemu_end listen_to(const struct qemu *q, const struct process *p)
{
	uint64_t start = clock_now_ns();

	for (;;) {
		struct pollfd pfd = { .fd = p->out, .events = POLLIN };
		int ready = poll(&pfd, 1, POLL_MS);

		if (ready > 0 && !hear(q, p->out))
			return QEMU_ENDED;
		if (is_too_long(q->log))
			return QEMU_TALKATIVE;
		if (clock_seconds_since(start) > q->limit_s)
			return QEMU_TIMEOUT;
	}
}

/* QEMU's own last line, where it could not even begin. */
static int fail_start(const struct process_result *res, struct oak_error *err)
{
	const char *text = buf_str(&res->err), *line = text;

	for (const char *p = text; *p; p++)
		if (p[0] == '\n' && p[1] != '\0')
			line = p + 1;
	return oak_fail(err, OAK_E_FAILED, PROGRAM " ended with status %d: %.*s", res->status,
			(int)strcspn(line, "\n"), line);
}

int qemu_run(const struct qemu *q, enum qemu_end *ret, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	struct args args = { .n = 0 };
	enum qemu_end end;
	struct process p;
	int r = fill(q, &args, err);

	if (r == 0)
		r = process_start(args.v, NULL, &p, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_NOTFOUND,
				PROGRAM " is not installed; on Debian: apt-get install "
					"qemu-system-x86");
	if (r < 0)
		return r;
	end = listen_to(q, &p);
	if (end != QEMU_ENDED)
		(void)kill(p.pid, SIGKILL);
	r = process_wait(&p, &res, err);
	if (r < 0)
		return r;
	if (end == QEMU_ENDED && res.status != 0)
		return fail_start(&res, err);
	*ret = end;
	return 0;
}

static bool guest_starts(const char *kernel, const char *work)
{
	_cleanup_(freep) char *log = path_join(work, "kvm.log");
	_cleanup_(buf_free) struct buf text = { 0 };
	struct qemu q = { .kernel = kernel,
			  .log = log,
			  .kvm = true,
			  .memory_mib = KVM_PROBE_MB,
			  .limit_s = KVM_PROBE_S };
	enum qemu_end end;

	if (!log || access("/dev/kvm", R_OK | W_OK) < 0)
		return false;
	return qemu_run(&q, &end, NULL) == 0 &&
	       file_read(AT_FDCWD, log, QEMU_LOG_MAX, &text, NULL) == 0 &&
	       strstr(buf_str(&text), "Unable to mount root fs");
}

/* Kept as tests/vm/kvm-probe.sh keeps it: one word in a file named by the boot of this machine. */
static char *answer_file(const char *cache)
{
	_cleanup_(freep) char *boot = NULL;
	char *path = NULL;

	if (file_read_line(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &boot, NULL) < 0 ||
	    asprintf(&path, "%s/accelerator.%s", cache, boot) < 0)
		return NULL;
	return path;
}

bool qemu_kvm_works(const char *kernel, const char *cache, const char *work)
{
	_cleanup_(freep) char *file = answer_file(cache), *kept = NULL;
	const char *word;
	bool works;

	if (file && file_read_line(AT_FDCWD, file, &kept, NULL) == 0)
		return strcmp(kept, "kvm") == 0;
	works = guest_starts(kernel, work);
	word = works ? "kvm\n" : "tcg\n";
	/* An answer that cannot be kept is asked for again. */
	if (file)
		(void)!file_write(AT_FDCWD, file, word, strlen(word), 0644, NULL);
	return works;
}
