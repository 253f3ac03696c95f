/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>

#include <curl/curl.h>

#include "base/cleanup.h"
#include "trust/fetch-open.h"

#define CONNECT_TIMEOUT_S 15L
#define SLOW_BYTES_A_S    100L /* slower than this ... */
#define SLOW_S            30L  /* ... for so long is an attack or a dead line (slow retrieval) */
#define TOTAL_S           600L
#define REDIRECTS_MAX     5L
#define SCHEMES           "http,https"

struct fetch_http {
	CURL *curl; /* kept between fetches, and with it the connection */
	char *base; /* ends with '/' */
};

struct receive {
	struct buf *ret;
	size_t start; /* length of @ret before the fetch */
	size_t max;
	bool too_large, no_memory;
};

static size_t on_data(char *data, size_t size, size_t n, void *ctx)
{
	struct receive *rx = ctx;
	size_t len = size * n; /* libcurl passes size 1 and at most 16 KiB */

	if (len > rx->max - (rx->ret->len - rx->start)) {
		rx->too_large = true;
		return 0;
	}
	if (buf_add(rx->ret, data, len) < 0) {
		rx->no_memory = true;
		return 0;
	}
	return len;
}

static int fail_too_large(const char *path, size_t max, struct oak_error *err)
{
	return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %zu bytes", path, max);
}

/* Failures of the line and of the server, which may pass. */
static bool is_temporary(CURLcode code)
{
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
		return true;
	default:
		return false;
	}
}

static int fail_transfer(const char *url, CURLcode code, const char *detail, struct oak_error *err)
{
	return oak_fail(err, is_temporary(code) ? OAK_E_AGAIN : OAK_E_IO, "%s: %s", url,
			detail[0] ? detail : curl_easy_strerror(code));
}

static int check_status(const char *url, long status, struct oak_error *err)
{
	if (status == 200)
		return 0;
	/* Buckets that forbid listing answer 403 for a missing file. */
	if (status == 404 || status == 403 || status == 410)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such file (HTTP %ld)", url, status);
	return oak_fail(err, status >= 500 || status == 429 ? OAK_E_AGAIN : OAK_E_IO,
			"%s: the server answered HTTP %ld", url, status);
}

static int transfer(const struct fetch_http *f, const char *url, struct receive *rx,
		    struct oak_error *err)
{
	char detail[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode code;

	if (curl_easy_setopt(f->curl, CURLOPT_URL, url) != CURLE_OK ||
	    curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, rx) != CURLE_OK ||
	    curl_easy_setopt(f->curl, CURLOPT_ERRORBUFFER, detail) != CURLE_OK ||
	    curl_easy_setopt(f->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)rx->max) != CURLE_OK)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	code = curl_easy_perform(f->curl);
	(void)curl_easy_setopt(f->curl, CURLOPT_ERRORBUFFER, NULL);
	(void)curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK)
		return check_status(url, status, err);
	/* The body of a refusal does not matter, however large it is. */
	if (status >= 400)
		return check_status(url, status, err);
	if (rx->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return fail_too_large(url, rx->max, err);
	if (rx->no_memory)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return fail_transfer(url, code, detail, err);
}

static int fetch(void *ctx, const char *path, size_t max, struct buf *ret, struct oak_error *err)
{
	struct receive rx = { .ret = ret, .start = ret->len, .max = max };
	_cleanup_(buf_free) struct buf url = { 0 };
	const struct fetch_http *f = ctx;
	int r;

	if (buf_printf(&url, "%s%s", f->base, path) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = transfer(f, buf_str(&url), &rx, err);
	if (r < 0)
		ret->len = rx.start;
	return r;
}

static void close_http(void *ctx)
{
	struct fetch_http *f = ctx;

	curl_easy_cleanup(f->curl);
	free(f->base);
	free(f);
}

static bool configure(CURL *c)
{
	return curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, SCHEMES) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_MAXREDIRS, REDIRECTS_MAX) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_A_S) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SLOW_S) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT, TOTAL_S) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, "oakum/" OAK_VERSION) == CURLE_OK;
}

int fetch_http_open(const char *url, struct fetcher *ret, struct oak_error *err)
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
	if (!f->curl || !f->base || !configure(f->curl) ||
	    curl_easy_setopt(f->curl, CURLOPT_REDIR_PROTOCOLS_STR, scheme) != CURLE_OK) {
		close_http(f);
		return oak_fail(err, OAK_E_NOMEM, "%s: libcurl could not be set up", url);
	}
	*ret = (struct fetcher){ .fetch = fetch, .close = close_http, .ctx = f };
	return 0;
}
