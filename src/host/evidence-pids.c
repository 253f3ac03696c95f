/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of runtimes and machines name the process 1 of each of theirs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/evidence.h"
#include "host/number.h"
#include "host/sysfs.h"

#define STATE_MAX  (1u << 20)
#define STATES_MAX 4096u

struct evidence_pid {
	pid_t pid;
	char engine[CONTAINER_ENGINE_MAX];
	char id[CONTAINER_ID_MAX];
};

struct source {
	const char *engine, *dir, *file, *key; /* @key of JSON; "LEADER" of lines */
};

static const struct source sources[] = {
	{ "runc", "run/runc", "/state.json", "init_process_pid" },
	{ "crun", "run/crun", "/status", "pid" },
	{ "nspawn", "run/systemd/machines", "", "LEADER" },
};

static pid_t pid_of_lines(const char *text)
{
	const char *p = strstr(text, "LEADER=");
	char digits[12];
	uint32_t pid;

	if (!p)
		return 0;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)strspn(p + 7, "0123456789"), p + 7);
	return number_parse_u32(digits, &pid) == 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

static pid_t pid_of_json(const struct buf *text, const char *key)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	json_int_t n;

	if (json_parse(text->data, text->len, STATE_MAX, "state", &doc, NULL) < 0)
		return 0;
	n = json_integer_value(json_object_get(doc, key));
	return n > 0 && n <= INT32_MAX ? (pid_t)n : 0;
}

static void add(struct evidence *ev, const struct source *s, const char *id, pid_t pid)
{
	struct evidence_pid *v;

	if (pid <= 0 || ev->n_pids == STATES_MAX)
		return;
	if (!(ev->n_pids & (ev->n_pids - 1))) {
		v = reallocarray(ev->pids, ev->n_pids ? ev->n_pids * 2 : 1, sizeof(*v));
		if (!v)
			return;
		ev->pids = v;
	}
	v = &ev->pids[ev->n_pids++];
	*v = (struct evidence_pid){ .pid = pid };
	(void)snprintf(v->engine, sizeof(v->engine), "%s", s->engine);
	(void)snprintf(v->id, sizeof(v->id), "%.127s", id);
}

static void read_source(struct evidence *ev, const struct source *s)
{
	int fd = openat(ev->root, s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d && fd >= 0)
		(void)close(fd);
	for (size_t n = 0; d && n < STATES_MAX && (e = readdir(d)); n++) {
		_cleanup_(buf_free) struct buf text = { 0 };
		char path[SYSFS_PATH_MAX];

		if (!container_id_is_valid(e->d_name))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s%s", s->dir, e->d_name, s->file);
		if (file_read(ev->root, path, STATE_MAX, &text, NULL) == 0)
			add(ev, s, e->d_name,
			    s->file[0] ? pid_of_json(&text, s->key) : pid_of_lines(buf_str(&text)));
	}
}

bool evidence_of_pid(struct evidence *ev, pid_t pid, struct container_ref *ret)
{
	if (!ev->has_pids) {
		ev->has_pids = true;
		for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
			read_source(ev, &sources[i]);
	}
	for (size_t i = 0; i < ev->n_pids; i++)
		if (ev->pids[i].pid == pid) {
			*ret = (struct container_ref){ .uid = 0 };
			memcpy(ret->engine, ev->pids[i].engine, sizeof(ret->engine));
			memcpy(ret->id, ev->pids[i].id, sizeof(ret->id));
			return true;
		}
	return false;
}
