/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evil-server: a fleet's server in the hands of somebody else, who has its key for decisions and its TLS key.
 * It says whatever it likes, with good signatures, and grants everything.
 *
 * usage: evil-server PORT DIR KEY CERTIFICATE TLS-KEY
 *
 *	DIR/signed.json     the member "signed" of every decision: signed anew for each request
 *	DIR/decision.json   where it exists: this file as it is, in the place of the above
 *	DIR/mute            where it exists: reports get 503
 *	DIR/repository/     plain files
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#include "../decimal.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "trust/fleet/decision.h"
#include "trust/fleet/report.h"
#include "trust/fleet/seal.h"
#include "trust/key-file.h"

#define BODY_MAX (256u << 10)
#define FILE_MAX (16u << 20)
#define GRANT_S  1800
#define REPORT_S 2

struct evil {
	int dir;
	struct tuf_key *key;
};

struct request {
	struct buf body;
};

static enum MHD_Result say(struct MHD_Connection *c, unsigned status, const void *text, size_t len,
			   const char *signature)
{
	struct MHD_Response *res = MHD_create_response_from_buffer(len, (void *)(uintptr_t)text,
								   MHD_RESPMEM_MUST_COPY);
	enum MHD_Result r;

	if (!res)
		return MHD_NO;
	(void)MHD_add_response_header(res, "Content-Type", "application/json");
	if (signature)
		(void)MHD_add_response_header(res, "Oakum-Signature", signature);
	r = MHD_queue_response(c, status, res);
	MHD_destroy_response(res);
	return r;
}

static enum MHD_Result say_file(const struct evil *e, struct MHD_Connection *c, const char *path)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	if (file_read(e->dir, path, FILE_MAX, &text, &err) < 0)
		return say(c, 404, "{}", 2, NULL);
	return say(c, 200, text.data, text.len, NULL);
}

static enum MHD_Result say_decision(const struct evil *e, struct MHD_Connection *c)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *body = NULL;
	_cleanup_(freep) char *file = NULL;
	struct oak_error err;
	int r;

	if (file_exists(e->dir, "decision.json"))
		return say_file(e, c, "decision.json");
	r = file_read(e->dir, "signed.json", BODY_MAX, &text, &err);
	if (r == 0)
		r = json_parse(text.data, text.len, BODY_MAX, "signed.json", &body, &err);
	if (r == 0)
		r = decision_sign(body, e->key, &file, &err);
	if (r < 0 || !file) {
		(void)fprintf(stderr, "evil-server: %s\n", err.msg);
		return say(c, 500, "{}", 2, NULL);
	}
	return say(c, 200, file, strlen(file), NULL);
}

/* Whatever is asked for is granted. */
static enum MHD_Result say_answer(const struct evil *e, struct MHD_Connection *c,
				  const struct request *req)
{
	_cleanup_(report_clear) struct report r = { 0 };
	_cleanup_(json_decrefp) json_t *tags = json_array();
	_cleanup_(freep) char *text = NULL;
	char signature[SEAL_HEX_MAX];
	struct answer a = { .time_s = (int64_t)time(NULL), .ring = "default", .report_s = REPORT_S };
	struct oak_error err;

	if (report_parse(req->body.data, req->body.len, &r, &err) < 0)
		return say(c, 400, "{}", 2, NULL);
	(void)snprintf(a.host, sizeof(a.host), "%s", r.host);
	a.sequence = r.sequence;
	a.tags = tags;
	a.n_grants = r.n_asks;
	for (size_t i = 0; i < r.n_asks; i++) {
		(void)snprintf(a.grants[i].rollout, sizeof(a.grants[i].rollout), "%s",
			       r.asks[i].rollout);
		a.grants[i].level = r.asks[i].level;
		a.grants[i].for_s = GRANT_S;
	}
	if (answer_write(&a, &text, &err) < 0 ||
	    seal_make(SEAL_ANSWER, e->key, text, strlen(text), signature, &err) < 0)
		return say(c, 500, "{}", 2, NULL);
	return say(c, 200, text, strlen(text), signature);
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **state)
{
	const struct evil *e = ctx;
	struct request *req = *state;

	(void)version;
	if (!req) {
		*state = calloc(1, sizeof(*req));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*len) {
		if (req->body.len + *len > BODY_MAX || buf_add(&req->body, data, *len) < 0)
			return MHD_NO;
		*len = 0;
		return MHD_YES;
	}
	if (strcmp(method, "POST") == 0)
		return file_exists(e->dir, "mute") ? say(c, 503, "{}", 2, NULL)
						   : say_answer(e, c, req);
	if (strncmp(url, "/v1/decisions/", 14) == 0)
		return say_decision(e, c);
	return say_file(e, c, url + 1);
}

static void on_end(void *ctx, struct MHD_Connection *c, void **state,
		   enum MHD_RequestTerminationCode why)
{
	struct request *req = *state;

	(void)ctx;
	(void)c;
	(void)why;
	if (req)
		buf_free(&req->body);
	free(req);
}

static int read_text(const char *path, struct buf *ret)
{
	struct oak_error err;
	int r = file_read(AT_FDCWD, path, FILE_MAX, ret, &err);

	if (r < 0)
		(void)fprintf(stderr, "evil-server: %s\n", err.msg);
	return r < 0 ? r : buf_add(ret, "", 1);
}

int main(int argc, char **argv)
{
	struct evil e = { .dir = -1 };
	struct buf certificate = { 0 }, key = { 0 };
	struct oak_error err;
	struct MHD_Daemon *d;
	uint64_t port = 0;
	sigset_t set;
	int signal_number;

	if (argc != 6 || !decimal_read(argv[1], &port) || port > UINT16_MAX) {
		(void)fputs("usage: evil-server PORT DIR KEY CERTIFICATE TLS-KEY\n", stderr);
		return 2;
	}
	e.dir = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (e.dir < 0 || key_file_read(AT_FDCWD, argv[3], NULL, &e.key, &err) < 0 ||
	    read_text(argv[4], &certificate) < 0 || read_text(argv[5], &key) < 0)
		return 1;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, (uint16_t)port, NULL,
			     NULL, on_request, &e, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
			     MHD_OPTION_HTTPS_MEM_CERT, certificate.data, MHD_OPTION_HTTPS_MEM_KEY,
			     key.data, MHD_OPTION_END);
	if (!d) {
		(void)fputs("evil-server: cannot listen\n", stderr);
		return 1;
	}
	(void)sigwait(&set, &signal_number);
	MHD_stop_daemon(d);
	tuf_key_free(e.key);
	buf_free(&certificate);
	buf_free(&key);
	return 0;
}
