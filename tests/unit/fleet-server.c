/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet-server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "test.h"
#include "trust/fleet/report.h"
#include "trust/fleet/seal.h"

#define POLL_MS     20
#define REQUEST_MAX (1u << 20)

static void send_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

struct reply {
	unsigned status;
	const char *headers; /* lines that end with \r\n; "" */
	const char *body;
	size_t len;
};

static void answer(int fd, const struct reply *r)
{
	char head[1024];
	int n = snprintf(head, sizeof(head),
			 "HTTP/1.1 %u X\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n",
			 r->status, r->len, r->headers);

	send_all(fd, head, (size_t)n);
	send_all(fd, r->body, r->len);
}

static void answer_text(int fd, unsigned status, const char *headers, const char *text)
{
	answer(fd, &(struct reply){ status, headers, text, strlen(text) });
}

static void answer_sealed(int fd, const struct tuf_key *key, unsigned status, const char *text)
{
	char seal[SEAL_HEX_MAX], header[200];
	struct oak_error err;

	EXPECT(seal_make(SEAL_ANSWER, key, text, strlen(text), seal, &err) == 0);
	(void)snprintf(header, sizeof(header), "Oakum-Signature: %s\r\n", seal);
	answer_text(fd, status, header, text);
}

static void header_of(const char *request, const char *name, char *ret, size_t size)
{
	const char *at = strcasestr(request, name);
	size_t len;

	ret[0] = '\0';
	if (!at)
		return;
	at += strlen(name);
	len = strcspn(at, "\r\n");
	if (len < size) {
		memcpy(ret, at, len);
		ret[len] = '\0';
	}
}

static void on_decision(struct fleet_server *s, int fd, const char *request)
{
	const char *decision = s->decision, *etag = s->etag;
	char match[128], header[256];

	s->n_decisions++;
	header_of(request, "If-None-Match: ", match, sizeof(match));
	(void)snprintf(header, sizeof(header), "ETag: %s\r\n", etag ? etag : "\"0\"");
	if (s->mood == FLEET_SERVER_BUSY)
		answer_text(fd, 503, "Retry-After: 77\r\n", "{}");
	else if (!decision)
		answer_text(fd, 404, "", "{}");
	else if (etag && strcmp(match, etag) == 0) {
		s->n_same++;
		answer_text(fd, 304, header, "");
	} else
		answer_text(fd, 200, header, decision);
}

static void fill(struct fleet_server *s, const struct report *r, struct answer *a)
{
	*a = (struct answer){ .sequence = r->sequence, .time_s = r->time_s, .report_s = 14400 };
	memcpy(a->host, r->host, sizeof(a->host));
	(void)snprintf(a->ring, sizeof(a->ring), "%s", (const char *)s->ring);
	if (!r->n_asks)
		return;
	if (s->grant == r->asks[0].level) {
		memcpy(a->grants[0].rollout, r->asks[0].rollout, sizeof(a->grants[0].rollout));
		a->grants[0].level = s->grant;
		a->grants[0].for_s = s->for_s;
		a->n_grants = 1;
		return;
	}
	memcpy(a->refused[0].rollout, r->asks[0].rollout, sizeof(a->refused[0].rollout));
	(void)snprintf(a->refused[0].why, sizeof(a->refused[0].why), "%s", (const char *)s->refusal);
	a->refused[0].again_s = 300;
	a->n_refused = 1;
}

static enum fleet_server_mood mood(struct fleet_server *s)
{
	enum fleet_server_mood m = s->mood;

	if (m != FLEET_SERVER_GOOD && s->mood_times && --s->mood_times == 0)
		s->mood = FLEET_SERVER_GOOD;
	return m;
}

static void acknowledge(struct fleet_server *s, int fd, const struct report *r,
			enum fleet_server_mood m)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(json_decrefp) json_t *tags = json_pack("[s]", "az=1");
	struct oak_error err = { .code = OAK_OK };
	struct answer a;

	fill(s, r, &a);
	a.tags = tags;
	if (m == FLEET_SERVER_OTHER)
		a.sequence++;
	if (answer_write(&a, &text, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	answer_sealed(fd, m == FLEET_SERVER_FOREIGN ? s->other : s->key, 200, text);
}

static void on_report(struct fleet_server *s, int fd, const char *request, const char *body)
{
	enum fleet_server_mood m = mood(s);
	struct report r = { .sequence = 0 };
	struct oak_error err = { .code = OAK_OK };
	unsigned i = s->n_reports;
	char conflict[128];

	EXPECT(i < FLEET_SERVER_KEPT);
	s->reports[i] = strdup(body);
	header_of(request, "Oakum-Signature: ", s->seals[i], sizeof(s->seals[i]));
	if (report_parse(body, strlen(body), &r, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	(void)snprintf(conflict, sizeof(conflict), "{\"code\":\"sequence\",\"expected\":%lu}",
		       (unsigned long)s->expected);
	if (m == FLEET_SERVER_BUSY)
		answer_text(fd, 503, "Retry-After: 77\r\n", "{}");
	else if (m == FLEET_SERVER_CONFLICT)
		answer_text(fd, 409, "", conflict);
	else if (m == FLEET_SERVER_REVOKED)
		answer_text(fd, 403, "", "{\"code\":\"host-revoked\"}");
	else if (m == FLEET_SERVER_GARBAGE)
		answer_sealed(fd, s->key, 200, "{\"schema\":1,\"host\":[[[[");
	else if (m == FLEET_SERVER_LARGE) {
		_cleanup_(freep) char *large = malloc(300000);

		memset(large, '[', 300000);
		answer(fd, &(struct reply){ 200, "", large, 300000 });
	} else if (m != FLEET_SERVER_LOSES)
		acknowledge(s, fd, &r, m);
	report_clear(&r);
	s->n_reports++;
}

static void on_enrol(struct fleet_server *s, int fd, const char *request, const char *body)
{
	_cleanup_(json_decrefp) json_t *doc = json_loads(body, 0, NULL);
	_cleanup_(freep) char *text = NULL;
	const char *problem = s->problem;
	char seal[200], hex[SEAL_KEY_HEX_MAX], id[33], code[128];
	uint8_t raw[32];
	struct oak_error err;

	free(s->enrolment);
	s->enrolment = strdup(body);
	s->n_enrolments++;
	header_of(request, "Oakum-Signature: ", seal, sizeof(seal));
	EXPECT(hex_decode(json_get_str(doc, "key"), raw, 32) == 32);
	EXPECT(seal_fits_raw(SEAL_ENROL, raw, body, strlen(body), seal));
	if (problem) {
		(void)snprintf(code, sizeof(code), "{\"code\":\"%s\"}", problem);
		answer_text(fd, strcmp(problem, "rate-limited") == 0 ? 429 : 403, "", code);
		return;
	}
	seal_host_id(raw, id);
	EXPECT(seal_key_hex(s->key, hex, &err) == 0);
	EXPECT(asprintf(&text,
			"{\"schema\":1,\"host\":\"%s\",\"name\":\"h\",\"ring\":\"%s\",\"tags\":[\"az=1\"],"
			"\"keys\":[\"%s\"],\"poll_s\":3600,\"report_s\":14400}",
			id, (const char *)s->ring, hex) > 0);
	answer_sealed(fd, s->mood == FLEET_SERVER_FOREIGN ? s->other : s->key, 201, text);
}

/* Head and body, as far as Content-Length says. */
static void receive(int fd, struct buf *ret)
{
	size_t want = SIZE_MAX;
	char part[4096], length[32];

	while (ret->len < want && ret->len < REQUEST_MAX) {
		ssize_t n = recv(fd, part, sizeof(part), 0);
		size_t body_len = 0;
		const char *end;

		if (n <= 0 || buf_add(ret, part, (size_t)n) < 0)
			return;
		end = strstr(buf_str(ret), "\r\n\r\n");
		if (!end)
			continue;
		header_of(buf_str(ret), "Content-Length: ", length, sizeof(length));
		want = (size_t)(end + 4 - buf_str(ret));
		for (const char *c = length; *c >= '0' && *c <= '9'; c++)
			body_len = 10 * body_len + (size_t)(*c - '0');
		want += body_len;
	}
}

static void serve(struct fleet_server *s, int fd)
{
	_cleanup_(buf_free) struct buf request = { 0 };
	const char *text, *body;

	receive(fd, &request);
	text = buf_str(&request);
	body = strstr(text, "\r\n\r\n");
	body = body ? body + 4 : "";
	if (strncmp(text, "GET /v1/decisions/", 18) == 0)
		on_decision(s, fd, text);
	else if (strncmp(text, "POST /v1/report ", 16) == 0)
		on_report(s, fd, text, body);
	else if (strncmp(text, "POST /v1/enrol ", 15) == 0)
		on_enrol(s, fd, text, body);
	else
		answer_text(fd, 404, "", "{}");
}

static void *run(void *ctx)
{
	struct fleet_server *s = ctx;

	while (!s->stop) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		int fd;

		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		serve(s, fd);
		(void)shutdown(fd, SHUT_RDWR);
		(void)close(fd);
	}
	return NULL;
}

void fleet_server_start(struct fleet_server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	struct oak_error err;

	*s = (struct fleet_server){ .ring = "default", .refusal = "8 hosts are in flight" };
	EXPECT(tuf_key_generate(&s->key, &err) == 0 && tuf_key_generate(&s->other, &err) == 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	EXPECT(s->fd >= 0 && bind(s->fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT(listen(s->fd, 8) == 0 && getsockname(s->fd, (struct sockaddr *)&at, &len) == 0);
	(void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", ntohs(at.sin_port));
	EXPECT(pthread_create(&s->thread, NULL, run, s) == 0);
}

void fleet_server_stop(struct fleet_server *s)
{
	if (s->fd < 0)
		return;
	s->stop = true;
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
	s->fd = -1;
}

void fleet_server_free(struct fleet_server *s)
{
	fleet_server_stop(s);
	tuf_key_free(s->key);
	tuf_key_free(s->other);
	for (unsigned i = 0; i < s->n_reports; i++)
		free(s->reports[i]);
	free(s->enrolment);
}
