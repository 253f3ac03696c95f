/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <curl/curl.h>

#include "base/cleanup.h"
#include "trust/fetch-open.h"

#define CONNECT_S      15
#define SLOW_BYTES_A_S 100L /* slower than this ... */
#define SLOW_S         30   /* ... for so long is an attack or a dead line (slow retrieval) */
#define TOTAL_S        600
#define REDIRECTS_MAX  5L
#define SCHEMES        "http,https"
#define TRIES          3 /* of a transfer that breaks in the middle */
#define PAUSE_MS       200u

struct fetch_http {
	CURL *curl; /* kept between fetches, and with it the connection */
	char *base; /* ends with '/' */
};

/* One transfer, and those that go on where it broke. */
struct receive {
	struct buf *ret;
	size_t start; /* length of @ret before the fetch */
	size_t max;
	size_t resume_at; /* bytes that are asked for no more; 0: from the beginning */
	long status;
	long retry_after_s;
	struct fetch_validator seen; /* of the answer that is coming in */
	char etag[FETCH_ETAG_MAX];   /* of the bytes in @ret */
	bool too_large, no_memory;
};

static size_t have(const struct receive *rx)
{
	return rx->ret->len - rx->start;
}

/* The body of a refusal does not matter, however large it is. */
static bool is_body(const struct receive *rx)
{
	return rx->status == 200 || rx->status == 206;
}

static size_t on_data(char *data, size_t size, size_t n, void *ctx)
{
	struct receive *rx = ctx;
	size_t len = size * n; /* libcurl passes size 1 and at most 16 KiB */

	if (!is_body(rx))
		return len;
	if (rx->resume_at && rx->status == 200) { /* it starts again, with another file maybe */
		rx->ret->len = rx->start;
		rx->resume_at = 0;
	}
	if (len > rx->max - have(rx)) {
		rx->too_large = true;
		return 0;
	}
	if (buf_add(rx->ret, data, len) < 0) {
		rx->no_memory = true;
		return 0;
	}
	return len;
}

/* "Name: value" with the name looked for; the value without blanks goes to @ret, or "". */
static bool header_is(const char *line, size_t len, const char *name, char *ret, size_t size)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	line += n + 1;
	len -= n + 1;
	while (len && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	/* Of one that is too long or odd nothing is kept: a part of it would mean another file. */
	if (len >= size || memchr(line, '\0', len))
		len = 0;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return true;
}

static long seconds(const char *text)
{
	long n = 0;

	for (; *text >= '0' && *text <= '9' && n < 1000000; text++)
		n = 10 * n + (*text - '0');
	return *text ? 0 : n; /* a date is as good as nothing: clocks differ */
}

static size_t on_header(char *line, size_t size, size_t n, void *ctx)
{
	struct receive *rx = ctx;
	size_t len = size * n;
	char value[32];

	if (len > 12 && strncmp(line, "HTTP/", 5) == 0) { /* of a redirect there are several */
		const char *space = memchr(line, ' ', len);

		rx->seen = (struct fetch_validator){ .etag = "" };
		rx->retry_after_s = 0;
		rx->status = 0;
		for (const char *p = space ? space + 1 : line;
		     *p >= '0' && *p <= '9' && rx->status < 1000; p++)
			rx->status = 10 * rx->status + (*p - '0');
	} else if (header_is(line, len, "ETag", rx->seen.etag, sizeof(rx->seen.etag)) ||
		   header_is(line, len, "Last-Modified", rx->seen.modified,
			     sizeof(rx->seen.modified))) {
		return len;
	} else if (header_is(line, len, "Retry-After", value, sizeof(value))) {
		rx->retry_after_s = seconds(value);
	}
	return len;
}

static int fail_too_large(const char *path, size_t max, struct oak_error *err)
{
	return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %zu bytes", path, max);
}

/* What libcurl's codes mean to a host, and what its owner can do. */
static const struct {
	CURLcode code;
	enum oak_code is;
	const char *advice;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_PROXY, OAK_E_AGAIN, "; look at the setting 'proxy'" },
	{ CURLE_COULDNT_RESOLVE_HOST, OAK_E_AGAIN, "" },
	{ CURLE_COULDNT_CONNECT, OAK_E_AGAIN, "" },
	{ CURLE_OPERATION_TIMEDOUT, OAK_E_AGAIN, "" },
	{ CURLE_PARTIAL_FILE, OAK_E_AGAIN, "" },
	{ CURLE_SEND_ERROR, OAK_E_AGAIN, "" },
	{ CURLE_RECV_ERROR, OAK_E_AGAIN, "" },
	{ CURLE_GOT_NOTHING, OAK_E_AGAIN, "" },
	{ CURLE_PEER_FAILED_VERIFICATION, OAK_E_TRUST,
	  "; a server with a CA of its own needs the setting 'ca = FILE'" },
	{ CURLE_SSL_CACERT_BADFILE, OAK_E_IO, "; the setting 'ca' must name a PEM file" },
	{ CURLE_UNSUPPORTED_PROTOCOL, OAK_E_IO, "; a redirect to another scheme is not followed" },
	{ CURLE_TOO_MANY_REDIRECTS, OAK_E_IO, "" },
};

static int fail_transfer(const char *url, CURLcode code, const char *detail, struct oak_error *err)
{
	const char *text = detail[0] ? detail : curl_easy_strerror(code);

	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].code == code)
			return oak_fail(err, failures[i].is, "%s: %s%s", url, text,
					failures[i].advice);
	return oak_fail(err, OAK_E_IO, "%s: %s", url, text);
}

/* Return: 0, 1 (not modified) or an error. */
static int check_status(const char *url, const struct receive *rx, struct oak_error *err)
{
	long status = rx->status;

	if (status == 200 || status == 206 || status == 304)
		return status == 304;
	/* Buckets that forbid listing answer 403 for a missing file. */
	if (status == 404 || status == 403 || status == 410)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such file (HTTP %ld)", url, status);
	if (status < 500 && status != 429)
		return oak_fail(err, OAK_E_IO, "%s: the server answered HTTP %ld", url, status);
	if (rx->retry_after_s) {
		(void)oak_fail(err, OAK_E_AGAIN,
			       "%s: the server answered HTTP %ld and asks to wait %ld seconds", url,
			       status, rx->retry_after_s);
		if (err)
			err->retry_s = (unsigned)rx->retry_after_s;
		return -OAK_E_AGAIN;
	}
	return oak_fail(err, OAK_E_AGAIN, "%s: the server answered HTTP %ld", url, status);
}

/* A strong one says that the bytes are the same; "W/..." does not. */
static bool is_strong(const char *etag)
{
	return etag[0] == '"';
}

/* Appends "Name: value"; nothing where the value is "". */
static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
	_cleanup_(buf_free) struct buf line = { 0 };
	struct curl_slist *longer;

	if (!value[0])
		return true;
	if (buf_printf(&line, "%s: %s", name, value) < 0)
		return false;
	longer = curl_slist_append(*list, buf_str(&line));
	if (!longer)
		return false;
	*list = longer;
	return true;
}

static bool set_range(const struct fetch_http *f, const struct receive *rx)
{
	char range[32];

	if (!rx->resume_at)
		return curl_easy_setopt(f->curl, CURLOPT_RANGE, NULL) == CURLE_OK;
	(void)snprintf(range, sizeof(range), "%zu-", rx->resume_at);
	return curl_easy_setopt(f->curl, CURLOPT_RANGE, range) == CURLE_OK;
}

static bool prepare(const struct fetch_http *f, const char *url, struct receive *rx,
		    struct curl_slist *headers, char *detail)
{
	return set_range(f, rx) && curl_easy_setopt(f->curl, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(f->curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	       curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, rx) == CURLE_OK &&
	       curl_easy_setopt(f->curl, CURLOPT_HEADERDATA, rx) == CURLE_OK &&
	       curl_easy_setopt(f->curl, CURLOPT_ERRORBUFFER, detail) == CURLE_OK &&
	       curl_easy_setopt(f->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)rx->max) ==
		       CURLE_OK; /* also where the rest is asked for: the whole may come */
}

/* @v: ask only if the file has changed; NULL: ask for all, or for the rest. */
static int transfer(const struct fetch_http *f, const char *url, const struct fetch_validator *v,
		    struct receive *rx, struct oak_error *err)
{
	const char *if_range = rx->resume_at ? rx->etag : "";
	struct curl_slist *headers = NULL;
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode code = CURLE_OUT_OF_MEMORY;

	rx->status = 0;
	if (add_header(&headers, "If-Range", if_range) &&
	    add_header(&headers, "If-None-Match", v ? v->etag : "") &&
	    add_header(&headers, "If-Modified-Since", v ? v->modified : "") &&
	    prepare(f, url, rx, headers, detail))
		code = curl_easy_perform(f->curl);
	/* Where it starts again, but nothing has come yet, @ret holds the old bytes. */
	if (is_body(rx) && !(rx->status == 200 && rx->resume_at))
		memcpy(rx->etag, rx->seen.etag, sizeof(rx->etag));
	(void)curl_easy_setopt(f->curl, CURLOPT_ERRORBUFFER, NULL);
	(void)curl_easy_setopt(f->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (code == CURLE_OK || rx->status >= 400)
		return check_status(url, rx, err);
	if (rx->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return fail_too_large(url, rx->max, err);
	if (rx->no_memory || code == CURLE_OUT_OF_MEMORY)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return fail_transfer(url, code, detail, err);
}

/* Did it break in the middle of a file that the server can go on with? */
static bool can_resume(const struct receive *rx, int r)
{
	return r == -OAK_E_AGAIN && have(rx) > 0 && !rx->retry_after_s && is_strong(rx->etag);
}

static void pause_before(unsigned try)
{
	const struct timespec t = { .tv_nsec = (long)(PAUSE_MS * try) * 1000000L };

	(void)nanosleep(&t, NULL);
}

static int fetch_all(const struct fetch_http *f, const char *path, size_t max,
		     struct fetch_validator *v, struct buf *ret, struct oak_error *err)
{
	struct receive rx = { .ret = ret, .start = ret->len, .max = max };
	_cleanup_(buf_free) struct buf url = { 0 };
	int r;

	if (buf_printf(&url, "%s%s", f->base, path) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = transfer(f, buf_str(&url), v, &rx, err);
	if (r > 0 && !(v && (v->etag[0] || v->modified[0])))
		r = oak_fail(err, OAK_E_IO, "%s: the server answered HTTP 304 unasked",
			     buf_str(&url));
	for (unsigned try = 1; try <= TRIES && can_resume(&rx, r); try++) {
		pause_before(try);
		rx.resume_at = have(&rx);
		r = transfer(f, buf_str(&url), NULL, &rx, err);
	}
	if (r != 0)
		ret->len = rx.start;
	else if (v)
		*v = rx.seen;
	return r;
}

static int fetch(void *ctx, const char *path, size_t max, struct buf *ret, struct oak_error *err)
{
	return fetch_all(ctx, path, max, NULL, ret, err);
}

static int fetch_if_changed(void *ctx, const char *path, size_t max, struct fetch_validator *v,
			    struct buf *ret, struct oak_error *err)
{
	return fetch_all(ctx, path, max, v, ret, err);
}

static void close_http(void *ctx)
{
	struct fetch_http *f = ctx;

	curl_easy_cleanup(f->curl);
	free(f->base);
	free(f);
}

static bool set_seconds(CURL *c, CURLoption option, unsigned wanted_s, long otherwise_s)
{
	return curl_easy_setopt(c, option, wanted_s ? (long)wanted_s : otherwise_s) == CURLE_OK;
}

static bool configure(CURL *c, const struct fetch_options *opt)
{
	if (opt->ca && (curl_easy_setopt(c, CURLOPT_CAINFO, opt->ca) != CURLE_OK ||
			curl_easy_setopt(c, CURLOPT_CAPATH, NULL) != CURLE_OK))
		return false;
	if (opt->proxy && curl_easy_setopt(c, CURLOPT_PROXY, opt->proxy) != CURLE_OK)
		return false;
	return curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, SCHEMES) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_MAXREDIRS, REDIRECTS_MAX) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_A_S) == CURLE_OK &&
	       set_seconds(c, CURLOPT_CONNECTTIMEOUT, opt->connect_s, CONNECT_S) &&
	       set_seconds(c, CURLOPT_LOW_SPEED_TIME, opt->slow_s, SLOW_S) &&
	       set_seconds(c, CURLOPT_TIMEOUT, opt->total_s, TOTAL_S) &&
	       /* A proxy's answer is not the server's. */
	       curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, "oakum/" OAK_VERSION) == CURLE_OK;
}

int fetch_http_open(const char *url, const struct fetch_options *opt, struct fetcher *ret,
		    struct oak_error *err)
{
	struct fetch_http *f = calloc(1, sizeof(*f));
	const char *scheme = strncmp(url, "https:", 6) == 0 ? "https" : "http";
	size_t len = strlen(url);

	if (!f)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	f->curl = curl_easy_init();
	if (asprintf(&f->base, "%s%s", url, len && url[len - 1] == '/' ? "" : "/") < 0)
		f->base = NULL;
	/* A redirect must stay within the scheme that was asked for. */
	if (!f->curl || !f->base || !configure(f->curl, opt) ||
	    curl_easy_setopt(f->curl, CURLOPT_REDIR_PROTOCOLS_STR, scheme) != CURLE_OK) {
		close_http(f);
		return oak_fail(err, OAK_E_NOMEM, "%s: libcurl could not be set up", url);
	}
	*ret = (struct fetcher){ .fetch = fetch,
				 .fetch_if_changed = fetch_if_changed,
				 .close = close_http,
				 .ctx = f,
				 .url = f->base };
	return 0;
}
