/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "base/hash.h"
#include "base/json.h"
#include "trust/fleet/decision.h"
#include "trust/fleet/report.h"
#include "trust/fleet/seal.h"
#include "trust/key.h"

#define HOST   "0123456789abcdef0123456789abcdef"
#define KERNEL "0123456789abcdef0123456789abcdef01234567"
#define ROLL   "0123456789abcdef"
#define ROLL2  "fedcba9876543210"

static const char good_report[] =
	"{\"schema\":1,\"host\":\"" HOST
	"\",\"sequence\":7,\"time\":1790000000,\"agent\":\"0.1.0\","
	"\"name\":\"web-17\",\"boot\":\"" ROLL "\",\"kernel\":{\"build_id\":\"" KERNEL "\","
	"\"release\":\"6.1.0-50-amd64\",\"arch\":\"x86_64\",\"effective\":\"6.1.176-1\"},"
	"\"os\":{\"id\":\"debian\",\"version\":\"12\"},\"tags\":[\"role=web\"],"
	"\"level\":{\"number\":4,\"state\":\"soaking\",\"since\":5},\"newest\":6,"
	"\"withheld\":[{\"level\":6,\"reason\":\"fleet\",\"why\":\"no\"}],"
	"\"results\":[{\"rollout\":\"" ROLL "\",\"level\":4,\"result\":\"failed\","
	"\"why\":\"a\\u0007b\",\"transition_ms\":12,\"gap_us\":3}],"
	"\"asks\":[{\"rollout\":\"" ROLL2 "\",\"level\":5}],\"quarantined\":[3],"
	"\"verdict\":{\"state\":\"warning\",\"text\":\"look\"},\"cves\":{\"open\":3},"
	"\"containers\":{\"count\":2},\"audit\":{\"score\":80}}";

TEST(report_parse_reads_every_member)
{
	struct report r = { .sequence = 0 };
	struct oak_error err;

	EXPECT(report_parse(good_report, strlen(good_report), &r, &err) == 0);
	EXPECT_STR(r.host, HOST);
	EXPECT(r.sequence == 7 && r.time_s == 1790000000);
	EXPECT_STR(r.agent, "0.1.0");
	EXPECT_STR(r.name, "web-17");
	EXPECT_STR(r.boot, ROLL);
	EXPECT_STR(r.build_id, KERNEL);
	EXPECT_STR(r.release, "6.1.0-50-amd64");
	EXPECT_STR(r.effective, "6.1.176-1");
	EXPECT_STR(r.os_id, "debian");
	EXPECT_STR(r.os_version, "12");
	EXPECT(r.level == 4 && r.newest == 6 && r.n_withheld == 1);
	EXPECT_STR(r.state, "soaking");
	EXPECT_STR(r.verdict, "warning");
	EXPECT_STR(r.verdict_text, "look");
	EXPECT(r.n_results == 1 && r.results[0].kind == REPORT_FAILED);
	EXPECT_STR(r.results[0].why, "a?b");
	EXPECT(r.results[0].transition_ms == 12 && r.results[0].gap_us == 3);
	EXPECT(r.n_asks == 1 && r.asks[0].level == 5);
	EXPECT_STR(r.asks[0].rollout, ROLL2);
	EXPECT(r.cves_open == 3 && r.containers == 2 && r.audit_score == 80);
	report_clear(&r);
}

/* @text with the member at @path ("kernel.arch", "asks.0.level") replaced, or removed. */
static char *changed(const char *text, const char *path, const char *value)
{
	_cleanup_(json_decrefp) json_t *root = json_loads(text, 0, NULL);
	_cleanup_(freep) char *copy = strdup(path);
	json_t *at = root;
	char *key = copy, *dot;

	for (; (dot = strchr(key, '.')); key = dot + 1) {
		*dot = '\0';
		at = json_is_array(at) ? json_array_get(at, (size_t)(key[0] - '0'))
				       : json_object_get(at, key);
	}
	if (value)
		(void)json_object_set_new(at, key, json_loads(value, JSON_DECODE_ANY, NULL));
	else
		(void)json_object_del(at, key);
	return json_dumps(root, JSON_COMPACT);
}

TEST(report_parse_refuses)
{
	static const struct {
		const char *path, *value, *want_msg;
	} cases[] = {
		{ "schema", "2", "report: schema: not a number from 1 to 1" },
		{ "host", "\"..\"", "report: host: not 32 hex digits" },
		{ "host", NULL, "report: host: missing, or not a string" },
		{ "sequence", "0", "report: sequence: not a number from 1 to 9007199254740992" },
		{ "sequence", "1.5", "report: sequence: not a number from 1 to 9007199254740992" },
		{ "time", "-1", "report: time: not a number from 0 to 253402300799" },
		{ "agent", "\"a b\"", "report: agent: not a plain word" },
		{ "name", "1", "report: name: not a text of at most 255 bytes" },
		{ "boot", NULL, "report: boot: missing, or not a string" },
		{ "kernel", "[]", "report: kernel: kernel: not an object" },
		{ "kernel.build_id", "\"x\"", "report: kernel: build_id: not 40 hex digits" },
		{ "kernel.release", "\"'; DROP\"", "report: kernel: release: not a plain word" },
		{ "os.id", "\"<b>\"", "report: os: id: not a plain word" },
		{ "tags", "[\"a b\"]", "report: tags: not a tag" },
		{ "level.state", "\"fine\"",
		  "report: level: state: not one of the words there are" },
		{ "level.number", "-1", "report: level: number: not a number from 0 to 1000000" },
		{ "results.0.level", "0", "report: results: level: not a number from 1 to 1000000" },
		{ "results.0.result", "\"x\"",
		  "report: results: result: not one of the words there are" },
		{ "results", "[1]", "report: results: not a list of objects" },
		{ "asks", "[{},{},{},{},{},{},{},{},{}]", "report: asks: not a list of 0 to 8" },
		{ "asks.0.rollout", "\"x\"", "report: asks: rollout: not 16 hex digits" },
		{ "verdict.state", "1", "report: verdict: state: not one of the words there are" },
		{ "cves.open", "\"3\"", "report: cves: open: not a number from 0 to 1000000" },
		{ "containers", "3", "report: containers: not an object" },
		{ "quarantined", "[\"3\"]", "report: quarantined: not a list of levels" },
		{ "withheld.0.why", "7", "report: withheld: why: not a text of at most 255 bytes" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(freep) char *text = changed(good_report, cases[i].path, cases[i].value);
		struct report r = { .sequence = 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].want_msg;
		EXPECT(report_parse(text, strlen(text), &r, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].want_msg);
		EXPECT(!r.json);
	}
	test_case = NULL;
}

TEST(report_parse_is_bounded)
{
	_cleanup_(buf_free) struct buf big = { 0 };
	struct report r;
	struct oak_error err;

	EXPECT(buf_add_zero(&big, REPORT_BYTES_MAX + 1) == 0);
	EXPECT(report_parse(big.data, big.len, &r, &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "report: 65537 bytes, at most 65536 are accepted");
}

TEST(answer_is_read_as_it_was_written)
{
	_cleanup_(json_decrefp) json_t *tags = json_pack("[s]", "az=1");
	_cleanup_(freep) char *text = NULL;
	struct answer a = { .host = HOST,
			    .sequence = 9,
			    .time_s = 1790000000,
			    .ring = "default",
			    .report_s = 60,
			    .grants = { { ROLL, 4, 1800 } },
			    .n_grants = 1,
			    .refused = { { ROLL2, "8 hosts are in flight", 300 } },
			    .n_refused = 1,
			    .tags = tags };
	struct answer b = { .sequence = 0 };
	struct oak_error err;

	EXPECT(answer_write(&a, &text, &err) == 0);
	EXPECT(answer_parse(text, strlen(text), &b, &err) == 0);
	EXPECT_STR(b.host, HOST);
	EXPECT_STR(b.ring, "default");
	EXPECT(b.sequence == 9 && b.report_s == 60 && b.n_grants == 1 && b.n_refused == 1);
	EXPECT(b.grants[0].level == 4 && b.grants[0].for_s == 1800);
	EXPECT_STR(b.refused[0].why, "8 hosts are in flight");
	EXPECT(b.refused[0].again_s == 300 && json_array_size(b.tags) == 1);
	answer_clear(&b);
	(void)snprintf(a.ring, sizeof(a.ring), "a b");
	EXPECT(answer_write(&a, &text, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "answer: ring: not a plain word");
}

TEST(seal_holds_for_one_kind_one_key_and_these_bytes)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL, *other = NULL, *public = NULL;
	char sig[SEAL_HEX_MAX], hex[SEAL_KEY_HEX_MAX], id[33];
	uint8_t raw[32];
	struct oak_error err;

	EXPECT(tuf_key_generate(&key, &err) == 0 && tuf_key_generate(&other, &err) == 0);
	EXPECT(seal_make(SEAL_REPORT, key, "abc", 3, sig, &err) == 0);
	EXPECT(strlen(sig) == 128);
	EXPECT(seal_fits(SEAL_REPORT, key, "abc", 3, sig));
	EXPECT(!seal_fits(SEAL_ANSWER, key, "abc", 3, sig));
	EXPECT(!seal_fits(SEAL_REPORT, other, "abc", 3, sig));
	EXPECT(!seal_fits(SEAL_REPORT, key, "abd", 3, sig));
	EXPECT(!seal_fits(SEAL_REPORT, key, "abc", 3, NULL));
	EXPECT(!seal_fits(SEAL_REPORT, key, "abc", 3, "00"));
	EXPECT(!seal_fits(SEAL_REPORT, key, "abc", 3, ""));
	EXPECT(seal_key_hex(key, hex, &err) == 0);
	EXPECT(hex_decode(hex, raw, sizeof(raw)) == 32);
	EXPECT(seal_fits_raw(SEAL_REPORT, raw, "abc", 3, sig));
	EXPECT(!seal_fits_raw(SEAL_ENROL, raw, "abc", 3, sig));
	sig[5] = sig[5] == '0' ? '1' : '0';
	EXPECT(!seal_fits_raw(SEAL_REPORT, raw, "abc", 3, sig));
	EXPECT(seal_key_parse(hex, &public, &err) == 0 && tuf_key_same(public, key));
	seal_host_id(raw, id);
	EXPECT(strlen(id) == 32);
	EXPECT(seal_make(SEAL_REPORT, public, "abc", 3, sig, &err) == -OAK_E_REFUSED);
	EXPECT(seal_key_parse("zz", &other, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "not a key of 64 hex digits");
}

/* RFC 8032, section 7.1, test 1's key; the id is that of openssl dgst -sha256 of its 32 bytes. */
TEST(seal_host_id_is_of_the_raw_key)
{
	uint8_t raw[32];
	char id[33];

	EXPECT(hex_decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", raw,
			  32) == 32);
	seal_host_id(raw, id);
	EXPECT_STR(id, "21fe31dfa154a261626bf854046fd227");
}

static const char good_decision[] =
	"{\"_type\":\"decision\",\"schema\":1,\"ring\":\"default\",\"version\":17,\"issued\":100,"
	"\"expires\":200,\"keys\":[\"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c\"],"
	"\"poll_s\":3600,\"report_s\":14400,\"stop\":null,\"unmanaged\":\"hold\",\"rollouts\":[{"
	"\"id\":\"" ROLL "\",\"name\":\"all\",\"state\":\"running\",\"why\":\"\",\"where\":{"
	"\"tags\":[],\"kernels\":[],\"distributions\":[]},\"levels\":{\"" KERNEL "\":4},"
	"\"open\":[{\"tag\":\"\",\"below\":\"ffffffffffffffff\"}],\"take_back\":false}]}";

struct signer {
	struct tuf_key *key;
	struct decision_trust trust;
};

static void signer_init(struct signer *s)
{
	struct oak_error err;

	EXPECT(tuf_key_generate(&s->key, &err) == 0);
	s->trust = (struct decision_trust){ (const struct tuf_key *const *)&s->key, 1, "default" };
}

static char *sign(const struct signer *s, const char *body, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = json_loads(body, 0, NULL);
	char *text = NULL;

	return decision_sign(json, s->key, &text, err) < 0 ? NULL : text;
}

TEST(decision_parse_takes_what_a_known_key_signed_for_this_ring)
{
	struct signer s, other;
	_cleanup_(decision_freep) struct decision *d = NULL;
	_cleanup_(freep) char *text = NULL, *bad = NULL;
	struct oak_error err;
	size_t n;

	signer_init(&s);
	signer_init(&other);
	text = sign(&s, good_decision, &err);
	EXPECT(text && decision_parse(text, strlen(text), &s.trust, &d, &err) == 0);
	EXPECT(decision_version(d) == 17 && decision_issued_s(d) == 100 &&
	       decision_expires_s(d) == 200 && decision_poll_s(d) == 3600 &&
	       decision_report_s(d) == 14400 && !decision_stop(d));
	EXPECT(decision_keys(d, &n) && n == 1);
	decision_free(take_ptr(d));
	EXPECT(decision_parse(text, strlen(text), &other.trust, &d, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "decision: no good signature of a key that is known");
	s.trust.ring = "canary";
	EXPECT(decision_parse(text, strlen(text), &s.trust, &d, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "decision: it is for ring default, this host is in ring canary");
	s.trust.ring = "default";
	bad = changed(text, "signed.version", "18");
	EXPECT(decision_parse(bad, strlen(bad), &s.trust, &d, &err) == -OAK_E_TRUST);
	EXPECT(!d);
	tuf_key_free(s.key);
	tuf_key_free(other.key);
}

TEST(decision_sign_refuses_what_no_host_would_take)
{
	static const struct {
		const char *path, *value, *want_msg;
	} cases[] = {
		{ "_type", "\"x\"", "decision: _type: not 'decision'" },
		{ "schema", "2", "decision: schema: not a number from 1 to 1" },
		{ "version", "0", "decision: version: not a number from 1 to 9007199254740992" },
		{ "keys", "[]", "decision: keys: none" },
		{ "keys", "[\"00\"]", "decision: keys: not 64 hex digits" },
		{ "unmanaged", "\"x\"", "decision: unmanaged: not hold or free" },
		{ "stop", "1", "decision: stop: not an object" },
		{ "poll_s", "0", "decision: poll_s: not a number from 1 to 2592000" },
		{ "rollouts.0.id", "\"x\"", "decision: rollouts: id: not 16 hex digits" },
		{ "rollouts.0.levels", "{\"x\":1}",
		  "decision: rollouts: levels: not 40 hex digits" },
		{ "rollouts.0.levels", "{\"" KERNEL "\":0}",
		  "decision: rollouts: levels: not a number from 1 to 1000000" },
		{ "rollouts.0.take_back", "1", "decision: rollouts: take_back: not true or false" },
		{ "rollouts.0.open.0", "1", NULL },
		{ "rollouts.0.open", "[{\"tag\":\"\"}]",
		  "decision: rollouts: open: below: missing, or not a string" },
		{ "rollouts.0.where", "{\"kernels\":[\"x\"]}",
		  "decision: rollouts: where: kernels: not 40 hex digits" },
	};
	struct signer s;

	signer_init(&s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(freep) char *body = NULL, *text = NULL;
		struct oak_error err = { .code = OAK_OK };

		if (!cases[i].want_msg)
			continue;
		test_case = cases[i].want_msg;
		body = changed(good_decision, cases[i].path, cases[i].value);
		text = sign(&s, body, &err);
		EXPECT(!text);
		EXPECT_STR(err.msg, cases[i].want_msg);
	}
	test_case = NULL;
	tuf_key_free(s.key);
}

static const char *const host_tags[] = { "canary", "az=1" };
static const struct decision_host host = { HOST, KERNEL, "debian", "12", host_tags, 2 };

TEST(decision_judge_says_who_may_ask)
{
	static const struct {
		const char *path, *value;
		uint32_t level;
		enum decision_word want;
		const char *want_why;
	} cases[] = {
		{ "version", "17", 4, DECISION_ASK, "rollout all: its turn has come" },
		{ "version", "17", 5, DECISION_HOLD, "no rollout names it for this host" },
		{ "unmanaged", "\"free\"", 5, DECISION_FREE, "" },
		{ "stop", "{\"why\":\"all\\nhands\"}", 4, DECISION_HOLD,
		  "emergency stop: all?hands" },
		{ "stop", "{\"why\":\"x\"}", 5, DECISION_HOLD, "emergency stop: x" },
		{ "rollouts.0.state", "\"halted\"", 4, DECISION_HOLD, "rollout all: halted" },
		{ "rollouts.0.state", "\"completed\"", 4, DECISION_ASK,
		  "rollout all: its turn has come" },
		{ "rollouts.0.open", "[]", 4, DECISION_HOLD, "rollout all: its stage has not come" },
		{ "rollouts.0.open", "[{\"tag\":\"az=2\",\"below\":\"ffffffffffffffff\"}]", 4,
		  DECISION_HOLD, "rollout all: its stage has not come" },
		{ "rollouts.0.open", "[{\"tag\":\"az=1\",\"below\":\"ffffffffffffffff\"}]", 4,
		  DECISION_ASK, "rollout all: its turn has come" },
		{ "rollouts.0.open", "[{\"tag\":\"\",\"below\":\"0000000000000000\"}]", 4,
		  DECISION_HOLD, "rollout all: its stage has not come" },
		{ "rollouts.0.where.tags", "[\"az=1\",\"x\"]", 4, DECISION_HOLD,
		  "no rollout names it for this host" },
		{ "rollouts.0.where.tags", "[\"az=1\"]", 4, DECISION_ASK,
		  "rollout all: its turn has come" },
		{ "rollouts.0.where.distributions", "[\"debian:11\"]", 4, DECISION_HOLD,
		  "no rollout names it for this host" },
		{ "rollouts.0.where.distributions", "[\"debian:12\"]", 4, DECISION_ASK,
		  "rollout all: its turn has come" },
		{ "rollouts.0.where.distributions", "[\"debian\"]", 4, DECISION_ASK,
		  "rollout all: its turn has come" },
		{ "rollouts.0.where.kernels", "[\"89abcdef0123456789abcdef0123456789abcdef\"]", 4,
		  DECISION_HOLD, "no rollout names it for this host" },
		{ "rollouts.0.levels", "{}", 4, DECISION_HOLD, "no rollout names it for this host" },
		{ "rollouts.0.take_back", "true", 4, DECISION_HOLD, "rollout all: taken back" },
	};
	struct signer s;

	signer_init(&s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(freep) char *body = changed(good_decision, cases[i].path, cases[i].value);
		_cleanup_(freep) char *text = NULL;
		_cleanup_(decision_freep) struct decision *d = NULL;
		struct decision_verdict v;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].value;
		text = sign(&s, body, &err);
		EXPECT_STR(text ? "" : err.msg, "");
		EXPECT(text && decision_parse(text, strlen(text), &s.trust, &d, &err) == 0);
		decision_judge(d, &host, cases[i].level, &v);
		EXPECT(v.word == cases[i].want);
		EXPECT_STR(v.why, cases[i].want_why);
	}
	test_case = NULL;
	tuf_key_free(s.key);
}

TEST(decision_takes_back_that_level_alone)
{
	_cleanup_(freep) char *body = changed(good_decision, "rollouts.0.take_back", "true");
	_cleanup_(freep) char *text = NULL;
	_cleanup_(decision_freep) struct decision *d = NULL;
	struct decision_verdict v;
	struct signer s;
	struct oak_error err;

	signer_init(&s);
	text = sign(&s, body, &err);
	EXPECT(decision_parse(text, strlen(text), &s.trust, &d, &err) == 0);
	EXPECT(decision_takes_back(d, &host, 4, &v));
	EXPECT_STR(v.rollout, ROLL);
	EXPECT_STR(v.why, "rollout all: taken back");
	EXPECT(!decision_takes_back(d, &host, 3, &v) && !decision_takes_back(d, &host, 0, &v));
	tuf_key_free(s.key);
}

/* As sha256sum says of the text "<rollout>:<host>". */
TEST(decision_place_is_of_rollout_and_host)
{
	EXPECT(decision_place(ROLL, HOST) != decision_place(ROLL2, HOST));
	EXPECT(decision_place(ROLL, HOST) == 0xc019ab0fb8d0571bu);
}
