/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a decision that was read says of one level on one host. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "trust/fleet/decision-priv.h"

#define SHOWN 80 /* of a rollout's name */

/* 1 to 16 hexadecimal digits; others end it. */
static uint64_t hex_number(const char *text)
{
	uint64_t n = 0;

	for (int i = 0; i < 16; i++) {
		char c = text[i];

		if (c >= '0' && c <= '9')
			n = n << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (uint64_t)(c - 'a' + 10);
		else
			break;
	}
	return n;
}

uint64_t decision_place(const char *rollout, const char *host)
{
	char text[128], hash[SHA256_HEX_MAX];
	int len = snprintf(text, sizeof(text), "%.63s:%.63s", rollout, host);

	sha256_hex(text, (size_t)len, hash);
	return hex_number(hash);
}

static bool has_tag(const struct decision_host *h, const char *tag)
{
	for (size_t i = 0; i < h->n_tags; i++)
		if (strcmp(h->tags[i], tag) == 0)
			return true;
	return false;
}

static bool has_all_tags(const struct decision_host *h, const json_t *tags)
{
	const json_t *tag;
	size_t i;

	json_array_foreach(tags, i, tag) if (!has_tag(h, json_string_value(tag))) return false;
	return true;
}

static bool lists(const json_t *list, const char *word)
{
	const json_t *each;
	size_t i;

	json_array_foreach(list, i,
			   each) if (strcmp(json_string_value(each), word) == 0) return true;
	return false;
}

static bool fits_kernel(const struct decision_host *h, const json_t *kernels)
{
	return json_array_size(kernels) == 0 || lists(kernels, h->build_id);
}

static bool fits_distribution(const struct decision_host *h, const json_t *distributions)
{
	char exact[160];

	(void)snprintf(exact, sizeof(exact), "%s:%s", h->os_id, h->os_version);
	return json_array_size(distributions) == 0 || lists(distributions, h->os_id) ||
	       lists(distributions, exact);
}

/* The level that a rollout of this host names; 0: it is not one of this host, or has none for its kernel. */
static uint32_t level_of(const json_t *rollout, const struct decision_host *h)
{
	const json_t *where = json_object_get(rollout, "where");

	if (!has_all_tags(h, json_object_get(where, "tags")) ||
	    !fits_kernel(h, json_object_get(where, "kernels")) ||
	    !fits_distribution(h, json_object_get(where, "distributions")))
		return 0;
	return (uint32_t)json_integer_value(
		json_object_get(json_object_get(rollout, "levels"), h->build_id));
}

static bool is_open(const json_t *rollout, const struct decision_host *h)
{
	uint64_t place = decision_place(json_get_str(rollout, "id"), h->id);
	const json_t *each;
	size_t i;

	json_array_foreach(json_object_get(rollout, "open"), i, each)
	{
		const char *tag = json_get_str(each, "tag");

		if ((!tag[0] || has_tag(h, tag)) && place <= hex_number(json_get_str(each, "below")))
			return true;
	}
	return false;
}

static bool moves(const json_t *rollout)
{
	const char *state = json_get_str(rollout, "state");

	return strcmp(state, "running") == 0 || strcmp(state, "completed") == 0;
}

static bool takes_back(const json_t *rollout)
{
	return json_is_true(json_object_get(rollout, "take_back"));
}

/* Control characters of what the server wrote do not reach a terminal. */
static void make_line(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p; p++)
		if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
			*p = '?';
}

static void say(const json_t *rollout, const char *what, struct decision_verdict *ret)
{
	const char *name = json_get_str(rollout, "name");

	(void)snprintf(ret->rollout, sizeof(ret->rollout), "%s", json_get_str(rollout, "id"));
	(void)snprintf(ret->why, sizeof(ret->why), "rollout %.*s: %s", SHOWN,
		       name && name[0] ? name : ret->rollout, what);
	make_line(ret->why);
}

static void say_held(const json_t *rollout, struct decision_verdict *ret)
{
	const char *why = json_get_str(rollout, "why"), *state = json_get_str(rollout, "state");
	char what[DECISION_TEXT_MAX];

	if (takes_back(rollout))
		(void)snprintf(what, sizeof(what), "taken back%s%s", why && why[0] ? ": " : "",
			       why ? why : "");
	else if (moves(rollout))
		(void)snprintf(what, sizeof(what), "its stage has not come");
	else
		(void)snprintf(what, sizeof(what), "%s%s%s", state, why && why[0] ? ": " : "",
			       why ? why : "");
	say(rollout, what, ret);
	ret->word = DECISION_HOLD;
}

static void judge_unmanaged(const struct decision *d, struct decision_verdict *ret)
{
	*ret = (struct decision_verdict){ .word = d->free ? DECISION_FREE : DECISION_HOLD };
	if (!d->free)
		(void)snprintf(ret->why, sizeof(ret->why), "no rollout names it for this host");
}

void decision_judge(const struct decision *d, const struct decision_host *h, uint32_t level,
		    struct decision_verdict *ret)
{
	const json_t *rollout;
	bool named = false;
	size_t i;

	*ret = (struct decision_verdict){ .word = DECISION_HOLD };
	if (d->stopped) {
		(void)snprintf(ret->why, sizeof(ret->why), "emergency stop: %.*s",
			       DECISION_TEXT_MAX - 20, d->stop);
		return;
	}
	/* What is taken back by one rollout is not taken again by another: it would go to and fro. */
	if (decision_takes_back(d, h, level, ret))
		return;
	json_array_foreach(d->rollouts, i, rollout)
	{
		if (level_of(rollout, h) != level)
			continue;
		if (moves(rollout) && is_open(rollout, h)) {
			say(rollout, "its turn has come", ret);
			ret->word = DECISION_ASK;
			return;
		}
		if (!named)
			say_held(rollout, ret);
		named = true;
	}
	if (!named)
		judge_unmanaged(d, ret);
}

bool decision_takes_back(const struct decision *d, const struct decision_host *h, uint32_t level,
			 struct decision_verdict *ret)
{
	const json_t *rollout;
	size_t i;

	json_array_foreach(d->rollouts, i, rollout)
	{
		if (!level || !takes_back(rollout) || level_of(rollout, h) != level)
			continue;
		*ret = (struct decision_verdict){ .word = DECISION_HOLD };
		say_held(rollout, ret);
		return true;
	}
	return false;
}
