/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fleet/enrol.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/confine.h"
#include "agent/fleet/post.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "host/plain.h"
#include "trust/fleet/members.h"
#include "trust/fleet/seal.h"
#include "trust/http.h"
#include "trust/key-file.h"

#define CA_MAX  (1u << 20)
#define URL_MAX 200

static const struct text_rule token_rule = { NULL, 8, 200, "a token" };

/* What the server says no with, and what can be done. */
static const struct {
	const char *code, *text;
} refusals[] = {
	{ "token-unknown", "it does not know this token: is it typed whole, and of this server?" },
	{ "token-expired", "the token has expired: make another ('oakum fleet tokens create')" },
	{ "token-spent", "the token was used as often as it may be: make another" },
	{ "token-revoked", "the token was revoked: make another" },
	{ "key-revoked", "it has revoked this host's key: 'oakum unregister', then register again" },
	{ "signature", "it does not accept this host's signature" },
	{ "malformed", "it does not understand the request: is the server older than this oakum?" },
	{ "rate-limited", "too many ask at once: try again in a minute" },
};

static int fail_refused(const char *server, const struct http_reply *reply, struct oak_error *err)
{
	bool later = reply->status == 429 || reply->status >= 500;
	char code[32], detail[FLEET_TEXT_MAX];

	post_problem(reply, code, detail, sizeof(detail));
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strcmp(refusals[i].code, code) == 0)
			return oak_fail(err, later ? OAK_E_AGAIN : OAK_E_REFUSED, "%s: %s (%s)",
					server, refusals[i].text, code);
	return oak_fail(err, later ? OAK_E_AGAIN : OAK_E_REFUSED, "%s: HTTP %u%s%s", server,
			reply->status, detail[0] ? ": " : "", detail);
}

static int check(const struct enrol_options *o, struct oak_error *err)
{
	struct fleet_home h = { .server = "" };
	int r;

	if (strlen(o->server) > URL_MAX)
		return oak_fail(err, OAK_E_USAGE, "--server: longer than %d bytes", URL_MAX);
	if (!text_follows(o->token, &token_rule))
		return oak_fail(err, OAK_E_USAGE, "--token: not a token of 8 to 200 bytes");
	for (size_t i = 0; i < o->n_tags; i++)
		if (!text_follows(o->tags[i], &fleet_tag))
			return oak_fail(err, OAK_E_USAGE,
					"--tag '%.80s': must be letters, digits and ._+~:=-, at most "
					"63",
					o->tags[i]);
	if (!fleet_is_enrolled(o->root))
		return 0;
	r = fleet_home_read(o->root, &h, err);
	if (r == 0)
		r = oak_fail(
			err, OAK_E_REFUSED,
			"this host is registered with %s already, as %s: 'oakum unregister' first",
			h.server, h.host);
	fleet_home_clear(&h);
	return r;
}

/* The worker's alone. In a tree of files that is not this machine there may be no such user. */
static int give(const struct enrol_options *o, const char *path, struct oak_error *err)
{
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0 || confine_find_user(CONFINE_USER, &uid, &gid, err) < 0)
		return o->root_path[0]
			       ? 0
			       : oak_fail(err, OAK_E_PERMISSION,
					  "root alone can register this host, and the user '%s' "
					  "must be there",
					  CONFINE_USER);
	if (fchownat(o->root, path, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return oak_fail_errno(err, errno, "/%s", path);
	return 0;
}

static int make_folder(const struct enrol_options *o, struct oak_error *err)
{
	int r = dir_make(o->root, FLEET_DIR, err);

	return r < 0 ? r : give(o, FLEET_DIR, err);
}

/* One that was made before, and never enrolled for all that is known here, is used again. */
static int make_key(const struct enrol_options *o, struct tuf_key **ret, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r;

	if (!file_exists(o->root, FLEET_KEY)) {
		(void)unlinkat(o->root, FLEET_DIR "/host.pub", 0);
		r = tuf_key_generate(&key, err);
		if (r == 0)
			r = key_file_write(key, o->root, FLEET_KEY, NULL, err);
		if (r < 0)
			return r;
	}
	r = give(o, FLEET_KEY, err);
	if (r == 0 && !key)
		r = key_file_read(o->root, FLEET_KEY, NULL, &key, err);
	if (r == 0)
		*ret = take_ptr(key);
	return r;
}

/* "AB:CD" as "abcd". */
static void fold(const char *text, char ret[SHA256_HEX_MAX])
{
	size_t n = 0;

	for (; *text && n + 1 < SHA256_HEX_MAX; text++)
		if (*text != ':')
			ret[n++] = (char)tolower((unsigned char)*text);
	ret[n] = '\0';
}

static int pin(const struct enrol_options *o, char **ret_pem, struct oak_error *err)
{
	const struct http_client_options opt = { .proxy = o->proxy };
	char want[SHA256_HEX_MAX], is[SHA256_HEX_MAX];
	int r;

	fold(o->fingerprint, want);
	if (!text_follows(want, &text_sha256))
		return oak_fail(err, OAK_E_USAGE,
				"--fingerprint: not the SHA-256 of a certificate, 64 hex digits");
	r = http_certificate(o->server, &opt, ret_pem, is, err);
	if (r < 0)
		return r;
	if (strcmp(want, is) != 0)
		return oak_fail(err, OAK_E_TRUST,
				"%s: its certificate has the fingerprint %s, not the one that was "
				"given: nothing was sent",
				o->server, is);
	return 0;
}

/* The certificates to trust, kept: what is at --ca may go away, and the worker may not read it. */
static int store_ca(const struct enrol_options *o, struct fleet_home *h, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf ca = { 0 };
	_cleanup_(freep) char *pem = NULL;
	int r = 0;

	if (o->fingerprint)
		r = pin(o, &pem, err);
	else if (o->ca)
		r = file_read(AT_FDCWD, o->ca, CA_MAX, &ca, err);
	if (r < 0)
		return r;
	h->pinned = pem != NULL;
	h->has_ca = pem || o->ca;
	if (!h->has_ca) {
		(void)unlinkat(o->root, FLEET_CA, 0);
		return 0;
	}
	r = file_write(o->root, FLEET_CA, pem ? pem : buf_str(&ca), pem ? strlen(pem) : ca.len,
		       0600, err);
	return r < 0 ? r : give(o, FLEET_CA, err);
}

/* Not the machine's id itself: it is meant to stay on the machine (machine-id(5)). */
static void machine_of(int root, char ret[33])
{
	_cleanup_(freep) char *id = NULL, *text = NULL;
	char hash[SHA256_HEX_MAX];

	if (file_read_line(root, "etc/machine-id", &id, NULL) < 0)
		id = NULL;
	if (asprintf(&text, "oakum-fleet:%s", id ? id : "") < 0)
		text = NULL;
	sha256_hex(text ? text : "", text ? strlen(text) : 0, hash);
	memcpy(ret, hash, 32);
	ret[32] = '\0';
}

static json_t *request_json(const struct enrol_options *o, const char *key_hex)
{
	_cleanup_(freep) char *name = NULL;
	json_t *tags = json_array();
	char machine[33], plain[FLEET_TEXT_MAX];

	if (!o->name && file_read_line(o->root, "proc/sys/kernel/hostname", &name, NULL) < 0)
		name = NULL;
	plain_copy(plain, sizeof(plain), o->name ? o->name : name);
	machine_of(o->root, machine);
	for (size_t i = 0; i < o->n_tags; i++)
		(void)json_array_append_new(tags, json_string(o->tags[i]));
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:o}", "schema", 1, "token", o->token, "key",
			 key_hex, "name", plain, "machine", machine, "tags", tags);
}

static bool is_signed(const struct fleet_home *h, const struct http_reply *reply)
{
	for (size_t i = 0; i < h->n_keys; i++)
		if (seal_fits(SEAL_ANSWER, h->keys[i], reply->body.data, reply->body.len,
			      reply->signature))
			return true;
	return false;
}

/* As enrolled.json has it, with the server in front; so one parser reads both. */
static int take_answer(const struct enrol_options *o, const struct http_reply *reply,
		       const struct tuf_key *key, struct fleet_home *h, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(freep) char *text = NULL;
	char hex[SEAL_KEY_HEX_MAX], id[33];
	uint8_t raw[32];
	int r = json_parse(reply->body.data, reply->body.len, FLEET_BYTES_MAX, o->server, &doc, err);

	if (r < 0)
		return r;
	(void)json_object_set_new(doc, "server", json_string(h->server));
	(void)json_object_set_new(doc, "ca", json_boolean(h->has_ca));
	(void)json_object_set_new(doc, "pinned", json_boolean(h->pinned));
	text = json_dumps(doc, JSON_COMPACT);
	if (!text)
		return oak_fail(err, OAK_E_FORMAT, "%s: not an answer to an enrolment", o->server);
	r = fleet_home_parse(text, strlen(text), h, err);
	if (r == 0)
		r = seal_key_hex(key, hex, err);
	if (r < 0)
		return r;
	if (!is_signed(h, reply))
		return oak_fail(err, OAK_E_TRUST, "%s: the answer is not signed with its own key",
				o->server);
	if (hex_decode(hex, raw, sizeof(raw)) == (int)sizeof(raw))
		seal_host_id(raw, id);
	else
		id[0] = '\0';
	return strcmp(id, h->host) == 0 ? 0
					: oak_fail(err, OAK_E_TRUST,
						   "%s: the answer is for another host", o->server);
}

static int call(const struct enrol_options *o, const struct fleet_home *h, const char *body,
		const char *seal, struct http_reply *ret, struct oak_error *err)
{
	_cleanup_(http_client_closep) struct http_client *http = NULL;
	_cleanup_(freep) char *ca = h->has_ca ? path_join(o->root_path, FLEET_CA) : NULL;
	const struct http_client_options opt = { .ca = ca, .pinned = h->pinned, .proxy = o->proxy };
	char url[FLEET_TEXT_MAX + 32], header[200];
	const struct http_call request = { .method = "POST",
					   .url = url,
					   .headers = { "Content-Type: application/json", header },
					   .body = body,
					   .len = strlen(body),
					   .max = FLEET_BYTES_MAX };
	int r;

	if (h->has_ca && !ca)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)snprintf(url, sizeof(url), "%s/v1/enrol", h->server);
	(void)snprintf(header, sizeof(header), "Oakum-Signature: %s", seal);
	r = http_client_open(&opt, &http, err);
	return r < 0 ? r : http_call(http, &request, ret, err);
}

static int ask(const struct enrol_options *o, const struct tuf_key *key, struct fleet_home *h,
	       struct oak_error *err)
{
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(freep) char *body = NULL;
	char hex[SEAL_KEY_HEX_MAX], seal[SEAL_HEX_MAX];
	int r = seal_key_hex(key, hex, err);

	if (r < 0)
		return r;
	doc = request_json(o, hex);
	body = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
	if (!body)
		return oak_fail(err, OAK_E_USAGE, "--token or --name: not UTF-8");
	r = seal_make(SEAL_ENROL, key, body, strlen(body), seal, err);
	if (r == 0)
		r = call(o, h, body, seal, &reply, err);
	if (r < 0)
		return r;
	if (reply.status != 200 && reply.status != 201)
		return fail_refused(o->server, &reply, err);
	return take_answer(o, &reply, key, h, err);
}

/* Memory first: a host that is enrolled has not heard of the server for no time at all yet. */
static int store(const struct enrol_options *o, const struct fleet_home *h, struct oak_error *err)
{
	const struct fleet_memory m = { .heard_s = (int64_t)time(NULL),
					.poll_s = h->poll_s,
					.report_s = h->report_s };
	int r = fleet_memory_write(o->root, &m, err);

	if (r == 0)
		r = give(o, FLEET_MEMORY, err);
	if (r == 0)
		r = fleet_home_write(o->root, h, err);
	return r < 0 ? r : give(o, FLEET_ENROLLED, err);
}

int enrol_host(const struct enrol_options *o, struct fleet_home *ret, struct oak_error *err)
{
	_cleanup_(fleet_home_clear) struct fleet_home h = { .server = "" };
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	size_t len = strlen(o->server);
	int r = check(o, err);

	if (r == 0)
		r = make_folder(o, err);
	if (r == 0)
		r = make_key(o, &key, err);
	if (r < 0)
		return r;
	while (len && o->server[len - 1] == '/')
		len--;
	(void)snprintf(h.server, sizeof(h.server), "%.*s", (int)len, o->server);
	r = store_ca(o, &h, err);
	if (r == 0)
		r = ask(o, key, &h, err);
	if (r == 0)
		r = store(o, &h, err);
	if (r < 0)
		return r;
	*ret = h;
	h = (struct fleet_home){ .server = "" };
	return 0;
}

int enrol_forget(int root, struct oak_error *err)
{
	bool enrolled = fleet_is_enrolled(root);

	if (!enrolled && !file_exists(root, FLEET_KEY))
		return oak_fail(err, OAK_E_NOTHING,
				"this host is registered with no fleet's server");
	/* The first to go: from then on there is no fleet. */
	if (enrolled && unlinkat(root, FLEET_ENROLLED, 0) < 0)
		return oak_fail_errno(err, errno, "/" FLEET_ENROLLED);
	return tree_remove(root, FLEET_DIR, err);
}
