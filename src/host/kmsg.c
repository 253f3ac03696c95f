/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define KMSG_PATH "dev/kmsg"

/* A number of the prefix, and the character behind it, which is to be one of @ends. */
static bool read_number(const char **p, const char *end, const char *ends, uint64_t *ret)
{
	const char *from = *p;
	uint64_t n = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++)
		if (__builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(**p - '0'), &n))
			return false;
	if (*p == from || *p == end || !**p || !strchr(ends, **p))
		return false;
	(*p)++;
	*ret = n;
	return true;
}

int kmsg_parse(const void *data, size_t len, struct kmsg_record *ret)
{
	const char *p = data, *end = p + len;
	struct kmsg_record r = { 0 };
	uint64_t prio;
	size_t n = 0;

	if (!len || !read_number(&p, end, ",", &prio) || !read_number(&p, end, ",", &r.seq) ||
	    !read_number(&p, end, ",;", &r.usec))
		return -EINVAL;
	/* Flags, "caller=T12" and what else may come. */
	if (p[-1] != ';') {
		p = memchr(p, ';', (size_t)(end - p));
		if (!p)
			return -EINVAL;
		p++;
	}
	r.level = prio & 7;
	r.kernel = prio >> 3 == 0;
	for (; p < end && *p != '\n' && n < sizeof(r.text) - 1; p++)
		r.text[n++] = (char)(*p >= ' ' && *p <= '~' ? *p : '?');
	*ret = r;
	return 0;
}

int kmsg_open(int root, uint64_t from, struct kmsg *ret, struct oak_error *err)
{
	_cleanup_(closep) int fd = openat(root, KMSG_PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && (errno == EPERM || errno == EACCES))
		return oak_fail(err, OAK_E_PERMISSION,
				"/" KMSG_PATH
				": not permitted: run as root (CAP_SYSLOG is missing)");
	if (fd < 0 && errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND,
				"/" KMSG_PATH " is missing: the kernel log cannot be watched");
	if (fd < 0)
		return oak_fail_errno(err, errno, "/" KMSG_PATH);
	if (lseek(fd, 0, from == KMSG_NOW ? SEEK_END : SEEK_SET) < 0)
		return oak_fail_errno(err, errno, "/" KMSG_PATH);
	*ret = (struct kmsg){ .fd = take_fd(fd), .from = from == KMSG_NOW ? 0 : from };
	return 0;
}

static void count_lost(struct kmsg *k, uint64_t seq)
{
	if (k->next && seq > k->next)
		k->lost += seq - k->next;
	k->next = seq + 1;
}

int kmsg_next(struct kmsg *k, struct kmsg_record *ret)
{
	char data[KMSG_RECORD_MAX];

	for (;;) {
		struct kmsg_record r;
		ssize_t n = read(k->fd, data, sizeof(data));

		if (n == 0 || (n < 0 && errno == EAGAIN))
			return 0;
		/* EPIPE: overtaken; the next read gives the oldest record that is left. */
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n < 0)
			return -errno;
		if (kmsg_parse(data, (size_t)n, &r) < 0)
			continue;
		count_lost(k, r.seq);
		if (r.seq < k->from)
			continue;
		*ret = r;
		return 1;
	}
}

void kmsg_close(struct kmsg *k)
{
	closep(&k->fd);
	*k = (struct kmsg){ .fd = -1 };
}
