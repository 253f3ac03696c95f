/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/belongs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/container.h"
#include "host/security/namespaces.h"
#include "host/security/proc-file.h"
#include "host/security/proc-status.h"

#define CGROUP_MAX    8192       /* a dozen lines; paths are short */
#define MOUNTINFO_MAX (8u << 20) /* a host of many containers has thousands of mounts */
#define COMM_MAX      20
#define PARENTS_MAX   64

/* Into @ret whole, or cut where it is longer. */
static size_t read_some(int dir, const char *file, char *ret, size_t size)
{
	_cleanup_(closep) int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	ret[0] = '\0';
	if (fd < 0)
		return 0;
	while (len < size - 1 && (n = read(fd, ret + len, size - 1 - len)) > 0)
		len += (size_t)n;
	ret[len] = '\0';
	return len;
}

static int open_process(const struct belongs *b, pid_t pid)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	return openat(b->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* What is mounted on "/", as "major:minor root": the last such line is the one that counts. */
static bool find_root_mount(const char *mounts, char ret[BELONGS_MOUNT_MAX])
{
	bool found = false;

	for (const char *line = mounts; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		/* id, parent, major:minor, root, mount point */
		size_t at[6] = { 0 };

		for (size_t i = 1; i < 6; i++) {
			at[i] = at[i - 1] + strcspn(line + at[i - 1], " \n");
			at[i] += line[at[i]] == ' ';
		}
		if (at[5] - at[4] != 2 || line[at[4]] != '/')
			continue;
		(void)snprintf(ret, BELONGS_MOUNT_MAX, "%.*s", (int)(at[4] - at[2]), line + at[2]);
		found = true;
	}
	return found;
}

static bool read_mounts(int process, struct buf *ret)
{
	return file_read(process, "mountinfo", MOUNTINFO_MAX, ret, NULL) == 0 && ret->len;
}

static bool read_status(const struct belongs *b, pid_t pid, struct proc_status *ret)
{
	_cleanup_(closep) int process = open_process(b, pid);
	_cleanup_(buf_free) struct buf text = { 0 };

	return process >= 0 && proc_file_read(process, "status", PROC_STATUS_MAX, &text) &&
	       proc_status_parse(buf_str(&text), ret);
}

/* In another mount namespace than process 1: in a container ourselves, with the host's pids. */
static int open_hosts_root(const struct belongs *b)
{
	_cleanup_(closep) int self = openat(b->proc, "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t own = self < 0 ? 0 : namespace_read(self, NS_MNT);

	if (!own || !b->mnt || own == b->mnt)
		return -1;
	return openat(b->proc, "1/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int belongs_open(int root, struct belongs *ret, struct oak_error *err)
{
	struct belongs b = { .root = root, .n_evidence = 1 };
	_cleanup_(buf_free) struct buf mounts = { 0 };
	_cleanup_(closep) int init = -1;
	uint64_t ns[NS_KINDS];
	int hosts;

	b.proc = openat(root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b.proc < 0)
		return oak_fail_errno(err, errno, "/proc");
	namespaces_of_host(b.proc, ns);
	init = open_process(&b, 1);
	b.mnt = ns[NS_MNT];
	b.pid = ns[NS_PID];
	if (init < 0 || !read_mounts(init, &mounts) ||
	    !find_root_mount(buf_str(&mounts), b.root_mount))
		b.root_mount[0] = '\0';
	b.evidence[0].root = root;
	hosts = open_hosts_root(&b);
	if (hosts >= 0)
		b.evidence[b.n_evidence++].root = hosts;
	*ret = b;
	return 0;
}

void belongs_close(struct belongs *b)
{
	closep(&b->proc);
	for (size_t i = 0; i < b->n_evidence; i++) {
		int fd = i ? b->evidence[i].root : -1;

		evidence_clear(&b->evidence[i]);
		closep(&fd);
	}
	*b = (struct belongs){ .proc = -1 };
}

static bool read_hint(int process, struct hint *ret)
{
	char argv[4096];
	size_t len = read_some(process, "cmdline", argv, sizeof(argv));

	/* The NUL behind a text that was cut, or has none, is ours. */
	return len && hint_of_argv(argv, len + (argv[len - 1] != '\0'), ret);
}

static void take_hint(const struct hint *h, struct belonging *ret)
{
	ret->ref = h->ref;
	memcpy(ret->vm, h->vm, sizeof(ret->vm));
	memcpy(ret->name, h->name, sizeof(ret->name));
}

/* "" where it has ended. Engines' daemons are noticed on the way. */
static bool read_comm(struct belongs *b, int process, pid_t pid, char ret[COMM_MAX])
{
	if (!read_some(process, "comm", ret, COMM_MAX))
		return false;
	ret[strcspn(ret, "\n")] = '\0';
	for (size_t i = 0; i < b->n_evidence; i++)
		evidence_saw(&b->evidence[i], pid, ret);
	return true;
}

/* Children of a shim that starts virtual machines, and the shim itself. */
static bool is_vm(struct belongs *b, int process, pid_t pid, struct belonging *ret)
{
	static const char *const monitors[] = { "qemu-system", "qemu-kvm", "cloud-hyperviso",
						"firecracker", "containerd-shim" };
	_cleanup_(closep) int parent = -1;
	struct proc_status s;
	char comm[COMM_MAX];
	struct hint h;
	bool any = false;

	if (!read_comm(b, process, pid, comm))
		return false;
	for (size_t i = 0; i < sizeof(monitors) / sizeof(monitors[0]); i++)
		any = any || strncmp(comm, monitors[i], strlen(monitors[i])) == 0;
	if (!any)
		return false;
	if (read_status(b, pid, &s) && s.parent)
		parent = open_process(b, (pid_t)s.parent);
	/* The shim knows the container, its child at best a name of its own. */
	if ((parent >= 0 && read_hint(parent, &h) && h.vm[0]) ||
	    (read_hint(process, &h) && h.vm[0])) {
		take_hint(&h, ret);
		return true;
	}
	return false;
}

static bool is_guessed(struct belongs *b, const char *cgroup, struct container_ref *ret)
{
	struct container_ref guesses[CONTAINER_GUESSES_MAX];
	size_t n = container_guesses(cgroup, guesses);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < b->n_evidence; k++)
			if (evidence_confirms(&b->evidence[k], &guesses[i])) {
				*ret = guesses[i];
				return true;
			}
	return false;
}

/*
 * From a process up to the first of its container, and to the one that started that. @ret_starter: 0
 * where there is none. An engine may have mounts of its own, but not other pids than the host.
 */
static pid_t find_first(const struct belongs *b, pid_t pid, uint64_t mnt, uint32_t *ret_starter)
{
	pid_t first = pid;

	*ret_starter = 0;
	for (int i = 0; i < PARENTS_MAX; i++) {
		_cleanup_(closep) int parent = -1;
		struct proc_status s;
		uint64_t ns;

		if (!read_status(b, first, &s) || !s.parent)
			return first;
		parent = open_process(b, (pid_t)s.parent);
		ns = parent < 0 ? 0 : namespace_read(parent, NS_MNT);
		if (ns != mnt) {
			if (ns && b->pid && namespace_read(parent, NS_PID) == b->pid)
				*ret_starter = s.parent;
			return first;
		}
		first = (pid_t)s.parent;
	}
	return first;
}

/* The processes around it: a runtime's state names its first, the first's parent is a monitor. */
static bool is_told_by_others(struct belongs *b, pid_t pid, struct belonging *ret)
{
	_cleanup_(closep) int starter = -1;
	uint32_t starter_pid;
	struct hint h;
	pid_t first;

	if (!ret->mnt)
		return false;
	first = find_first(b, pid, ret->mnt, &starter_pid);
	for (size_t k = 0; k < b->n_evidence; k++)
		if (evidence_of_pid(&b->evidence[k], first, &ret->ref))
			return true;
	starter = starter_pid ? open_process(b, (pid_t)starter_pid) : -1;
	if (starter < 0 || !read_hint(starter, &h))
		return false;
	take_hint(&h, ret);
	return true;
}

/* In namespaces of its own, on a root of its own: a container of an engine we do not know. */
static bool is_unknown(const struct belongs *b, int process, const char *mounts,
		       struct belonging *ret)
{
	char mount[BELONGS_MOUNT_MAX];
	uint64_t pid;

	if (!b->pid || !ret->mnt || !b->root_mount[0])
		return false;
	pid = namespace_read(process, NS_PID);
	if (!pid || pid == b->pid || !find_root_mount(mounts, mount) ||
	    strcmp(mount, b->root_mount) == 0)
		return false;
	ret->ref = (struct container_ref){ .engine = CONTAINER_UNKNOWN };
	(void)snprintf(ret->ref.id, sizeof(ret->ref.id), "pid-%llu", (unsigned long long)pid);
	return true;
}

/* Mounts of its own, and a cgroup that says nothing. */
static enum belongs_to by_other_signs(struct belongs *b, int process, pid_t pid,
				      struct belonging *ret)
{
	_cleanup_(buf_free) struct buf mounts = { 0 };

	if (!ret->mnt || !b->mnt || !read_mounts(process, &mounts))
		return BELONGS_HOST;
	if (hint_of_mounts(buf_str(&mounts), &ret->ref) || is_told_by_others(b, pid, ret))
		return BELONGS_CONTAINER;
	return is_unknown(b, process, buf_str(&mounts), ret) ? BELONGS_UNKNOWN : BELONGS_HOST;
}

enum belongs_to belongs_of(struct belongs *b, pid_t pid, struct belonging *ret)
{
	_cleanup_(closep) int process = open_process(b, pid);
	char cgroup[CGROUP_MAX], comm[COMM_MAX];

	*ret = (struct belonging){ .mnt = 0 };
	if (process < 0)
		return BELONGS_HOST;
	ret->mnt = namespace_read(process, NS_MNT);
	if (ret->mnt && ret->mnt == b->mnt)
		return is_vm(b, process, pid, ret) ? BELONGS_CONTAINER : BELONGS_HOST;
	if (!read_some(process, "cgroup", cgroup, sizeof(cgroup)))
		return BELONGS_HOST;
	switch (container_of_cgroup(cgroup, &ret->ref)) {
	case CGROUP_CONTAINER:
		return BELONGS_CONTAINER;
	case CGROUP_OTHER:
		(void)read_comm(b, process, pid, comm);
		return BELONGS_HOST;
	case CGROUP_HOST:
	default:
		break;
	}
	if (is_guessed(b, cgroup, &ret->ref) || is_vm(b, process, pid, ret))
		return BELONGS_CONTAINER;
	return by_other_signs(b, process, pid, ret);
}
