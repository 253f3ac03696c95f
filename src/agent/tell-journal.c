/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tell-journal.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"

/* As of syslog(3). */
enum {
	CRITICAL = 2,
	ERROR,
	WARNING,
	NOTICE,
	INFO,
};

static const int priorities[MESSAGES] = {
	[MESSAGE_LEVEL_APPLIED] = NOTICE,     [MESSAGE_LEVEL_REVERTED] = NOTICE,
	[MESSAGE_TRANSITION_STALLED] = ERROR, [MESSAGE_LEVEL_SETTLED] = NOTICE,
	[MESSAGE_LEVEL_QUARANTINED] = ERROR,  [MESSAGE_CRASH_FOUND] = CRITICAL,
	[MESSAGE_CHECK_FAILED] = WARNING,     [MESSAGE_WITHHELD] = NOTICE,
	[MESSAGE_HOOK_FAILED] = ERROR,        [MESSAGE_LEVEL_WITHDRAWN] = WARNING,
	[MESSAGE_FLEET_TAKES_BACK] = WARNING, [MESSAGE_NO_LEVEL_FOR_KERNEL] = WARNING,
	[MESSAGE_TRUST_EXPIRING] = WARNING,   [MESSAGE_AGENT_STARTED] = INFO,
	[MESSAGE_PREFLIGHT_FAILED] = ERROR,
};

/* A value with newlines has its length before it, so that no line of it can pose as a field. */
static int add_field(struct buf *b, const char *name, const char *value)
{
	size_t len = strnlen(value, TELL_MESSAGE_MAX);
	uint64_t le = htole64(len);
	int r = buf_add_str(b, name);

	if (!memchr(value, '\n', len)) {
		r = r == 0 ? buf_add(b, "=", 1) : r;
	} else {
		r = r == 0 ? buf_add(b, "\n", 1) : r;
		r = r == 0 ? buf_add(b, &le, sizeof(le)) : r;
	}
	r = r == 0 ? buf_add(b, value, len) : r;
	return r == 0 ? buf_add(b, "\n", 1) : r;
}

int tell_event_bytes(const struct tell_event *e, struct buf *ret, struct oak_error *err)
{
	char level[16] = "", priority[16];
	const char *const fields[][2] = {
		{ "MESSAGE", e->text },
		{ "MESSAGE_ID", message_ids[e->what].id },
		{ "PRIORITY", priority },
		{ "SYSLOG_IDENTIFIER", "oakum" },
		{ "OAKUM_EVENT", message_ids[e->what].name },
		{ "OAKUM_LEVEL", level },
		{ "OAKUM_BUILD_ID", e->build_id ? e->build_id : "" },
	};

	(void)snprintf(priority, sizeof(priority), "%d", priorities[e->what]);
	if (e->level)
		(void)snprintf(level, sizeof(level), "%u", e->level);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i][1][0] && add_field(ret, fields[i][0], fields[i][1]) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int send_bytes(const char *path, const struct buf *b)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t len = strlen(path);

	if (fd < 0 || len >= sizeof(to.sun_path))
		return -1;
	memcpy(to.sun_path, path, len);
	return sendto(fd, b->data, b->len, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to,
		      sizeof(to)) == (ssize_t)b->len
		       ? 0
		       : -1;
}

void tell_event(const char *socket, const struct tell_event *e, const struct progress *fallback)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	if (tell_event_bytes(e, &b, NULL) < 0 ||
	    send_bytes(socket ? socket : TELL_JOURNAL_SOCKET, &b) < 0)
		progress_step(fallback, "%s", e->text);
}
