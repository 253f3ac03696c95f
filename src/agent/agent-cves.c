/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent-cves: the CVE database comes after each check that was answered; levels come first. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "agent/agent-priv.h"
#include "agent/child.h"
#include "agent/cves.h"
#include "agent/goods.h"
#include "base/cleanup.h"
#include "trust/cve/layout.h"

#define BUSY_S 30

/* What the child stores. */
struct parcel {
	int root;
	int fd;
	const char *sha256;
};

/* A disk that is slow must not keep the daemon from the kernel's log. */
static int store(void *ctx)
{
	const struct parcel *p = ctx;
	_cleanup_(buf_free) struct buf db = { 0 };
	struct oak_error err;
	int r = goods_copy(p->fd, CVE_FILE_MAX, "CVE database", &db, &err);

	if (r == 0)
		r = goods_check(&db, p->sha256, "CVE database", &err);
	if (r == 0)
		r = cves_store(p->root, &db, &err);
	if (r < 0)
		agent_say(SAY_ERROR, "%s", err.msg);
	return -r;
}

static int on_stored(sd_event_source *source, const siginfo_t *si, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	agent_drop(&a->cves_source);
	if (si->si_code == CLD_EXITED && si->si_status == 0)
		agent_tell(a);
	return 0;
}

void agent_cves_take(struct agent *a, const struct message_answer *answer, const int *fds)
{
	struct parcel p = { .root = a->root,
			    .fd = fds[MESSAGE_FD_CVES],
			    .sha256 = answer->cves_sha256 };
	pid_t pid;

	if (answer->code != OAK_OK) {
		agent_say(SAY_WARN, "the CVE database: %s", answer->text);
		agent_tell(a);
		return;
	}
	if (answer->action != MESSAGE_CVES || a->cves_source)
		return;
	agent_say(SAY_INFO, "%s", answer->text);
	pid = child_start(store, &p);
	if (pid < 0 || sd_event_add_child(a->event, &a->cves_source, pid, WEXITED, on_stored, a) < 0)
		agent_say(SAY_WARN, "the CVE database is not stored: %s", strerror(errno));
}

static int on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	(void)usec;
	if (a->sock >= 0 || a->deed)
		agent_arm(a, &a->cves_timer, BUSY_S, on_turn);
	else
		agent_ask(a, PURPOSE_CVES, 0);
	return 0;
}

void agent_cves_look(struct agent *a)
{
	if (a->settings.cves == CVES_YES)
		agent_arm(a, &a->cves_timer, 0, on_turn);
}
