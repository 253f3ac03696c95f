/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/security-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/process-age.h"
#include "host/security/namespaces.h"
#include "host/security/proc-file.h"
#include "host/security/proc-status.h"

#define CGROUP_TEXT_MAX 65536u

void security_free(struct security *s)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		free(s->mounts[i].host);
		free(s->mounts[i].inside);
		free(s->mounts[i].socket);
	}
	free(s->mounts);
	free(s->ports);
	free(s->groups);
	*s = (struct security){ .pid = 0 };
}

static void read_namespaces(const struct security_reader *r, int proc, struct security *s)
{
	for (enum namespace_kind k = NS_NET; k < NS_KINDS; k++) {
		s->ns[k] = namespace_read(proc, k);
		if (s->ns[k] && r->ns[k])
			s->ns_host[k] = s->ns[k] == r->ns[k] ? FACT_YES : FACT_NO;
	}
	if (!s->ns[NS_MNT] || !r->ns[NS_MNT])
		s->unread |= SECURITY_NAMESPACES;
}

static void read_ids(int proc, struct security *s)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct id_map map;

	s->root_uid = ID_NONE;
	/* The first user namespace maps all to themselves. */
	if (s->ns_host[NS_USER] == FACT_YES) {
		s->root_uid = 0;
		s->identity_map = true;
		return;
	}
	if (file_read(proc, "uid_map", PROC_UID_MAP_MAX, &text, NULL) < 0 ||
	    !id_map_parse(buf_str(&text), &map)) {
		s->unread |= SECURITY_IDS;
		return;
	}
	s->root_uid = map.root;
	s->identity_map = map.identity;
}

static int take_status(const struct proc_status *p, struct security *s)
{
	s->groups = p->n_groups ? reallocarray(NULL, p->n_groups, sizeof(*s->groups)) : NULL;
	if (p->n_groups && !s->groups)
		return -ENOMEM;
	if (p->n_groups)
		memcpy(s->groups, p->groups, p->n_groups * sizeof(*s->groups));
	s->n_groups = p->n_groups;
	memcpy(s->command, p->command, sizeof(s->command));
	memcpy(s->uid, p->uid, sizeof(s->uid));
	memcpy(s->gid, p->gid, sizeof(s->gid));
	s->caps = p->caps;
	s->seccomp = p->seccomp;
	s->seccomp_filters = p->seccomp_filters;
	s->no_new_privs = p->no_new_privs;
	s->real_root = FACT_NO;
	for (size_t i = 0; i < 4; i++)
		if (!s->uid[i])
			s->real_root = FACT_YES;
	return 0;
}

/* A process may be in 65536 groups: such a file is long. */
static int read_status(struct buf *text, int proc, struct security *s, bool *ret_gone)
{
	_cleanup_(freep) struct proc_status *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	*ret_gone = !proc_file_read(proc, "status", PROC_STATUS_MAX, text) ||
		    !proc_status_parse(buf_str(text), p);
	return *ret_gone ? 0 : take_status(p, s);
}

static void read_limits(struct security_reader *r, int proc, struct security *s)
{
	struct limits l;
	/* Nothing is read where this fails: then all is unknown. */
	bool ok = proc_file_read(proc, "cgroup", CGROUP_TEXT_MAX, &r->text);

	limits_read(r->host, ok ? buf_str(&r->text) : "", &r->limits, &l);
	s->memory_max_bytes = l.memory_max_bytes;
	s->pids_max = l.pids_max;
	s->cpu_quota_us = l.cpu_quota_us;
	s->cpu_period_us = l.cpu_period_us;
	s->devices_all = l.devices_all;
	if (l.memory_max_bytes == LIMIT_UNKNOWN && l.pids_max == LIMIT_UNKNOWN &&
	    l.cpu_quota_us == LIMIT_UNKNOWN)
		s->unread |= SECURITY_LIMITS;
	if (l.devices_all == FACT_UNKNOWN)
		s->unread |= SECURITY_DEVICES;
}

static void read_label(struct security_reader *r, int proc, struct security *s)
{
	struct label l;

	label_read(&r->labels, proc, &l);
	memcpy(s->lsm, l.lsm, sizeof(s->lsm));
	memcpy(s->label, l.text, sizeof(s->label));
	s->confined = l.confined;
	if (l.unread)
		s->unread |= SECURITY_LABEL;
}

void security_judge(struct security *s)
{
	const unsigned takes_all = PRIVILEGED_CAPS | PRIVILEGED_SECCOMP | PRIVILEGED_LSM;
	unsigned by = 0;

	/* Capabilities within a user namespace are none on the host. */
	if (caps_are_privileged(s->caps.bounding) && s->ns_host[NS_USER] != FACT_NO)
		by |= PRIVILEGED_CAPS;
	if (s->seccomp == SECCOMP_OFF)
		by |= PRIVILEGED_SECCOMP;
	if (s->confined == FACT_NO)
		by |= PRIVILEGED_LSM;
	if (s->sys_writable == FACT_YES)
		by |= PRIVILEGED_SYS;
	if (s->proc_masked == FACT_NO && s->proc_sys_read_only == FACT_NO)
		by |= PRIVILEGED_PROC;
	if (s->devices_all == FACT_YES)
		by |= PRIVILEGED_DEVICES;
	s->privileged_by = by;
	s->privileged = PRIVILEGED_NO;
	if ((by & takes_all) == takes_all)
		s->privileged = (by & PRIVILEGED_SYS) && (by & PRIVILEGED_PROC) &&
						s->devices_all != FACT_NO
					? PRIVILEGED_YES
					: PRIVILEGED_LIKE;
	else if ((by & PRIVILEGED_CAPS) &&
		 ((by & PRIVILEGED_SECCOMP) || s->seccomp == SECCOMP_UNKNOWN) &&
		 s->confined != FACT_YES)
		s->privileged = PRIVILEGED_UNKNOWN;
}

/* All that one process tells. @ret_gone: it did not even tell who it is. */
static int read_process(struct security_reader *r, int proc, struct security *s, bool *ret_gone)
{
	int res = read_status(&r->text, proc, s, ret_gone);

	if (res < 0 || *ret_gone)
		return res;
	read_namespaces(r, proc, s);
	read_ids(proc, s);
	read_label(r, proc, s);
	read_limits(r, proc, s);
	res = security_read_mounts(r, proc, s);
	if (res == 0)
		res = security_read_ports(r, proc, s);
	security_judge(s);
	return res;
}

int security_reader_read(struct security_reader *r, pid_t pid, struct security *ret,
			 struct oak_error *err)
{
	_cleanup_(security_free) struct security s = { .pid = pid };
	_cleanup_(closep) int proc = -1;
	bool gone = false;
	uint64_t after;
	char name[16];
	int res;

	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	proc = openat(r->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || !process_start_ticks_at(proc, &s.start_ticks))
		return oak_fail(err, OAK_E_NOTFOUND, "process %d: there is none", (int)pid);
	res = read_process(r, proc, &s, &gone);
	if (res < 0)
		return oak_fail_errno(err, res, "process %d", (int)pid);
	if (gone || !process_start_ticks_at(proc, &after))
		return oak_fail(err, OAK_E_AGAIN, "process %d: ended while it was read", (int)pid);
	if (after != s.start_ticks)
		return oak_fail(err, OAK_E_AGAIN,
				"process %d: ended while it was read, and another has its number",
				(int)pid);
	*ret = s;
	s = (struct security){ .pid = 0 };
	return 0;
}

/* What is of the host; what cannot be read stays empty, and then nothing is known to be its. */
static int read_host(struct security_reader *r)
{
	_cleanup_(closep) int proc = openat(r->proc, "1", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int res = 0;

	namespaces_of_host(r->proc, r->ns);
	if (proc < 0)
		return 0;
	r->host = openat(proc, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file_read(proc, "mountinfo", MOUNTS_TEXT_MAX, &r->mounts_text, NULL) == 0 &&
	    r->mounts_text.len)
		res = mounts_parse((char *)r->mounts_text.data, &r->mounts);
	return res;
}

int security_reader_open(int root, struct security_reader **ret, struct oak_error *err)
{
	_cleanup_(security_reader_closep) struct security_reader *r = calloc(1, sizeof(*r));
	int res;

	if (!r)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r->root = root;
	r->host = -1;
	r->proc = openat(root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->proc < 0)
		return oak_fail_errno(err, errno, "/proc");
	res = read_host(r);
	if (res < 0)
		return oak_fail_errno(err, res, "process 1");
	if (r->host < 0)
		r->host = fcntl(root, F_DUPFD_CLOEXEC, 0);
	if (r->host < 0)
		return oak_fail_errno(err, errno, "the root");
	sockets_read(root, r->host, &r->mounts, &r->sockets);
	label_host_read(root, &r->labels);
	limits_memo_init(r->host, &r->limits);
	security_read_proc_files(r);
	*ret = take_ptr(r);
	return 0;
}

void security_reader_close(struct security_reader *r)
{
	for (size_t i = 0; i < r->n_ports; i++)
		ports_free(&r->ports[i].list);
	free(r->ports);
	mounts_free(&r->mounts);
	buf_free(&r->mounts_text);
	buf_free(&r->text);
	closep(&r->host);
	closep(&r->proc);
	free(r);
}

void security_reader_closep(struct security_reader **r)
{
	if (*r)
		security_reader_close(*r);
}

int security_read(int root, pid_t pid, struct security *ret, struct oak_error *err)
{
	_cleanup_(security_reader_closep) struct security_reader *r = NULL;
	int res = security_reader_open(root, &r, err);

	return res < 0 ? res : security_reader_read(r, pid, ret, err);
}
