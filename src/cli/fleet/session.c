/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "base/json.h"
#include "cli/fleet/fleet.h"

#define ANSWER_MAX (32u << 20)
#define LINE_MAX_  (1u << 20)

int fleet_connect(const struct cli *cli, const struct fleet_config *config,
		  struct fleet_session *ret, struct oak_error *err)
{
	const struct http_client_options opt = { .ca = config->ca, .pinned = config->pinned };

	ret->cli = cli;
	return http_client_open(&opt, &ret->http, err);
}

int fleet_open(const struct cli *cli, struct fleet_session *ret, struct oak_error *err)
{
	int r = fleet_config_read(&ret->config, err);

	return r < 0 ? r : fleet_connect(cli, &ret->config, ret, err);
}

void fleet_close(struct fleet_session *s)
{
	http_client_close(s->http);
	fleet_config_clear(&s->config);
	*s = (struct fleet_session){ 0 };
}

int fleet_quote(struct buf *b, const char *text)
{
	int r = buf_add_str(b, "");

	for (; r == 0 && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c)))
			r = buf_add(b, text, 1);
		else
			r = buf_printf(b, "%%%02X", c);
	}
	return r;
}

static const struct {
	unsigned status;
	enum oak_code code;
} codes[] = {
	{ 400, OAK_E_USAGE },    { 401, OAK_E_PERMISSION }, { 403, OAK_E_PERMISSION },
	{ 404, OAK_E_NOTFOUND }, { 409, OAK_E_REFUSED },    { 412, OAK_E_REFUSED },
	{ 413, OAK_E_TOOLARGE }, { 422, OAK_E_REFUSED },    { 429, OAK_E_AGAIN },
	{ 500, OAK_E_FAILED },   { 502, OAK_E_AGAIN },      { 503, OAK_E_AGAIN },
	{ 504, OAK_E_AGAIN },
};

/* U+0080 to U+009F are control characters of terminals, too. */
static bool is_control(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	return p[0] < ' ' || p[0] == 0x7f || (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
}

/* What the server says of itself is said in one line, without its control characters. */
static int fail_with(const struct http_reply *reply, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct oak_error none = { .code = OAK_OK };
	enum oak_code code = OAK_E_FAILED;
	const char *detail = NULL;
	char text[512];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].status == reply->status)
			code = codes[i].code;
	if (json_parse(reply->body.data, reply->body.len, ANSWER_MAX, "problem", &doc, &none) == 0) {
		detail = json_get_str(doc, "detail");
		if (!detail)
			detail = json_get_str(doc, "title");
	}
	for (; detail && detail[n] && n + 1 < sizeof(text); n++)
		text[n] = (char)(is_control(&detail[n]) ? '?' : detail[n]);
	text[n] = '\0';
	(void)oak_fail(err, code, "%s%s(the server answered %u)", text, text[0] ? " " : "",
		       reply->status);
	err->retry_s = reply->retry_s;
	return -(int)code;
}

static int random_key(char ret[64])
{
	uint8_t bytes[16];
	char hex[2 * sizeof(bytes) + 1];

	randombytes_buf(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), hex);
	return snprintf(ret, 64, "Idempotency-Key: %s", hex) < 64 ? 0 : -1;
}

static int authorization(const struct fleet_session *s, struct buf *b, struct oak_error *err)
{
	if (buf_printf(b, "Authorization: Bearer %s", s->config.token) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int read_answer(const struct http_reply *reply, json_t **ret, struct oak_error *err)
{
	if (reply->status < 200 || reply->status >= 300)
		return fail_with(reply, err);
	*ret = NULL;
	if (!reply->body.len)
		return 0;
	return json_parse(reply->body.data, reply->body.len, ANSWER_MAX, "the server's answer", ret,
			  err);
}

/* A write whose answer was lost is sent once more: by its key it is done once. */
static int call_twice(struct fleet_session *s, const struct http_call *call,
		      struct http_reply *reply, struct oak_error *err)
{
	int r = http_call(s->http, call, reply, err);

	if (r != -OAK_E_AGAIN || call->piece)
		return r;
	http_reply_clear(reply);
	return http_call(s->http, call, reply, err);
}

int fleet_call(struct fleet_session *s, const char *method, const char *target, const json_t *body,
	       json_t **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf url = { 0 }, auth = { 0 };
	_cleanup_(http_reply_clear) struct http_reply reply = { 0 };
	_cleanup_(freep) char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	char key[64];
	struct http_call call = { .method = method, .max = ANSWER_MAX };
	size_t n = 0;
	int r = authorization(s, &auth, err);

	if (r < 0)
		return r;
	if ((body && !text) || random_key(key) < 0 ||
	    buf_printf(&url, "%s%s", s->config.url, target) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	call.url = buf_str(&url);
	call.headers[n++] = buf_str(&auth);
	if (strcmp(method, "GET") != 0)
		call.headers[n++] = key;
	if (text) {
		call.headers[n++] = "Content-Type: application/json";
		call.body = text;
		call.len = strlen(text);
	}
	r = call_twice(s, &call, &reply, err);
	return r < 0 ? r : read_answer(&reply, ret, err);
}

/* A stream that is read line by line; of each event only "data" is looked at, which has its number too. */
struct follow {
	int (*each)(void *ctx, const json_t *event);
	void *ctx;
	struct buf line;
	bool ended;
};

static int take_line(struct follow *f)
{
	_cleanup_(json_decrefp) json_t *event = NULL;
	const char *line = buf_str(&f->line);
	struct oak_error err = { .code = OAK_OK };

	if (strncmp(line, "data:", 5) != 0)
		return 0;
	if (json_parse(line + 5, f->line.len - 5, LINE_MAX_, "event", &event, &err) < 0)
		return 0;
	return f->each(f->ctx, event);
}

static int on_piece(void *ctx, const void *data, size_t len)
{
	struct follow *f = ctx;
	const char *p = data;

	for (size_t i = 0; i < len && !f->ended; i++) {
		if (p[i] == '\n') {
			f->ended = take_line(f) != 0;
			f->line.len = 0;
		} else if (f->line.len >= LINE_MAX_ || buf_add(&f->line, &p[i], 1) < 0) {
			f->ended = true;
		}
	}
	return f->ended;
}

int fleet_follow(struct fleet_session *s, const char *after,
		 int (*each)(void *ctx, const json_t *event), void *ctx, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf url = { 0 }, auth = { 0 }, last = { 0 };
	_cleanup_(http_reply_clear) struct http_reply reply = { 0 };
	struct follow f = { .each = each, .ctx = ctx };
	struct http_call call = { .method = "GET", .max = LINE_MAX_, .piece = on_piece, .ctx = &f };
	int r = authorization(s, &auth, err);

	if (r < 0)
		return r;
	if (buf_printf(&url, "%s/api/v1/events/stream", s->config.url) < 0 ||
	    buf_printf(&last, "Last-Event-ID: %s", after) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	call.url = buf_str(&url);
	call.headers[0] = buf_str(&auth);
	call.headers[1] = "Accept: text/event-stream";
	call.headers[2] = after[0] ? buf_str(&last) : NULL;
	r = http_call(s->http, &call, &reply, err);
	buf_free(&f.line);
	if (r < 0)
		return r;
	return reply.status == 200 ? 0 : fail_with(&reply, err);
}
