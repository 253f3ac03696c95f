/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/oakum-apply.h"

#include <time.h>

#include "agent/control.h"
#include "agent/deed.h"
#include "agent/picture.h"
#include "agent/tell.h"
#include "base/cleanup.h"

static void describe(json_t *doc, const struct manifest *m)
{
	(void)json_object_set_new(doc, "level", json_integer(m->level));
	(void)json_object_set_new(doc, "channel", json_string(m->channel));
	(void)json_object_set_new(doc, "module_bytes", json_integer((json_int_t)m->module.size));
	(void)json_object_set_new(doc, "fixes", oakum_json_fixes(m));
	(void)json_object_set_new(doc, "cves", oakum_json_cves(m));
}

static struct deed_options options_of(const struct cli *cli, const struct oakum *o,
				      const struct deed *deed, struct steps *steps)
{
	return (struct deed_options){ .host = &o->host,
				      .settings = deed->settings,
				      .apply = oakum_apply_options(cli, deed->timeout_ms),
				      .steps = steps };
}

static int note(const struct oakum *o, uint32_t level, enum journal_step step, struct oak_error *err)
{
	const struct journal j = { .root = o->root,
				   .boot_id = o->host.id.boot_id,
				   .build_id = o->host.id.build_id,
				   .by = JOURNAL_BY_HAND };

	return journal_write(&j, level, step, NULL, err);
}

static int lift_quarantine(const struct oakum *o, uint32_t level, struct oak_error *err)
{
	struct journal_view v;
	int r = journal_read(o->root, o->host.id.build_id, &v, err);

	if (r < 0 || !journal_quarantine(&v, level))
		return r;
	return note(o, level, JOURNAL_RELEASED, err);
}

/* Where no agent runs to do it. The change itself is done: what cannot be told is a note. */
static void tell_scanners_now(const struct cli *cli, const struct oakum *o)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	struct oak_error err;

	if (picture_take(o->root, o->root_path, &p, &err) < 0)
		progress_step(cli->progress, "cannot tell others: %s", err.msg);
	else
		tell_scanners(o->root, &p, (int64_t)time(NULL), cli->progress);
}

/* Who watches the level from now on? Without an agent nobody will ever say that it has settled. */
static int hand_to_agent(const struct cli *cli, const struct oakum *o, uint32_t level,
			 struct oak_error *err)
{
	int r;

	if (control_say(o->root_path, "changed"))
		return 0;
	r = note(o, level, JOURNAL_SETTLED, err);
	tell_scanners_now(cli, o);
	return r;
}

static void tell_result(const struct cli *cli, json_t *doc, const struct deed_result *result)
{
	if (result->apply.impact.measured)
		(void)json_object_set_new(doc, "impact", impact_json(&result->apply.impact));
	oakum_tell_stall(cli, doc, &result->apply.stall);
}

int oakum_carry_out(const struct cli *cli, const struct oakum *o, const struct deed *deed,
		    struct steps *steps, json_t *doc, struct oak_error *err)
{
	const struct deed_options opt = options_of(cli, o, deed, steps);
	_cleanup_(deed_result_clear) struct deed_result result = { 0 };
	_cleanup_(freep) char *fixes = oakum_fixes_text(deed->m);
	int r;

	describe(doc, deed->m);
	r = lift_quarantine(o, deed->m->level, err);
	if (r < 0)
		return r;
	r = deed_apply(&opt, deed->m, deed->module, deed->len, &result, err);
	deed_report(&opt, &result, r, err);
	steps_json(steps, doc);
	(void)json_object_set_new(doc, "preflight", preflight_json(&result.preflight));
	tell_result(cli, doc, &result);
	if (r == 0)
		r = hand_to_agent(cli, o, deed->m->level, err);
	if (r < 0 || cli->json)
		return r;
	printf("%slevel %u is applied%s: %s\n", cli_color(cli, CLI_GREEN), deed->m->level,
	       cli_color(cli, CLI_RESET), fixes ? fixes : "");
	steps_print(cli, steps);
	return 0;
}

int oakum_take_back(const struct cli *cli, const struct oakum *o, const struct deed *deed,
		    struct steps *steps, json_t *doc, struct oak_error *err)
{
	const struct deed_options opt = options_of(cli, o, deed, steps);
	_cleanup_(deed_result_clear) struct deed_result result = { 0 };
	int r = deed_revert(&opt, &result, err);

	(void)json_object_set_new(doc, "level",
				  result.from ? json_integer(result.from) : json_null());
	deed_report(&opt, &result, r, err);
	steps_json(steps, doc);
	tell_result(cli, doc, &result);
	if (!control_say(o->root_path, "changed"))
		tell_scanners_now(cli, o);
	if (r < 0 || cli->json)
		return r;
	printf("%slevel %u is reverted%s\n", cli_color(cli, CLI_YELLOW), result.from,
	       cli_color(cli, CLI_RESET));
	steps_print(cli, steps);
	return 0;
}

int oakum_asker_read(const struct oakum *o, struct oakum_asker *ret, struct oak_error *err)
{
	int r = journal_read(o->root, o->host.id.build_id, &ret->view, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ret->view.n_quarantined; i++)
		ret->quarantined[i] = ret->view.quarantined[i].level;
	ret->now = (struct policy_now){ .quarantined = ret->quarantined,
					.n_quarantined = ret->view.n_quarantined,
					.reverted_by_hand = ret->view.reverted_by_hand,
					.by_hand = true };
	return 0;
}

int oakum_asker_obey_fleet(const struct oakum *o, struct oakum_asker *a, struct oak_error *err)
{
	int r;

	if (!fleet_is_enrolled(o->root))
		return 0;
	r = settings_read(o->root, &a->settings, err);
	if (r < 0)
		return r;
	a->fleet = (struct fleet_client){ .root = o->root,
					  .root_path = o->root_path,
					  .settings = &a->settings,
					  .host = &o->host,
					  .local = true };
	r = fleet_client_begin(&a->fleet, err);
	if (r == 0)
		a->now.fleet = fleet_client_policy(&a->fleet);
	return r < 0 ? r : 0;
}

void oakum_asker_clear(struct oakum_asker *a)
{
	if (a->fleet.settings)
		(void)fleet_client_end(&a->fleet, NULL);
	settings_free(&a->settings);
}
