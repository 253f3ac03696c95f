/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/namespaces.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/security/proc-file.h"
#include "host/security/proc-status.h"
#include "host/security/scan.h"

/* "mnt:[4026531841]" */
uint64_t namespace_read(int process, enum namespace_kind k)
{
	char path[16], text[64];
	const char *p = text;
	uint64_t inode;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "ns/%s", namespace_name(k));
	n = readlinkat(process, path, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	p += strcspn(text, "[");
	return scan_char(&p, '[') && scan_u64(&p, 10, &inode) ? inode : 0;
}

/* A kernel thread has no memory of its own; nobody can name a program so that it has none. */
static bool is_kthreadd(int process)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct proc_status s;

	return proc_file_read(process, "status", PROC_STATUS_MAX, &text) &&
	       proc_status_parse(buf_str(&text), &s) && strcmp(s.command, "kthreadd") == 0 &&
	       !s.parent && !strstr(buf_str(&text), "\nVmSize:");
}

static int open_process(int proc, const char *pid)
{
	return openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void namespaces_of_host(int proc, uint64_t ret[NS_KINDS])
{
	_cleanup_(closep) int init = open_process(proc, "1"), thread = open_process(proc, "2");
	bool is_thread = thread >= 0 && is_kthreadd(thread);

	for (enum namespace_kind k = NS_NET; k < NS_KINDS; k++) {
		ret[k] = init >= 0 ? namespace_read(init, k) : 0;
		if (!ret[k] && is_thread)
			ret[k] = namespace_read(thread, k);
	}
}
