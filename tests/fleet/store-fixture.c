/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include "base/hash.h"
#include "fleet/db/db-ops.h"
#include "fleet/db/migrate.h"
#include "fleet/store/hosts.h"
#include "fleet/store/tokens.h"
#include "test.h"

static void good(int r, const struct oak_error *err)
{
	if (r < 0)
		print_error("%s\n", err->msg);
	EXPECT(r >= 0);
}

static void make_schema(const char *postgres, const char *name)
{
	_cleanup_(db_closep) struct db *db = fixture_again(postgres);
	struct oak_error err = { .code = OAK_OK };
	char sql[96];

	(void)snprintf(sql, sizeof(sql), "CREATE SCHEMA %s", name);
	good(db_begin(db, &err), &err);
	good(db_script(db, sql, &err), &err);
	good(db_commit(db, &err), &err);
}

const char *fixture_url(void)
{
	char name[48];
	static char url[4096];
	static unsigned n;
	const char *postgres = getenv("OAKUM_TEST_POSTGRES");

	(void)snprintf(name, sizeof(name), "test_%d_%u", (int)getpid(), n);
	if (postgres) {
		make_schema(postgres, name);
		(void)snprintf(url, sizeof(url), "%s&options=-csearch_path%%3D%s", postgres, name);
	} else {
		(void)snprintf(url, sizeof(url), "sqlite:%s/fleet-%u.db", test_dir(), n);
	}
	n++;
	return url;
}

struct db *fixture_again(const char *url)
{
	struct oak_error err = { .code = OAK_OK };
	struct db *db = NULL;

	good(db_open(url, &db, &err), &err);
	return db;
}

struct db *fixture_open(void)
{
	return fixture_migrated(fixture_url());
}

struct db *fixture_migrated(const char *url)
{
	struct oak_error err = { .code = OAK_OK };
	struct db *db = fixture_again(url);

	good(migrate_to(db, migrate_newest(), &err), &err);
	return db;
}

void fixture_token(struct db *db, uint32_t uses, char ret[128])
{
	const struct enrol_token_new t = { .name = "test", .ring = "default", .uses = uses };
	_cleanup_(json_decrefp) json_t *made = NULL;
	struct oak_error err = { .code = OAK_OK };

	good(enrol_token_create(db, &t, FIXTURE_NOW, ret, &made, &err), &err);
}

void fixture_key(unsigned n, uint8_t ret[32])
{
	memset(ret, 0, 32);
	memcpy(ret, &n, sizeof(n));
}

void fixture_host(struct db *db, const char *token, unsigned n, char ret_id[33])
{
	_cleanup_(json_decrefp) json_t *made = NULL;
	struct oak_error err = { .code = OAK_OK };
	const char *code = NULL;
	char name[32], hex[SHA256_HEX_MAX];
	uint8_t key[32];
	bool new = false;

	fixture_key(n, key);
	(void)snprintf(name, sizeof(name), "host-%u", n);
	const struct enrolment e = {
		.token = token, .name = name, .machine = "m", .key = key, .now_s = FIXTURE_NOW
	};
	good(db_begin(db, &err), &err);
	good(enrol(db, &e, &made, &new, &code, &err), &err);
	good(db_commit(db, &err), &err);
	sha256_hex(key, 32, hex);
	hex[32] = '\0';
	memcpy(ret_id, hex, 33);
}

void fixture_report(const char *id, uint64_t sequence, uint32_t level, const char *state,
		    struct report *ret)
{
	struct report r = { .sequence = sequence,
			    .time_s = FIXTURE_NOW,
			    .level = level,
			    .newest = 4,
			    .cves_open = 3,
			    .containers = 2,
			    .audit_score = 80 };

	(void)snprintf(r.host, sizeof(r.host), "%s", id);
	(void)snprintf(r.agent, sizeof(r.agent), "0.1.0");
	(void)snprintf(r.boot, sizeof(r.boot), "%016x", 7u);
	(void)snprintf(r.build_id, sizeof(r.build_id), "%040x", 9u);
	(void)snprintf(r.release, sizeof(r.release), "6.1.0-40-amd64");
	(void)snprintf(r.arch, sizeof(r.arch), "x86_64");
	(void)snprintf(r.os_id, sizeof(r.os_id), "debian");
	(void)snprintf(r.os_version, sizeof(r.os_version), "12");
	(void)snprintf(r.state, sizeof(r.state), "%s", state);
	(void)snprintf(r.verdict, sizeof(r.verdict), "ok");
	r.json = json_pack("{s:i, s:s, s:I, s:{s:[{s:s},{s:s}]}}", "schema", 1, "host", id,
			   "sequence", (json_int_t)sequence, "cves", "worst", "id", "CVE-2026-1",
			   "id", "CVE-2026-2");
	EXPECT(r.json);
	*ret = r;
}

int fixture_take(struct db *db, const struct report *r, bool *ret_new, bool *ret_cloned,
		 struct oak_error *err)
{
	_cleanup_(freep) char *text = json_dumps(r->json, JSON_COMPACT);
	struct oak_error commit = { .code = OAK_OK };
	struct store_host h = { .sequence = 0 };
	char sha256[SHA256_HEX_MAX];
	struct report_fate fate;
	int ret;

	EXPECT(text);
	sha256_hex(text, strlen(text), sha256);
	(void)snprintf(h.id, sizeof(h.id), "%s", r->host);
	good(db_begin(db, err), err);
	ret = hosts_take_report(db, &h, r, sha256, FIXTURE_NOW + (int64_t)r->sequence, &fate, err);
	*ret_new = fate.is_new;
	*ret_cloned = fate.cloned;
	good(db_commit(db, &commit), &commit);
	return ret;
}
