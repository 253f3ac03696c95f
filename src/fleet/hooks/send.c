/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/hooks/send.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>
#include <sodium.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "fleet/hooks/address.h"

#define CALLS_MAX  32
#define CONNECT_S  5L
#define TOTAL_S    10L
#define ANSWER_MAX (64u << 10) /* of which nothing is kept */

DEFINE_CLEANUP(CURLM *, curl_multi_cleanup)

/* One call on its way. */
struct flight {
	struct hook_call *call;
	CURL *curl;
	struct curl_slist *headers;
	size_t got;
	bool loopback;
	const char *refused;
	char text[CURL_ERROR_SIZE];
};

void hook_signature(const char *secret, const char *body, int64_t now_s,
		    char ret[HOOK_SIGNATURE_MAX])
{
	crypto_auth_hmacsha256_state state;
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char hex[2 * sizeof(mac) + 1], time[32];
	int len = snprintf(time, sizeof(time), "%" PRIi64 ".", now_s);

	crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)time, (size_t)len);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)body, strlen(body));
	crypto_auth_hmacsha256_final(&state, mac);
	hex_encode(mac, sizeof(mac), hex);
	(void)snprintf(ret, HOOK_SIGNATURE_MAX, "t=%" PRIi64 ",v1=%s", now_s, hex);
}

static size_t on_data(char *data, size_t size, size_t n, void *ctx)
{
	struct flight *f = ctx;

	(void)data;
	f->got += size * n;
	return f->got > ANSWER_MAX ? 0 : size * n;
}

static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct flight *f = ctx;

	(void)purpose;
	f->refused = hook_address_refused(&a->addr, f->loopback);
	if (f->refused)
		return CURL_SOCKET_BAD;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static int add_header(struct flight *f, const char *name, const char *value)
{
	char line[256];
	struct curl_slist *longer;

	(void)snprintf(line, sizeof(line), "%s: %s", name, value);
	longer = curl_slist_append(f->headers, line);
	if (!longer)
		return -1;
	f->headers = longer;
	return 0;
}

static int set_headers(struct flight *f, int64_t now_s)
{
	char signature[HOOK_SIGNATURE_MAX];

	hook_signature(f->call->secret, f->call->body, now_s, signature);
	return add_header(f, "Content-Type", "application/json") < 0 ||
			       add_header(f, "Oakum-Signature", signature) < 0 ||
			       add_header(f, "Oakum-Delivery", f->call->id) < 0 ||
			       add_header(f, "Oakum-Event", f->call->type) < 0 ||
			       add_header(f, "Expect", "") < 0
		       ? -1
		       : 0;
}

/* No redirects: the next address would be the other side's choice. No proxy: it would resolve the name. */
static int set_options(struct flight *f)
{
	CURL *c = f->curl;

	return curl_easy_setopt(c, CURLOPT_URL, f->call->url) ||
			       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") ||
			       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) ||
			       curl_easy_setopt(c, CURLOPT_PROXY, "") ||
			       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) ||
			       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S) ||
			       curl_easy_setopt(c, CURLOPT_TIMEOUT, TOTAL_S) ||
			       curl_easy_setopt(c, CURLOPT_USERAGENT, "oakum-server/" OAK_VERSION) ||
			       curl_easy_setopt(c, CURLOPT_HTTPHEADER, f->headers) ||
			       curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->call->body) ||
			       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data) ||
			       curl_easy_setopt(c, CURLOPT_WRITEDATA, f) ||
			       curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket) ||
			       curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f) ||
			       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, f->text) ||
			       curl_easy_setopt(c, CURLOPT_PRIVATE, f)
		       ? -1
		       : 0;
}

/* A URL that is none is an answer, not a failure of ours. 1: there is nothing to send. */
static int take_off(struct flight *f, CURLM *multi, int64_t now_s, struct oak_error *err)
{
	struct oak_error url = { .code = OAK_OK };

	if (hook_url_check(f->call->url, &f->loopback, &url) < 0) {
		(void)snprintf(f->call->why, HOOK_WHY_MAX, "%.150s", url.msg);
		return 0;
	}
	f->curl = curl_easy_init();
	if (!f->curl || set_headers(f, now_s) < 0 || set_options(f) < 0 ||
	    curl_multi_add_handle(multi, f->curl) != CURLM_OK)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static void land(struct flight *f, CURLcode code)
{
	struct hook_call *call = f->call;
	long status = 0;

	(void)curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	call->status = (unsigned)status;
	if (f->refused)
		(void)snprintf(call->why, HOOK_WHY_MAX, "not sent: %s", f->refused);
	else if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && status))
		(void)snprintf(call->why, HOOK_WHY_MAX, "%.150s",
			       f->text[0] ? f->text : curl_easy_strerror(code));
	else if (status >= 300 && status < 400)
		(void)snprintf(call->why, HOOK_WHY_MAX, "answered %ld: redirects are not followed",
			       status);
	else if (status < 200 || status >= 300)
		(void)snprintf(call->why, HOOK_WHY_MAX, "answered %ld", status);
	/* A connection that broke after the status has come proves nothing. */
	if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
		call->status = 0;
}

static void fly(CURLM *multi)
{
	int running = 1, left;

	while (running > 0) {
		CURLMsg *m;

		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return;
		while ((m = curl_multi_info_read(multi, &left))) {
			struct flight *f = NULL;

			if (m->msg != CURLMSG_DONE ||
			    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f))
				continue;
			land(f, m->data.result);
		}
		if (running > 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK)
			return;
	}
}

int hook_send(struct hook_call *calls, size_t n, int64_t now_s, struct oak_error *err)
{
	_cleanup_(curl_multi_cleanupp) CURLM *multi = curl_multi_init();
	struct flight flights[CALLS_MAX] = { 0 };
	int r = multi ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (n > CALLS_MAX)
		n = CALLS_MAX;
	for (size_t i = 0; r == 0 && i < n; i++) {
		flights[i].call = &calls[i];
		r = take_off(&flights[i], multi, now_s, err);
	}
	if (r == 0)
		fly(multi);
	for (size_t i = 0; i < n; i++) {
		if (flights[i].curl) {
			(void)curl_multi_remove_handle(multi, flights[i].curl);
			curl_easy_cleanup(flights[i].curl);
		}
		curl_slist_free_all(flights[i].headers);
	}
	return r;
}
