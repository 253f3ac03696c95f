/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "full-host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define FIRST_ID 0xbe9c0000u

bool full_host_is_docker(const struct full_host *h, unsigned i)
{
	return !h->with_podman || i % 2 == 0;
}

void full_host_id(unsigned i, char ret[FULL_HOST_ID_MAX])
{
	(void)snprintf(ret, FULL_HOST_ID_MAX, "%064x", FIRST_ID + i);
}

static void cgroup_of(const struct full_host *h, unsigned i, char *ret, size_t size)
{
	char id[FULL_HOST_ID_MAX];

	full_host_id(i, id);
	(void)snprintf(ret, size, "%s/%s%s", h->cgroup,
		       full_host_is_docker(h, i) ? "docker/" : "libpod-", id);
}

/* The first hierarchy that we may write to. */
static bool make_cgroup(struct full_host *h)
{
	static const char *const bases[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd",
					     "/sys/fs/cgroup/pids", "/sys/fs/cgroup" };

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		char path[160];

		(void)snprintf(path, sizeof(path), "%s/cgroup.procs", bases[i]);
		(void)snprintf(h->cgroup, sizeof(h->cgroup), "%s/oakum-bench-%d", bases[i],
			       (int)getpid());
		if (access(path, W_OK) < 0 || mkdir(h->cgroup, 0755) < 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/docker", h->cgroup);
		return mkdir(path, 0755) == 0;
	}
	h->cgroup[0] = '\0';
	return false;
}

int full_host_open(struct full_host *h, struct oak_error *err)
{
	h->root = h->ready[0] = h->ready[1] = -1;
	(void)snprintf(h->tree, sizeof(h->tree), "/tmp/%s.XXXXXX", h->name);
	h->inits = calloc(h->containers, sizeof(*h->inits));
	if (!h->inits || !mkdtemp(h->tree) || pipe2(h->ready, O_CLOEXEC) < 0)
		return oak_fail_errno(err, errno, "%s", h->tree);
	h->root = open(h->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->root < 0)
		return oak_fail_errno(err, errno, "%s", h->tree);
	for (size_t i = 0; h->links[i]; i++) {
		char target[32];

		(void)snprintf(target, sizeof(target), "/%s", h->links[i]);
		if (symlinkat(target, h->root, h->links[i]) < 0)
			return oak_fail_errno(err, errno, "%s", h->links[i]);
	}
	if (!make_cgroup(h))
		return oak_fail(err, OAK_E_PERMISSION, "no cgroup can be made: run as root");
	return 0;
}

int full_host_put(const struct full_host *h, const char *path, const char *text,
		  struct oak_error *err)
{
	_cleanup_(freep) char *dir = strndup(path, (size_t)(strrchr(path, '/') - path));
	int r = dir ? dir_make(h->root, dir, err) : -1;

	return r < 0 ? r : file_write(h->root, path, text, strlen(text), 0644, err);
}

void full_host_live(const struct full_host *h)
{
	if (write(h->ready[1], "+", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
}

static __attribute__((noreturn)) void be_container(const struct full_host *h, unsigned i)
{
	char path[256];
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	cgroup_of(h, i, path, sizeof(path));
	(void)strncat(path, "/cgroup.procs", sizeof(path) - strlen(path) - 1);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(1);
	(void)close(fd);
	h->be_init(h, i);
	_exit(1);
}

static int start_one(struct full_host *h, unsigned i)
{
	char path[256], byte;
	pid_t pid;

	cgroup_of(h, i, path, sizeof(path));
	if (mkdir(path, 0755) < 0)
		return -1;
	pid = (pid_t)syscall(SYS_clone, h->namespaces | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		be_container(h, i);
	if (pid < 0)
		return -1;
	h->inits[h->n_inits++] = pid;
	for (unsigned k = 0; k < h->processes; k++)
		if (read(h->ready[0], &byte, 1) != 1)
			return -1;
	return 0;
}

int full_host_start(struct full_host *h, unsigned n, struct oak_error *err)
{
	while (h->n_inits < n)
		if (start_one(h, h->n_inits) < 0)
			return oak_fail_errno(err, errno, "container %u", h->n_inits);
	return 0;
}

static void remove_dir(const char *path)
{
	/* The kernel lets go of a cgroup a moment after its last process. */
	for (int i = 0; i < 200 && rmdir(path) < 0 && errno == EBUSY; i++)
		(void)usleep(5000);
}

static void remove_cgroups(const struct full_host *h)
{
	char path[256];

	for (unsigned i = 0; i < h->containers; i++) {
		cgroup_of(h, i, path, sizeof(path));
		remove_dir(path);
	}
	(void)snprintf(path, sizeof(path), "%s/docker", h->cgroup);
	remove_dir(path);
	remove_dir(h->cgroup);
}

void full_host_close(struct full_host *h)
{
	for (unsigned i = 0; i < h->n_inits; i++)
		(void)kill(h->inits[i], SIGKILL);
	for (unsigned i = 0; i < h->n_inits; i++)
		(void)waitpid(h->inits[i], NULL, 0);
	if (h->cgroup[0])
		remove_cgroups(h);
	if (h->root >= 0)
		(void)!tree_remove(AT_FDCWD, h->tree, NULL);
	closep(&h->root);
	closep(&h->ready[0]);
	closep(&h->ready[1]);
	free(h->inits);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}
