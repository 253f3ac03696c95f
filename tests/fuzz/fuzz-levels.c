/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list that was accepted is in order and fit for paths, terminals and reports; and what the
 * publisher makes of it, one more channel, a hold or a withdrawal, is accepted again and says just that.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "trust/author/levels-edit.h"
#include "trust/levels.h"

#define INPUT_MAX 65536

static void check_line(const char *text)
{
	FUZZ_CHECK(text && *text && strlen(text) <= 512);
	for (; *text; text++)
		FUZZ_CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_entry(const struct levels *l, size_t i)
{
	const struct levels_entry *e = &l->entries[i];
	char path[MANIFEST_PATH_MAX];

	FUZZ_CHECK(e->level >= 1 && e->level <= MANIFEST_LEVEL_MAX);
	FUZZ_CHECK(i == 0 || l->entries[i - 1].level < e->level);
	FUZZ_CHECK(levels_entry(l, e->level) == e);
	FUZZ_CHECK(e->module.size >= 1 && e->module.size <= MANIFEST_MODULE_MAX);
	FUZZ_CHECK(strlen(e->module.sha256) == 64);
	FUZZ_CHECK(!e->withdrawn_why == !e->withdrawn_at && !e->held_why == !e->held_at);
	if (e->held_why)
		check_line(e->held_why);
	if (e->withdrawn_why)
		check_line(e->withdrawn_why);
	for (size_t k = 0; k < json_array_size(e->channels); k++) {
		const char *channel = json_string_value(json_array_get(e->channels, k));

		check_line(channel);
		FUZZ_CHECK(levels_in_channel(e, channel));
	}
	levels_module_path(l->kernel.arch, l->kernel.build_id, e->level, path);
	FUZZ_CHECK(strlen(path) < MANIFEST_PATH_MAX - 1 && !strstr(path, "/../"));
}

static bool is_offered(const struct levels_entry *e, const char *channel)
{
	return !e->withdrawn_why && !e->held_why && (!channel || levels_in_channel(e, channel));
}

static void check_newest(const struct levels *l, const char *channel)
{
	const struct levels_entry *newest = levels_newest(l, channel);

	FUZZ_CHECK(!newest || is_offered(newest, channel));
	for (size_t i = 0; i < l->n; i++)
		if (is_offered(&l->entries[i], channel))
			FUZZ_CHECK(newest && newest->level >= l->entries[i].level);
}

static struct levels *read_back(json_t *json)
{
	struct levels *l = NULL;
	struct oak_error err;

	FUZZ_CHECK(levels_from_json(json, "edited", &l, &err) == 0);
	json_decref(json);
	return l;
}

static void check_promote(const struct levels *l, const struct levels_entry *e)
{
	_cleanup_(levels_freep) struct levels *then = NULL;
	struct oak_error err = { .code = OAK_OK };
	json_t *json = NULL;
	int r = levels_promote(l->json, e->level, "stable", "2026-01-31T00:00:00Z", &json, &err);

	if (r == 0)
		then = read_back(json);
	else if (e->withdrawn_why)
		FUZZ_CHECK(err.code == OAK_E_REFUSED);
	else
		FUZZ_CHECK(err.code == OAK_E_NOTHING ? levels_in_channel(e, "stable")
						     : err.code == OAK_E_REFUSED);
	if (then)
		FUZZ_CHECK(then->n == l->n &&
			   levels_in_channel(levels_entry(then, e->level), "stable"));
}

static void check_withdraw(const struct levels *l, const struct levels_entry *e)
{
	_cleanup_(levels_freep) struct levels *then = NULL;
	struct oak_error err = { .code = OAK_OK };
	json_t *json = NULL;
	int r = levels_withdraw(l->json, e->level, "hangs", "2026-01-31T00:00:00Z", &json, &err);

	FUZZ_CHECK((r == 0) == !e->withdrawn_why);
	if (r < 0)
		return;
	then = read_back(json);
	FUZZ_CHECK(then->n == l->n);
	FUZZ_CHECK(strcmp(levels_entry(then, e->level)->withdrawn_why, "hangs") == 0);
	check_newest(then, NULL);
}

static void check_hold(const struct levels *l, const struct levels_entry *e)
{
	_cleanup_(levels_freep) struct levels *held = NULL, *then = NULL;
	struct oak_error err = { .code = OAK_OK };
	json_t *json = NULL;
	int r = levels_hold(l->json, e->level, "looked at", "2026-01-31T00:00:00Z", &json, &err);

	FUZZ_CHECK((r == 0) == !e->withdrawn_why);
	if (r < 0)
		return;
	held = read_back(json);
	FUZZ_CHECK(strcmp(levels_entry(held, e->level)->held_why, "looked at") == 0);
	check_newest(held, NULL);
	FUZZ_CHECK(levels_hold(held->json, e->level, NULL, NULL, &json, &err) == 0);
	then = read_back(json);
	FUZZ_CHECK(!levels_entry(then, e->level)->held_why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *input = NULL;
	_cleanup_(levels_freep) struct levels *l = NULL;
	struct oak_error err = { .code = OAK_OK };
	int r;

	if (json_parse(data, size, INPUT_MAX, "input", &input, &err) < 0)
		return 0;
	r = levels_from_json(input, "input", &l, &err);
	FUZZ_CHECK((r == 0) == (l != NULL));
	if (!l) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT && strncmp(err.msg, "input: ", 7) == 0);
		return 0;
	}
	for (size_t i = 0; i < l->n; i++)
		check_entry(l, i);
	for (size_t i = 0; i < l->n_fixes; i++) {
		const struct levels_fix *fix = &l->fixes[i];

		check_line(fix->id);
		FUZZ_CHECK(levels_fix_in(fix, fix->since));
		FUZZ_CHECK(!fix->until || !levels_fix_in(fix, fix->until));
	}
	check_newest(l, NULL);
	check_newest(l, "stable");
	if (l->n) {
		check_promote(l, &l->entries[l->n - 1]);
		check_withdraw(l, &l->entries[l->n - 1]);
		check_hold(l, &l->entries[l->n - 1]);
	}
	return 0;
}
