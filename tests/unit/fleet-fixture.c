/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet-fixture.h"

#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "fleet/db/migrate.h"
#include "fleet/director/shelf.h"
#include "fleet/ops/metrics.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"

#define BATCH_MAX 64

static int64_t now_s(void)
{
	return FIXTURE_NOW;
}

static void raw_key(const struct tuf_key *key, char hex[SEAL_KEY_HEX_MAX], uint8_t ret[32])
{
	struct oak_error err = { .code = OAK_OK };

	EXPECT(seal_key_hex(key, hex, &err) == 0);
	EXPECT(hex_decode(hex, ret, 32) == 32);
}

void fixture_open(struct fleet_fixture *f)
{
	const char *url = getenv("OAKUM_TEST_DATABASE");
	struct oak_error err = { .code = OAK_OK };
	char text[256], hex[SEAL_KEY_HEX_MAX];

	*f = (struct fleet_fixture){ .db = NULL };
	EXPECT(server_settings_init(&f->settings, &err) == 0);
	EXPECT(tuf_key_generate(&f->key, &err) == 0);
	raw_key(f->key, hex, f->public_key);
	(void)snprintf(text, sizeof(text), "%s/fleet.db", test_dir());
	(void)unlink(text);
	(void)snprintf(text, sizeof(text), "sqlite:%s/fleet.db", test_dir());
	EXPECT(db_open(url ? url : text, &f->db, &err) == 0);
	EXPECT(migrate_to(f->db, migrate_newest(), &err) == 0);
	f->fleet = (struct fleet){ .settings = &f->settings,
				   .key = f->key,
				   .shelf = shelf_new(),
				   .metrics = metrics_new(),
				   .now_s = now_s };
	EXPECT(f->fleet.shelf && f->fleet.metrics);
	f->seat = (struct worker_seat){ .fleet = &f->fleet, .db = f->db };
}

void fixture_close(struct fleet_fixture *f)
{
	db_close(f->db);
	shelf_free(f->fleet.shelf);
	metrics_free(f->fleet.metrics);
	tuf_key_free(f->key);
	server_settings_free(&f->settings);
}

void fixture_host(struct fixture_host *h)
{
	struct oak_error err = { .code = OAK_OK };
	uint8_t raw[32];

	EXPECT(tuf_key_generate(&h->key, &err) == 0);
	raw_key(h->key, h->hex, raw);
	seal_host_id(raw, h->id);
}

void fixture_host_free(struct fixture_host *h)
{
	tuf_key_free(h->key);
}

void fixture_token(struct fleet_fixture *f, const struct enrol_token_new *t,
		   char ret[TOKEN_TEXT_MAX])
{
	_cleanup_(json_decrefp) json_t *made = NULL;
	struct oak_error err = { .code = OAK_OK };

	EXPECT(db_begin(f->db, &err) == 0);
	EXPECT(enrol_token_create(f->db, t, FIXTURE_NOW, ret, &made, &err) == 0);
	EXPECT(db_commit(f->db, &err) == 0);
}

static void make_request(const struct fixture_call *c, struct http_request **ret)
{
	char seal[SEAL_HEX_MAX], seal_header[SEAL_HEX_MAX + 32], host_header[128];
	struct http_given given = { .method = c->method,
				    .target = c->target,
				    .body = c->body,
				    .len = c->body ? strlen(c->body) : 0,
				    .now_s = c->now_s ? c->now_s : FIXTURE_NOW };
	struct oak_error err = { .code = OAK_OK };
	size_t n = 0;

	if (c->signer) {
		EXPECT(seal_make(c->kind, c->signer->key, given.body, given.len, seal, &err) == 0);
		(void)snprintf(seal_header, sizeof(seal_header), "Oakum-Signature: %s", seal);
		given.headers[n++] = seal_header;
	}
	if (c->host) {
		(void)snprintf(host_header, sizeof(host_header), "Oakum-Host: %s", c->host);
		given.headers[n++] = host_header;
	}
	if (c->other)
		given.headers[n++] = c->other;
	EXPECT(http_request_make(&given, ret, &err) == 0 && *ret);
}

static const struct route *find(const struct http_request *req, char *room)
{
	static const struct route *const tables[] = { routes_host, routes_ops, NULL };
	struct route_found found;

	route_find(tables, req->method, req->path, room, &found);
	EXPECT(found.route);
	return found.route;
}

void fixture_call(struct fleet_fixture *f, const struct fixture_call *c, struct http_response *ret)
{
	_cleanup_(http_request_freep) struct http_request *req = NULL;
	static const struct route *const tables[] = { routes_host, routes_ops, NULL };

	*ret = (struct http_response){ .status = 0 };
	make_request(c, &req);
	route_run(tables, &f->seat, req, ret);
}

void fixture_batch(struct fleet_fixture *f, const struct fixture_call *c, size_t n,
		   struct http_response *ret)
{
	struct http_request *req[BATCH_MAX] = { NULL };
	struct http_exchange x[BATCH_MAX];
	char room[256];

	EXPECT(n > 0 && n <= BATCH_MAX);
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		ret[i] = (struct http_response){ .status = 0 };
		make_request(&c[i], &req[i]);
		x[i] = (struct http_exchange){ .req = req[i], .res = &ret[i] };
	}
	find(req[0], room)->batch(&f->seat, x, n);
	for (size_t i = 0; i < n; i++)
		http_request_free(req[i]);
}

const char *fixture_header(const struct http_response *res, const char *name)
{
	for (size_t i = 0; i < res->n_headers; i++)
		if (strcmp(res->headers[i].name, name) == 0)
			return res->headers[i].value;
	return "";
}

bool fixture_sealed(const struct fleet_fixture *f, const struct http_response *res)
{
	return seal_fits_raw(SEAL_ANSWER, f->public_key, res->body.data, res->body.len,
			     fixture_header(res, "Oakum-Signature"));
}

const char *fixture_member(const struct http_response *res, const char *name)
{
	static char text[512];
	_cleanup_(json_decrefp) json_t *j = NULL;
	struct oak_error err = { .code = OAK_OK };
	const json_t *member;

	EXPECT(json_parse(res->body.data, res->body.len, 1 << 20, "answer", &j, &err) == 0);
	member = json_object_get(j, name);
	text[0] = '\0';
	if (json_is_string(member))
		(void)snprintf(text, sizeof(text), "%s", json_string_value(member));
	else if (json_is_integer(member))
		(void)snprintf(text, sizeof(text), "%lld", json_integer_value(member));
	return text;
}

#define KERNEL "0123456789abcdef0123456789abcdef01234567"

void fixture_enrol_body(const struct fixture_host *h, const char *token, const char *more,
			char ret[1024])
{
	(void)snprintf(ret, 1024,
		       "{\"schema\": 1, \"token\": \"%s\", \"key\": \"%s\", \"name\": \"web-17\", "
		       "\"machine\": \"" FIXTURE_MACHINE "\"%s}",
		       token, h->hex, more);
}

void fixture_enrol(struct fleet_fixture *f, const struct fixture_host *signer, const char *body,
		   struct http_response *ret)
{
	fixture_call(f,
		     &(const struct fixture_call){ .method = "POST",
						   .target = "/v1/enrol",
						   .body = body,
						   .signer = signer,
						   .kind = SEAL_ENROL },
		     ret);
}

/* Enrols @h with a token of its own. */
void fixture_join(struct fleet_fixture *f, const struct fixture_host *h)
{
	const struct enrol_token_new t = { .name = "test", .ring = "canary", .own_tags = true };
	char token[TOKEN_TEXT_MAX], body[1024];
	_cleanup_(http_response_clear) struct http_response res = { .status = 0 };

	fixture_token(f, &t, token);
	fixture_enrol_body(h, token, ", \"tags\": [\"role=web\"]", body);
	fixture_enrol(f, h, body, &res);
	EXPECT(res.status == 201);
}

void fixture_report_body(const char *host, unsigned sequence, const char *more, char ret[2048])
{
	(void)snprintf(ret, 2048,
		       "{\"schema\": 1, \"host\": \"%s\", \"sequence\": %u, \"time\": 1800000000, "
		       "\"agent\": \"0.1.0\", \"name\": \"web-17\", \"boot\": \"0011223344556677\", "
		       "\"kernel\": {\"build_id\": \"" KERNEL
		       "\", \"release\": \"6.1.0-50-amd64\", "
		       "\"arch\": \"x86_64\", \"effective\": \"6.1.170-1\"}, "
		       "\"tags\": [\"role=web\"], "
		       "\"level\": {\"number\": 0, \"state\": \"none\", \"since\": 1800000000}%s}",
		       host, sequence, more);
}

void fixture_report(struct fleet_fixture *f, const struct fixture_host *h, const char *body,
		    struct http_response *ret)
{
	fixture_call(f,
		     &(const struct fixture_call){ .method = "POST",
						   .target = "/v1/report",
						   .body = body,
						   .signer = h,
						   .kind = SEAL_REPORT,
						   .host = h->id },
		     ret);
}

size_t fixture_events(struct fleet_fixture *f, const char *type)
{
	_cleanup_(json_decrefp) json_t *all = NULL;
	struct oak_error err = { .code = OAK_OK };
	const json_t *event;
	size_t i, n = 0;

	EXPECT(event_list(f->db, 0, 1000, &all, &err) == 0);
	json_array_foreach(all, i, event)
	{
		n += strcmp(json_get_str(event, "type"), type) == 0;
	}
	return n;
}

uint64_t fixture_audit(struct fleet_fixture *f)
{
	struct oak_error err = { .code = OAK_OK };
	uint64_t n = 0;

	EXPECT(audit_verify(f->db, &n, &err) == 0);
	return n;
}
