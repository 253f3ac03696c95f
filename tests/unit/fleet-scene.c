/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet-scene.h"

#include <time.h>

#include "agent/fleet/enrol.h"
#include "agent/fleet/facts.h"
#include "agent/news.h"
#include "base/hash.h"
#include "base/json.h"
#include "fake-tree.h"
#include "host/journal.h"
#include "trust/fleet/decision.h"
#include "trust/fleet/seal.h"

static int new_host(const struct fixture *f)
{
	_cleanup_(buf_free) struct buf root_json = { 0 };
	uint8_t notes[64] = "\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU";
	struct oak_error err;
	int root = tree_new_host();

	EXPECT(hex_decode(FIXTURE_BUILD_ID, notes + 16, 20) == 20);
	tree_put_bytes(root, "sys/kernel/notes", notes, 36);
	fixture_read(f->repo, "1.root.json", &root_json);
	tree_put_bytes(root, "etc/oakum/root.json", root_json.data, root_json.len);
	tree_put(root, "etc/os-release", "NAME=x\nID=debian\nVERSION_ID=\"12\"\n");
	tree_put(root, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	tree_put(root, "proc/sys/kernel/hostname", "web-17\n");
	EXPECT(dir_make(root, NEWS_DIR, &err) == 0 && dir_make(root, "run/oakum", &err) == 0);
	return root;
}

/* What the daemon's root side does before it asks. */
void scene_tell(struct scene *s)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (picture_take(s->root, s->root_path, &p, &err) < 0 ||
	    fleet_facts_write(s->root, &p, (int64_t)time(NULL), &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	closep(&s->worker.facts);
	s->worker.facts = openat(s->root, FACTS_PATH, O_RDONLY | O_CLOEXEC);
	EXPECT(s->worker.facts > 0);
}

void scene_use_settings(struct scene *s, const char *more)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	settings_free(&s->settings);
	EXPECT(settings_init(&s->settings, &err) == 0);
	EXPECT(buf_printf(&text, "repository = file://%s\nchannel = edge\nproxy = none\n%s",
			  s->f.repo, more) == 0);
	EXPECT(settings_parse("f", text.data, text.len, &s->settings, &err) == 0);
	tree_put_bytes(s->root, "etc/oakum/oakum.conf", text.data, text.len);
}

void scene_enrol(struct scene *s)
{
	const struct enrol_options o = { .root = s->root,
					 .root_path = s->root_path,
					 .server = s->server.url,
					 .token = "oakum-enrol-1",
					 .proxy = "" };
	struct fleet_home h = { .server = "" };
	struct oak_error err = { .code = OAK_OK };

	if (enrol_host(&o, &h, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	fleet_home_clear(&h);
}

void scene_new(struct scene *s)
{
	*s = (struct scene){ .fds = { -1, -1, -1 }, .worker = { .facts = -1 } };
	fixture_new_at(&s->f, (int64_t)time(NULL));
	fleet_server_start(&s->server);
	s->root = new_host(&s->f);
	(void)snprintf(s->root_path, sizeof(s->root_path), "%s/root", test_dir());
	scene_use_settings(s, "");
	fixture_publish_level(&s->f, 1, "edge");
	s->worker = (struct worker){ .sock = -1,
				     .root = s->root,
				     .root_path = s->root_path,
				     .settings = &s->settings,
				     .facts = -1 };
	message_ask_init(&s->ask, &(const struct journal_view){ 0 });
	scene_enrol(s);
	scene_tell(s);
}

void scene_free(struct scene *s)
{
	for (size_t i = 0; i < MESSAGE_FDS; i++)
		closep(&s->fds[i]);
	closep(&s->worker.facts);
	fleet_server_free(&s->server);
	settings_free(&s->settings);
	fixture_free(&s->f);
	for (size_t i = 0; i < s->n_decisions; i++)
		free(s->decisions[i]);
	closep(&s->root);
}

void scene_decide(struct scene *s, const struct decided *d)
{
	int64_t now = (int64_t)time(NULL), expires = now + (d->expires_s ? d->expires_s : 3600);
	char hex[SEAL_KEY_HEX_MAX];
	struct oak_error err = { .code = OAK_OK };
	json_t *body, *rollout, *more;

	EXPECT(seal_key_hex(d->next ? d->next : s->server.key, hex, &err) == 0);
	rollout = json_pack("{s:s, s:s, s:s, s:s, s:{}, s:{s:i}, s:[{s:s, s:s}], s:b}", "id",
			    ROLLOUT, "name", "all", "state", "running", "why", "", "where",
			    "levels", FIXTURE_BUILD_ID, 1, "open", "tag", "", "below",
			    "ffffffffffffffff", "take_back", 0);
	more = d->rollout ? json_loads(d->rollout, 0, NULL) : json_object();
	EXPECT(rollout && more && json_object_update(rollout, more) == 0);
	json_decref(more);
	body = json_pack("{s:s, s:i, s:s, s:i, s:I, s:I, s:[s], s:i, s:i, s:n, s:s, s:[o]}",
			 "_type", "decision", "schema", 1, "ring", d->ring ? d->ring : "default",
			 "version", (int)d->version, "issued", (json_int_t)now - 7200, "expires",
			 (json_int_t)expires, "keys", hex, "poll_s", 3600, "report_s", 14400,
			 "stop", "unmanaged", "hold", "rollouts", rollout);
	more = d->body ? json_loads(d->body, 0, NULL) : json_object();
	EXPECT(body && more && json_object_update(body, more) == 0);
	json_decref(more);
	EXPECT(s->n_decisions < 16);
	if (decision_sign(body, d->key ? d->key : s->server.key, &s->decisions[s->n_decisions],
			  &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	json_decref(body);
	s->server.decision = s->decisions[s->n_decisions++];
	(void)snprintf(s->etag, sizeof(s->etag), "\"%zu\"", s->n_decisions);
	s->server.etag = s->etag;
}

void scene_check(struct scene *s)
{
	struct message_answer got;
	struct oak_error err = { .code = OAK_OK };

	for (size_t i = 0; i < MESSAGE_FDS; i++) {
		closep(&s->fds[i]);
		s->fds[i] = -1;
	}
	worker_answer(&s->worker, &s->ask, &s->answer, s->fds);
	if (message_check_answer(&s->answer, sizeof(s->answer), &got, &err) < 0)
		test_fail(s->answer.text, __FILE__, __LINE__);
}

void scene_expect_held(struct scene *s, const char *why)
{
	scene_check(s);
	EXPECT_CONTAINS(s->answer.text, why);
	EXPECT(s->answer.action == MESSAGE_NOTHING && s->fds[0] == -1);
}

void scene_remember(const struct scene *s, struct fleet_memory *m)
{
	fleet_memory_read(s->root, m);
}

/* As if the pause after a failure were over. */
void scene_wait_over(const struct scene *s)
{
	struct fleet_memory m;
	struct oak_error err;

	scene_remember(s, &m);
	m.again_s = 0;
	EXPECT(fleet_memory_write(s->root, &m, &err) == 0);
}

const char *scene_report(const struct scene *s, unsigned i)
{
	EXPECT(i < s->server.n_reports);
	return s->server.reports[i];
}
