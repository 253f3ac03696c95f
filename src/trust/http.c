/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>
#include <sodium.h>

#define CONNECT_S 15
#define TOTAL_S   60
#define QUIET_S   120L /* a stream that says nothing for so long is dead */
#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END   "-----END CERTIFICATE-----"
#define DER_MAX   16384

struct http_client {
	CURL *curl;
	unsigned total_s;
};

/* One call. */
struct receive {
	const struct http_call *call;
	struct http_reply *ret;
	bool too_large, no_memory, stopped;
};

static size_t on_data(char *data, size_t size, size_t n, void *ctx)
{
	struct receive *rx = ctx;
	size_t len = size * n;

	if (rx->call->piece && rx->ret->status == 200) {
		rx->stopped = rx->call->piece(rx->call->ctx, data, len) != 0;
		return rx->stopped ? 0 : len;
	}
	if (len > rx->call->max || rx->ret->body.len > rx->call->max - len) {
		rx->too_large = true;
		return 0;
	}
	rx->no_memory = buf_add(&rx->ret->body, data, len) < 0;
	return rx->no_memory ? 0 : len;
}

/* Of one that is too long or odd nothing is kept: a part of it would mean something else. */
static bool header_is(const char *line, size_t len, const char *name, char *ret, size_t size)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	for (line += n + 1, len -= n + 1; len && (*line == ' ' || *line == '\t'); len--)
		line++;
	while (len && strchr("\r\n \t", line[len - 1]))
		len--;
	if (len >= size)
		len = 0;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			len = 0;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return true;
}

/* A date is as good as nothing: clocks differ. */
static unsigned seconds(const char *text)
{
	unsigned n = 0;

	for (; *text >= '0' && *text <= '9' && n < 1000000; text++)
		n = 10 * n + (unsigned)(*text - '0');
	return *text ? 0 : n;
}

static size_t on_header(char *line, size_t size, size_t n, void *ctx)
{
	struct http_reply *ret = ((struct receive *)ctx)->ret;
	size_t len = size * n;
	char value[32];

	if (len > 12 && strncmp(line, "HTTP/", 5) == 0) { /* "100 Continue" comes before another */
		const char *space = memchr(line, ' ', len);

		ret->status = 0;
		for (const char *p = space ? space + 1 : line;
		     *p >= '0' && *p <= '9' && ret->status < 1000; p++)
			ret->status = 10 * ret->status + (unsigned)(*p - '0');
		return len;
	}
	if (header_is(line, len, "Retry-After", value, sizeof(value)))
		ret->retry_s = seconds(value);
	else if (!header_is(line, len, "Content-Type", ret->type, sizeof(ret->type)) &&
		 !header_is(line, len, "ETag", ret->etag, sizeof(ret->etag)) &&
		 !header_is(line, len, "Location", ret->location, sizeof(ret->location)))
		(void)header_is(line, len, "Oakum-Signature", ret->signature,
				sizeof(ret->signature));
	return len;
}

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

/* https; or http to this very machine, or where the caller knows what it does. */
static int check_url(const char *url, bool plain, struct oak_error *err)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL;
	bool known, good;

	known = u && curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK;
	good = known && (strcmp(scheme, "https") == 0 ||
			 (strcmp(scheme, "http") == 0 && (plain || is_loopback(host))));
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(u);
	if (!known)
		return oak_fail(err, OAK_E_USAGE, "%.200s: not a URL like https://HOST[:PORT]", url);
	if (!good)
		return oak_fail(err, OAK_E_USAGE,
				"%.200s: must begin with https:// (http:// to this machine alone)",
				url);
	return 0;
}

static bool add_headers(const struct http_call *call, struct curl_slist **list)
{
	/* Without "Expect" a body of some kilobytes costs no round trip of its own. */
	struct curl_slist *longer = curl_slist_append(*list, "Expect:");

	if (!longer)
		return false;
	*list = longer;
	for (size_t i = 0; i < HTTP_CALL_HEADERS_MAX && call->headers[i]; i++) {
		longer = curl_slist_append(*list, call->headers[i]);
		if (!longer)
			return false;
		*list = longer;
	}
	return true;
}

static bool set_body(CURL *c, const struct http_call *call)
{
	if (curl_easy_setopt(c, CURLOPT_HTTPGET, 1L) != CURLE_OK)
		return false;
	if (call->body &&
	    (curl_easy_setopt(c, CURLOPT_POST, 1L) != CURLE_OK ||
	     curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->len) != CURLE_OK ||
	     curl_easy_setopt(c, CURLOPT_POSTFIELDS, call->body) != CURLE_OK))
		return false;
	if (strcmp(call->method, "HEAD") == 0)
		return curl_easy_setopt(c, CURLOPT_NOBODY, 1L) == CURLE_OK;
	return curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, call->method) == CURLE_OK;
}

static bool prepare(struct http_client *h, struct receive *rx, struct curl_slist *headers,
		    char *detail)
{
	const struct http_call *call = rx->call;
	CURL *c = h->curl;

	return set_body(c, call) && curl_easy_setopt(c, CURLOPT_URL, call->url) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, rx) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERDATA, rx) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT, call->piece ? 0L : (long)h->total_s) ==
		       CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, call->piece ? 1L : 0L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, call->piece ? QUIET_S : 0L) == CURLE_OK;
}

/* What libcurl's codes mean; all others: no answer, to be tried again. */
static int fail_call(const char *url, CURLcode code, const char *detail, struct oak_error *err)
{
	static const struct {
		CURLcode code;
		enum oak_code is;
	} failures[] = {
		{ CURLE_PEER_FAILED_VERIFICATION, OAK_E_TRUST },
		{ CURLE_SSL_ISSUER_ERROR, OAK_E_TRUST },
		{ CURLE_SSL_CACERT_BADFILE, OAK_E_IO },
		{ CURLE_UNSUPPORTED_PROTOCOL, OAK_E_USAGE },
		{ CURLE_URL_MALFORMAT, OAK_E_USAGE },
		{ CURLE_OUT_OF_MEMORY, OAK_E_NOMEM },
	};
	const char *text = detail[0] ? detail : curl_easy_strerror(code);

	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].code == code)
			return oak_fail(err, failures[i].is, "%s: %s", url, text);
	return oak_fail(err, OAK_E_AGAIN, "%s: %s", url, text);
}

static int perform(struct http_client *h, struct receive *rx, struct oak_error *err)
{
	struct curl_slist *headers = NULL;
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (add_headers(rx->call, &headers) && prepare(h, rx, headers, detail))
		code = curl_easy_perform(h->curl);
	(void)curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, NULL);
	(void)curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	(void)curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(headers);
	if (code == CURLE_OK || rx->stopped)
		return 0;
	if (rx->too_large)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: the answer has more than %zu bytes",
				rx->call->url, rx->call->max);
	if (rx->no_memory)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return fail_call(rx->call->url, code, detail, err);
}

int http_call(struct http_client *c, const struct http_call *call, struct http_reply *ret,
	      struct oak_error *err)
{
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	struct receive rx = { .call = call, .ret = &reply };
	int r = check_url(call->url, call->plain, err);

	if (r == 0)
		r = perform(c, &rx, err);
	if (r < 0)
		return r;
	*ret = reply;
	reply = (struct http_reply){ .status = 0 };
	return 0;
}

void http_reply_clear(struct http_reply *r)
{
	buf_free(&r->body);
	*r = (struct http_reply){ .status = 0 };
}

static bool set_trust(CURL *c, const struct http_client_options *opt)
{
	if (opt->ca && (curl_easy_setopt(c, CURLOPT_CAINFO, opt->ca) != CURLE_OK ||
			curl_easy_setopt(c, CURLOPT_CAPATH, NULL) != CURLE_OK))
		return false;
	return !(opt->ca && opt->pinned) ||
	       curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
}

static bool configure(CURL *c, const struct http_client_options *opt)
{
	long connect_s = opt->connect_s ? (long)opt->connect_s : CONNECT_S;

	if (opt->proxy && curl_easy_setopt(c, CURLOPT_PROXY, opt->proxy) != CURLE_OK)
		return false;
	return set_trust(c, opt) &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, connect_s) == CURLE_OK &&
	       /* A proxy's answer is not the server's. */
	       curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, "oakum/" OAK_VERSION) == CURLE_OK;
}

int http_client_open(const struct http_client_options *opt, struct http_client **ret,
		     struct oak_error *err)
{
	static const struct http_client_options defaults = { .ca = NULL };
	_cleanup_(http_client_closep) struct http_client *h = calloc(1, sizeof(*h));

	if (!opt)
		opt = &defaults;
	if (h)
		h->curl = curl_easy_init();
	if (!h || !h->curl || !configure(h->curl, opt))
		return oak_fail(err, OAK_E_NOMEM, "libcurl could not be set up");
	h->total_s = opt->total_s ? opt->total_s : TOTAL_S;
	*ret = take_ptr(h);
	return 0;
}

void http_client_close(struct http_client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->curl);
	free(c);
}

/* "Cert:-----BEGIN CERTIFICATE-----..." of the first certificate, the server's own. */
static const char *first_pem(CURL *curl)
{
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
	    info->num_of_certs < 1)
		return NULL;
	for (const struct curl_slist *s = info->certinfo[0]; s; s = s->next)
		if (strncmp(s->data, "Cert:", 5) == 0)
			return s->data + 5;
	return NULL;
}

static int hash_pem(const char *pem, char ret[SHA256_HEX_MAX])
{
	const char *begin = strstr(pem, PEM_BEGIN), *end = strstr(pem, PEM_END);
	uint8_t der[DER_MAX];
	size_t len;

	if (!begin || !end || end < begin)
		return -1;
	begin += strlen(PEM_BEGIN);
	if (sodium_base642bin(der, sizeof(der), begin, (size_t)(end - begin), " \t\r\n", &len, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0)
		return -1;
	sha256_hex(der, len, ret);
	return 0;
}

int http_certificate(const char *url, const struct http_client_options *opt, char **ret_pem,
		     char ret_sha256[SHA256_HEX_MAX], struct oak_error *err)
{
	_cleanup_(http_client_closep) struct http_client *h = NULL;
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	const struct http_call call = { .method = "HEAD", .url = url };
	const char *pem;
	int r = http_client_open(opt, &h, err);

	if (r < 0)
		return r;
	if (curl_easy_setopt(h->curl, CURLOPT_SSL_VERIFYPEER, 0L) != CURLE_OK ||
	    curl_easy_setopt(h->curl, CURLOPT_SSL_VERIFYHOST, 0L) != CURLE_OK ||
	    curl_easy_setopt(h->curl, CURLOPT_CERTINFO, 1L) != CURLE_OK)
		return oak_fail(err, OAK_E_NOMEM, "libcurl could not be set up");
	r = http_call(h, &call, &reply, err);
	if (r < 0)
		return r;
	pem = first_pem(h->curl);
	if (!pem || hash_pem(pem, ret_sha256) < 0)
		return oak_fail(err, OAK_E_TRUST, "%s: the server shows no certificate", url);
	*ret_pem = strdup(pem);
	return *ret_pem ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}
