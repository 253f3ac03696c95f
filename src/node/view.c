/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node/view.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

/* Their order is that of add_labels(). */
const char *const node_label_keys[NODE_LABELS] = {
	"level", "newest-level", "state", "kernel-build", "effective-version", "verdict", "reboot",
};

void node_label_value(const char *text, char ret[NODE_LABEL_MAX])
{
	size_t n = 0;

	while (*text && !isalnum((unsigned char)*text))
		text++;
	for (; *text && n < NODE_LABEL_MAX - 1; text++)
		ret[n++] = isalnum((unsigned char)*text) || *text == '.' || *text == '-' ? *text
											 : '_';
	while (n && !isalnum((unsigned char)ret[n - 1]))
		n--;
	ret[n] = '\0';
}

static void add_labels(const struct node_status *s, bool alive, struct node_label *labels)
{
	char level[16], newest[16];
	const char *values[NODE_LABELS];

	(void)snprintf(level, sizeof(level), "%u", s->level);
	(void)snprintf(newest, sizeof(newest), "%u", s->newest);
	values[0] = level;
	values[1] = s->newest || s->no_level ? newest : "unknown";
	values[2] = s->state;
	values[3] = s->build_id;
	values[4] = s->effective;
	values[5] = node_verdict_name(alive ? s->verdict : NODE_UNKNOWN);
	values[6] = s->reboot ? "needed" : "no";
	for (size_t i = 0; i < NODE_LABELS; i++)
		node_label_value(values[i], labels[i].value);
}

static bool is_off(const struct node_status *s)
{
	return s->switched_off;
}

static bool is_moving(const struct node_status *s)
{
	return strcmp(s->state, "applying") == 0 || strcmp(s->state, "reverting") == 0;
}

static bool is_withdrawn(const struct node_status *s)
{
	return s->level && s->withdrawn;
}

static bool is_newest(const struct node_status *s)
{
	return s->level && s->checked_s && s->level >= s->newest;
}

static bool has_none(const struct node_status *s)
{
	return !s->level && s->no_level;
}

static bool is_unasked(const struct node_status *s)
{
	return !s->checked_s;
}

static bool is_withheld(const struct node_status *s)
{
	return s->newest > s->level && s->withheld;
}

static bool is_quarantined(const struct node_status *s)
{
	return s->newest > s->level && s->quarantined;
}

static bool is_behind(const struct node_status *s)
{
	return s->newest > s->level;
}

/* What a node is asked, in this order; the first that is so gives the condition. */
static const struct {
	bool (*is)(const struct node_status *s);
	const char *status, *reason;
} rules[] = {
	{ is_moving, "False", "TransitionInProgress" },
	{ is_withdrawn, "False", "LevelWithdrawn" },
	{ is_newest, "True", "LevelApplied" },
	{ is_off, "False", "SwitchedOff" },
	{ has_none, "False", "NoLevelForKernel" },
	{ is_unasked, "Unknown", "RepositoryNeverReached" },
	{ is_withheld, "False", "LevelWithheld" },
	{ is_quarantined, "False", "LevelQuarantined" },
	{ is_behind, "False", "LevelBehind" },
};

static void say_condition(const struct node_status *s, struct node_condition *c)
{
	/* The newest there is, and that is none: nothing is to be patched yet. */
	c->status = "True";
	c->reason = "NothingToPatch";
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].is(s))
			continue;
		c->status = rules[i].status;
		c->reason = rules[i].reason;
		break;
	}
	(void)snprintf(c->message, sizeof(c->message), "%s",
		       s->n_findings ? s->findings[0].text : s->good);
}

/* Same thing, same name, on every try and after every start; another node, another name. */
static void name_event(const char *node, const char *what, char ret[NODE_NAME_MAX])
{
	char hash[SHA256_HEX_MAX];

	sha256_hex(what, strlen(what), hash);
	(void)snprintf(ret, NODE_NAME_MAX, "%.200s.oakum-%.16s", node, hash);
}

/* Which steps a cluster hears of. */
static const struct {
	const char *step, *type, *reason, *text; /* "level 3 <text> <by>" */
} steps[] = {
	{ "applied", "Normal", "KernelLevelApplied", "was applied by" },
	{ "settled", "Normal", "KernelLevelSettled", "is settled, watched by" },
	{ "reverted", "Warning", "KernelLevelReverted", "was taken back by" },
	{ "failed", "Warning", "KernelLevelFailed", "failed, wanted by" },
	{ "quarantined", "Warning", "KernelLevelQuarantined", "is not applied again here, says" },
};

static void add_deed(const char *node, const char *boot, const struct node_deed *d,
		     struct node_view *v)
{
	struct node_event *e = &v->events[v->n_events];
	const char *colon = d->why[0] ? ": " : "";
	char what[256];

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].step, d->step) != 0)
			continue;
		e->type = steps[i].type;
		e->reason = steps[i].reason;
		e->at_s = d->at_s;
		(void)snprintf(e->message, sizeof(e->message), "level %u %s %s%s%s", d->level,
			       steps[i].text, d->by, colon, d->why);
		(void)snprintf(what, sizeof(what), "%.64s %.64s %u %lld", boot, d->step, d->level,
			       (long long)d->at_s);
		name_event(node, what, e->name);
		v->n_events++;
		return;
	}
}

/* Findings that are news for who runs the cluster. A day later the same one is said again. */
static const struct {
	const char *id, *reason;
} told_findings[] = {
	{ "transition", "KernelTransitionStalled" },
	{ "stale", "KernelPatchesStale" },
	{ "incomplete", "KernelLevelIncomplete" },
	{ "expiry", "KernelPatchTrustExpires" },
};

static void add_finding(const char *node, const char *boot, const struct node_finding *f,
			int64_t now_s, struct node_view *v)
{
	struct node_event *e = &v->events[v->n_events];
	char what[256];

	for (size_t i = 0; i < sizeof(told_findings) / sizeof(told_findings[0]); i++) {
		if (strcmp(told_findings[i].id, f->id) != 0 || f->verdict == NODE_OK)
			continue;
		*e = (struct node_event){ .type = "Warning",
					  .reason = told_findings[i].reason,
					  .at_s = now_s };
		(void)snprintf(e->message, sizeof(e->message), "%s", f->text);
		(void)snprintf(what, sizeof(what), "%.64s %.64s day %lld", boot, f->id,
			       (long long)(now_s / 86400));
		name_event(node, what, e->name);
		v->n_events++;
		return;
	}
}

void node_view_of(const struct node_status *s, const char *node, bool alive, int64_t now_s,
		  struct node_view *ret)
{
	static const struct node_status nothing = { .state = "none", .verdict = NODE_UNKNOWN };

	*ret = (struct node_view){ .n_events = 0 };
	for (size_t i = 0; i < NODE_LABELS; i++)
		ret->labels[i].key = node_label_keys[i];
	add_labels(s ? s : &nothing, alive, ret->labels);
	if (!s || !alive) {
		ret->condition =
			(struct node_condition){ .status = "Unknown", .reason = "AgentNotRunning" };
		(void)snprintf(ret->condition.message, sizeof(ret->condition.message), "%s",
			       s ? "the agent of this node does not run; what it last said may be old"
				 : "the agent of this node has said nothing yet");
	} else {
		say_condition(s, &ret->condition);
		ret->critical = s->verdict == NODE_CRITICAL;
	}
	for (size_t i = 0; s && i < s->n_deeds; i++)
		add_deed(node, s->boot, &s->deeds[i], ret);
	for (size_t i = 0; s && alive && i < s->n_findings; i++)
		add_finding(node, s->boot, &s->findings[i], now_s, ret);
}
