/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fleet/post.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "host/plain.h"
#include "trust/canonical.h"
#include "trust/fleet/members.h"
#include "trust/fleet/seal.h"
#include "trust/key-file.h"

#define PENDING_MAX ((size_t)3 * REPORT_BYTES_MAX) /* a text within a text */

static const struct text_rule boot_rule = { "0123456789abcdef-", 0, 39, "a boot's id" };

uint64_t fleet_boottime_ms(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000u + (uint64_t)ts.tv_nsec / 1000000u;
}

static int store(int root, const struct parcel_report *p, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc =
		json_pack("{s:i, s:s, s:I, s:s, s:s}", "schema", 1, "boot", p->boot_id, "sent",
			  (json_int_t)p->sent_ms, "seal", p->seal, "report", p->text);
	_cleanup_(freep) char *text = doc ? json_text(doc) : NULL;

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, FLEET_PENDING, text, strlen(text), 0600, err);
}

/* What a report tells of itself, and what it is about. */
static int take_report(struct parcel_report *p, struct oak_error *err)
{
	struct report r = { .sequence = 0 };
	int ret = report_parse(p->text, strlen(p->text), &r, err);

	if (ret < 0)
		return ret;
	p->sequence = r.sequence;
	p->n_results = r.n_results;
	memcpy(p->results, r.results, sizeof(p->results));
	report_clear(&r);
	return 0;
}

int parcel_report_make(int root, const char *text, const char *boot_id, struct parcel_report *ret,
		       struct oak_error *err)
{
	_cleanup_(parcel_report_clear) struct parcel_report p = { .text = strdup(text) };
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r = p.text ? key_file_read(root, FLEET_KEY, NULL, &key, err)
		       : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r == 0)
		r = seal_make(SEAL_REPORT, key, text, strlen(text), p.seal, err);
	if (r == 0)
		r = take_report(&p, err);
	if (r < 0)
		return r;
	(void)snprintf(p.boot_id, sizeof(p.boot_id), "%s", boot_id);
	p.sent_ms = fleet_boottime_ms();
	r = store(root, &p, err);
	if (r < 0)
		return r;
	*ret = p;
	p = (struct parcel_report){ .text = NULL };
	return 0;
}

static int parse(const struct buf *text, struct parcel_report *p, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const char *report;
	int r = json_parse(text->data, text->len, PENDING_MAX, "/" FLEET_PENDING, &doc, err);

	if (r == 0)
		r = member_text(doc, "boot", &boot_rule, p->boot_id, err);
	if (r == 0)
		r = field_number(doc, "sent", 0, CANONICAL_INTEGER_MAX, &p->sent_ms, err);
	if (r == 0)
		r = member_text(doc, "seal", &fleet_seal, p->seal, err);
	if (r < 0)
		return r;
	report = json_get_str(doc, "report");
	p->text = report ? strdup(report) : NULL;
	return p->text ? take_report(p, err) : oak_fail(err, OAK_E_FORMAT, "report: missing");
}

void parcel_report_read(int root, struct parcel_report *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	*ret = (struct parcel_report){ .text = NULL };
	if (file_read(root, FLEET_PENDING, PENDING_MAX, &text, NULL) < 0 ||
	    parse(&text, ret, NULL) < 0)
		parcel_report_clear(ret);
}

int parcel_report_drop(int root, struct oak_error *err)
{
	if (unlinkat(root, FLEET_PENDING, 0) < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "/" FLEET_PENDING);
	return 0;
}

void parcel_report_clear(struct parcel_report *p)
{
	free(p->text);
	*p = (struct parcel_report){ .text = NULL };
}

void post_problem(const struct http_reply *reply, char code[32], char *detail, size_t size)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const char *text;

	code[0] = detail[0] = '\0';
	if (json_parse(reply->body.data, reply->body.len, REPORT_BYTES_MAX, "answer", &doc, NULL) <
	    0)
		return;
	text = json_get_str(doc, "code");
	plain_copy(code, 32, text ? text : "");
	text = json_get_str(doc, "detail");
	plain_copy(detail, size, text ? text : "");
}

static bool is_servers(const struct fleet_home *h, const struct http_reply *reply)
{
	for (size_t i = 0; i < h->n_keys; i++)
		if (seal_fits(SEAL_ANSWER, h->keys[i], reply->body.data, reply->body.len,
			      reply->signature))
			return true;
	return false;
}

/* The signature says whose it is; host and sequence, that it is the answer to this report. */
static int acknowledge(const struct parcel_report *p, const struct fleet_home *h,
		       const struct http_reply *reply, struct post_outcome *ret,
		       struct oak_error *err)
{
	struct answer a = { .sequence = 0 };
	int r;

	if (!is_servers(h, reply))
		return oak_fail(err, OAK_E_TRUST,
				"%s: the answer is not signed with a key that this host knows",
				h->server);
	r = answer_parse(reply->body.data, reply->body.len, &a, err);
	if (r < 0)
		return oak_context(err, "%s", h->server);
	if (strcmp(a.host, h->host) != 0 || a.sequence != p->sequence) {
		answer_clear(&a);
		return oak_fail(err, OAK_E_TRUST, "%s: the answer is to another report", h->server);
	}
	ret->answer = a;
	ret->acknowledged = true;
	return 0;
}

static void refuse(const struct http_reply *reply, struct post_outcome *ret)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const json_t *expected;
	char detail[FLEET_TEXT_MAX];

	post_problem(reply, ret->code, detail, sizeof(detail));
	if (json_parse(reply->body.data, reply->body.len, REPORT_BYTES_MAX, "answer", &doc, NULL) <
	    0)
		return;
	expected = json_object_get(doc, "expected");
	ret->has_expected = json_is_integer(expected) && json_integer_value(expected) >= 0 &&
			    json_integer_value(expected) < CANONICAL_INTEGER_MAX;
	if (ret->has_expected)
		ret->expected = (uint64_t)json_integer_value(expected);
}

int parcel_report_send(const struct parcel_report *p, const struct fleet_home *h,
		       struct http_client *http, struct post_outcome *ret, struct oak_error *err)
{
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	char url[FLEET_TEXT_MAX + 32], host[64], seal[160];
	struct http_call call = { .method = "POST",
				  .url = url,
				  .headers = { "Content-Type: application/json", host, seal },
				  .body = p->text,
				  .len = strlen(p->text),
				  .max = REPORT_BYTES_MAX };
	int r;

	*ret = (struct post_outcome){ .acknowledged = false };
	(void)snprintf(url, sizeof(url), "%s/v1/report", h->server);
	(void)snprintf(host, sizeof(host), "Oakum-Host: %s", h->host);
	(void)snprintf(seal, sizeof(seal), "Oakum-Signature: %s", p->seal);
	r = http_call(http, &call, &reply, err);
	if (r < 0)
		return r;
	ret->status = reply.status;
	ret->retry_s = reply.retry_s;
	if (reply.status == 200)
		return acknowledge(p, h, &reply, ret, err);
	refuse(&reply, ret);
	return 0;
}
