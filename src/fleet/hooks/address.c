/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/hooks/address.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <curl/curl.h>

#include "base/cleanup.h"
#include "fleet/store/webhooks.h"

DEFINE_CLEANUP(CURLU *, curl_url_cleanup)
DEFINE_CLEANUP(char *, curl_free)

static const struct {
	uint32_t net, mask;
	bool loopback;
	const char *why;
} refused4[] = {
	{ 0x7f000000, 0xff000000, true, "it is an address of the server itself" },
	{ 0x00000000, 0xff000000, false, "it is an address of the server itself" },
	{ 0xa9fe0000, 0xffff0000, false, "it is a link-local address" },
	{ 0xe0000000, 0xe0000000, false, "it is an address of nobody, or of many" },
};

static const char *refused_v4(uint32_t a, bool loopback)
{
	for (size_t i = 0; i < sizeof(refused4) / sizeof(refused4[0]); i++)
		if ((a & refused4[i].mask) == refused4[i].net && !(loopback && refused4[i].loopback))
			return refused4[i].why;
	/* Alibaba's and Oracle's metadata, within space that is otherwise of carriers or private. */
	if (a == 0x646464c8 || a == 0xc00000c0)
		return "it is an address of a cloud's metadata";
	return NULL;
}

static uint32_t v4_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Where IPv4 hides in IPv6: behind how many bytes of which prefix. */
static const struct {
	uint8_t prefix[12];
	uint8_t len, at;
} carriers[] = {
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 12, 12 },    /* mapped */
	{ { 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0 }, 12, 12 }, /* NAT64 */
	{ { 0x20, 0x02 }, 2, 2 },                                    /* 6to4 */
};

static const char *refused_v6(const uint8_t *a, bool loopback)
{
	static const uint8_t zero[15] = { 0 };
	static const uint8_t ec2[] = { 0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0 };

	if (memcmp(a, zero, sizeof(zero)) == 0 && a[15] <= 1)
		return loopback && a[15] == 1 ? NULL : "it is an address of the server itself";
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
		if (memcmp(a, carriers[i].prefix, carriers[i].len) == 0)
			return refused_v4(v4_at(a + carriers[i].at), loopback);
	if (memcmp(a, zero, 12) == 0) /* the old way of carrying IPv4 */
		return refused_v4(v4_at(a + 12), loopback);
	if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)
		return "it is a link-local address";
	if (a[0] == 0xff)
		return "it is an address of nobody, or of many";
	if (memcmp(a, ec2, sizeof(ec2)) == 0)
		return "it is an address of a cloud's metadata";
	return NULL;
}

const char *hook_address_refused(const struct sockaddr *address, bool loopback)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&in, address, sizeof(in));
		return refused_v4(ntohl(in.sin_addr.s_addr), loopback);
	case AF_INET6:
		memcpy(&in6, address, sizeof(in6));
		return refused_v6(in6.sin6_addr.s6_addr, loopback);
	default:
		return "it is no Internet address";
	}
}

static bool is_loopback(const char *host)
{
	struct in_addr a;

	return strcmp(host, "[::1]") == 0 ||
	       (inet_pton(AF_INET, host, &a) == 1 && ntohl(a.s_addr) >> 24 == 127);
}

static bool has_part(CURLU *u, CURLUPart part)
{
	_cleanup_(curl_freep) char *text = NULL;

	return curl_url_get(u, part, &text, 0) == CURLUE_OK;
}

static bool is_plain(const char *url)
{
	for (; *url; url++)
		if (*url <= ' ' || *url > '~')
			return false;
	return true;
}

/* libcurl also takes "http:/host" and the like for what they may have been meant to be. */
static bool is_whole(const char *url, const char *scheme)
{
	size_t len = strlen(scheme);

	return strncasecmp(url, scheme, len) == 0 && strncmp(url + len, "://", 3) == 0 &&
	       url[len + 3] != '/';
}

int hook_url_check(const char *url, bool *ret_loopback, struct oak_error *err)
{
	_cleanup_(curl_url_cleanupp) CURLU *u = curl_url();
	_cleanup_(curl_freep) char *scheme = NULL, *host = NULL;

	if (!u)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (strlen(url) > WEBHOOK_URL_MAX || !is_plain(url) ||
	    curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK || !is_whole(url, scheme) ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return oak_fail(err, OAK_E_FORMAT, "url: not an https URL of at most %d characters",
				WEBHOOK_URL_MAX);
	if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD) ||
	    has_part(u, CURLUPART_FRAGMENT))
		return oak_fail(err, OAK_E_FORMAT, "url: must have no user, password or fragment");
	if (strcmp(scheme, "https") != 0 && !(strcmp(scheme, "http") == 0 && is_loopback(host)))
		return oak_fail(err, OAK_E_FORMAT, "url: must begin with https://");
	*ret_loopback = is_loopback(host);
	return 0;
}
