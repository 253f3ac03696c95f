/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent-priv: what the parts of the daemon's root side share. One struct agent a process. */
#ifndef OAK_AGENT_AGENT_PRIV_H
#define OAK_AGENT_AGENT_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "agent/agent.h"
#include "agent/errand.h"
#include "agent/message-ids.h"
#include "agent/message.h"
#include "agent/recover.h"
#include "agent/say.h"
#include "agent/worker.h"
#include "host/host.h"
#include "host/kmsg-watch.h"
#include "host/kmsg.h"
#include "host/settings.h"

/* What a check is for. */
enum purpose {
	PURPOSE_CHECK,   /* the repository's newest level */
	PURPOSE_GO_BACK, /* a level settled earlier, from the cache, in the place of one that hurts */
	PURPOSE_BOOT,    /* the last one settled, from the cache: the network was to come first */
	PURPOSE_CVES,    /* not a level: the CVE database */
	PURPOSE_REPORT   /* nor that: a report to the fleet's server */
};

/* A level that is being watched. */
struct soak {
	uint32_t level; /* 0: none */
	int64_t until_s;
	struct livepatch_list patches; /* the kernel's, when it was applied: for kmsg_watch */
	struct kmsg_watch watch;
	unsigned health_failures; /* in a row */
	bool is_well;             /* the health command's last word */
	bool is_over;             /* the soak time; the level settles once it is well */
};

struct agent {
	int root;
	const char *root_path;
	struct identity id;
	struct settings settings;
	sd_event *event;

	sd_event_source *check_timer;
	bool by_hand;                 /* somebody waits for the next check */
	bool boot_is_over;            /* a check succeeded, or the cache took its place */
	unsigned go_back_tries;       /* of this time */
	int64_t tried_s;              /* when the last check ended */
	char error[MESSAGE_TEXT_MAX]; /* of it, or "" */
	char said[MESSAGE_TEXT_MAX];  /* of the last answer: what stays is not told each hour */

	int sock; /* to the worker that was asked, or -1 */
	sd_event_source *answer_source, *answer_timer;
	enum purpose purpose;
	uint32_t asked; /* for this level of the cache; 0: for none */

	sd_event_source *cves_timer,
		*cves_source; /* of the next look, and of the child that stores */

	sd_event_source *report_timer;
	char reported[65]; /* what the last report was about, as a hash; "" */

	pid_t teller; /* 0: none */
	bool tell_again;
	sd_event_source *teller_source;

	pid_t deed; /* 0: none */
	sd_event_source *deed_source;
	enum errand_kind deed_kind;
	enum journal_by deed_by;
	uint32_t deed_level;

	sd_event_source *recover_timer; /* somebody else is at work: looked at again */

	struct kmsg kmsg; /* open from before a deed until its level is settled */
	sd_event_source *log_source, *log_timer;

	struct soak soak;
	sd_event_source *settle_timer, *health_timer, *health_source;
	pid_t health; /* the user's command, or 0 */

	int control;
	int64_t next_s; /* of the next check, wall clock */
};

/* agent.c */
void agent_note(const struct agent *a, uint32_t level, enum journal_step step, enum journal_by by,
		const char *why);
void agent_arm(struct agent *a, sd_event_source **timer, uint64_t seconds,
	       sd_event_time_handler_t handler);
void agent_drop(sd_event_source **source);
/* The journal at this moment; empty where it cannot be read. */
void agent_view(const struct agent *a, struct journal_view *ret);
/* The level in the kernel at this moment; 0: none. */
uint32_t agent_level(const struct agent *a);
/* The files of /run/oakum and the journal of the system: after each change. */
void agent_tell(struct agent *a);

/* agent-check.c */
void agent_schedule(struct agent *a, uint64_t seconds);
void agent_ask(struct agent *a, enum purpose purpose, uint32_t cached);
void agent_ask_cleanup(struct agent *a);

/* agent-cves.c */
void agent_cves_look(struct agent *a); /* soon, once nothing else is under way */
void agent_cves_take(struct agent *a, const struct message_answer *answer, const int *fds);

/* agent-fleet.c */
int agent_fleet_facts(const struct agent *a); /* a descriptor for the worker, or -1 */
void agent_fleet_begin(struct agent *a); /* what is so at the start goes with the first check */
void agent_fleet_told(struct agent *a);  /* the files are up to date: a report, if it is news */
void agent_fleet_answer(struct agent *a, const struct message_answer *answer);
void agent_fleet_take_back(struct agent *a, uint32_t level, const char *why);

/* agent-deed.c */
void agent_deed(struct agent *a, enum errand_kind kind, enum journal_by by,
		const struct message_answer *answer, const int *fds);
/* That level alone: one that it gives way to, or that it replaced, stays. */
void agent_deed_revert(struct agent *a, uint32_t level, enum journal_by by);
/* Looks what the journal and the kernel say is left to do, and does it; see agent/recover.h. */
void agent_recover(struct agent *a);

/* agent-soak.c */
void agent_log_open(struct agent *a);
void agent_log_close(struct agent *a);
void agent_soak(struct agent *a, uint32_t level);
/* The settings have another health command, or none. */
void agent_soak_health(struct agent *a);
void agent_soak_end(struct agent *a);
/* The level hurts: never again by itself, and out of the kernel. */
void agent_hurt(struct agent *a, const char *why);
void agent_go_back(struct agent *a, uint32_t level);

/* control.c: see agent/control.h */
int agent_control_open(struct agent *a, struct oak_error *err) _must_check_;

/* What has a place in the catalog: structured, and on stderr where no journal takes it. */
void agent_event(const struct agent *a, enum message what, uint32_t level, const char *fmt, ...)
	_printf_(4, 5);

#endif
