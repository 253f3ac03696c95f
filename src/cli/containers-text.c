/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "cli/containers.h"
#include "host/security/places.h"

#define SHOW_MOUNTS 2u

/* Appends with @between where something stands already; what does not fit is cut. */
static void append(char ret[CONTAINERS_CELL_MAX], const char *between, const char *fmt, ...)
	_printf_(3, 4);

static void append(char ret[CONTAINERS_CELL_MAX], const char *between, const char *fmt, ...)
{
	size_t len = strlen(ret);
	va_list ap;

	if (len && len + strlen(between) < CONTAINERS_CELL_MAX) {
		memcpy(ret + len, between, strlen(between) + 1);
		len += strlen(between);
	}
	va_start(ap, fmt);
	(void)vsnprintf(ret + len, CONTAINERS_CELL_MAX - len, fmt, ap);
	va_end(ap);
}

void containers_append(char ret[CONTAINERS_CELL_MAX], const char *text)
{
	append(ret, "", "%s", text);
}

void containers_root_text(const struct security *s, char ret[CONTAINERS_CELL_MAX])
{
	ret[0] = '\0';
	if (s->real_root == FACT_YES)
		append(ret, "", "root");
	else if (s->root_uid != ID_NONE && s->uid[1] == s->root_uid)
		append(ret, "", "mapped %" PRIu32, s->uid[1]);
	else
		append(ret, "", "%" PRIu32, s->uid[1]);
}

void containers_caps_text(const struct security *s, char ret[CONTAINERS_CELL_MAX])
{
	ret[0] = '\0';
	if (s->privileged == PRIVILEGED_YES)
		append(ret, "", "privileged");
	else if (s->privileged == PRIVILEGED_LIKE)
		append(ret, "", "as privileged");
	else
		caps_text(s->caps.effective, ret, CONTAINERS_CELL_MAX);
	/* Within a user namespace they are none on the host. */
	if (s->ns_host[NS_USER] == FACT_NO && (s->caps.effective & caps_dangerous))
		append(ret, "", " within");
}

/* Those that matter: all containers share time, and before cgroup v2 the cgroup namespace. */
void containers_namespaces_text(const struct security *s, char ret[CONTAINERS_CELL_MAX])
{
	static const enum namespace_kind told[] = { NS_NET, NS_PID, NS_IPC, NS_UTS, NS_MNT };
	bool known = false;

	ret[0] = '\0';
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		known = known || s->ns_host[told[i]] != FACT_UNKNOWN;
		if (s->ns_host[told[i]] == FACT_YES)
			append(ret, ",", "%s", namespace_name(told[i]));
	}
	if (!ret[0])
		append(ret, "", "%s", known ? "-" : "?");
}

bool containers_mount_is_bad(const struct security_mount *m)
{
	return m->socket ||
	       (m->whole && place_rank(m->place, true) > place_rank(PLACE_OTHER, true));
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void containers_mount_text(const struct security_mount *m, char ret[CONTAINERS_CELL_MAX])
{
	ret[0] = '\0';
	if (m->place == PLACE_SOCKET)
		append(ret, "", "%s", base_name(m->host));
	else
		append(ret, "", "%s", m->host);
	append(ret, "", " %s", m->read_only ? "ro" : "rw");
	if (m->socket && m->place != PLACE_SOCKET)
		append(ret, "", " with %s", base_name(m->socket));
	if (m->renamed)
		append(ret, "", " renamed");
}

void containers_mounts_text(const struct security *s, char ret[CONTAINERS_CELL_MAX])
{
	size_t shown = 0, n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < s->n_mounts; i++) {
		char text[CONTAINERS_CELL_MAX];

		if (!containers_mount_is_bad(&s->mounts[i]))
			continue;
		if (++n > SHOW_MOUNTS)
			continue;
		containers_mount_text(&s->mounts[i], text);
		append(ret, ", ", "%.60s", text);
		shown++;
	}
	if (n > shown)
		append(ret, " ", "+%zu", n - shown);
	if (!n)
		append(ret, "", "%s", s->unread & SECURITY_MOUNTS ? "?" : "-");
}

void containers_bytes_text(uint64_t bytes, char ret[CONTAINERS_CELL_MAX])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t unit = 0;

	ret[0] = '\0';
	if (bytes == LIMIT_UNKNOWN)
		append(ret, "", "not known");
	else if (bytes == LIMIT_NONE)
		append(ret, "", "no limit");
	else {
		while (bytes >= 1024 && bytes % 1024 == 0) {
			bytes /= 1024;
			unit++;
		}
		append(ret, "", "%" PRIu64 " %s", bytes, units[unit]);
	}
}

void containers_cpu_text(const struct security *s, char ret[CONTAINERS_CELL_MAX])
{
	ret[0] = '\0';
	if (s->cpu_quota_us == LIMIT_UNKNOWN)
		append(ret, "", "not known");
	else if (s->cpu_quota_us == LIMIT_NONE)
		append(ret, "", "no limit");
	else
		append(ret, "", "%.2f", (double)s->cpu_quota_us / (double)s->cpu_period_us);
}
