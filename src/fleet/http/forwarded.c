/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/forwarded.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* In one form, whatever way it was written in; false: no address. */
static bool normalize(const char *text, size_t len, char ret[48])
{
	unsigned char bytes[16];
	char copy[48];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1)
		return inet_ntop(AF_INET, bytes, ret, 48) != NULL;
	return inet_pton(AF_INET6, copy, bytes) == 1 && inet_ntop(AF_INET6, bytes, ret, 48) != NULL;
}

static bool is_listed(const char *proxies, const char *address)
{
	char one[48];

	for (const char *s = proxies + strspn(proxies, " ,"); *s; s += strspn(s, " ,")) {
		size_t len = strcspn(s, " ,");

		if (normalize(s, len, one) && strcmp(one, address) == 0)
			return true;
		s += len;
	}
	return false;
}

/* The last entry of the first *@len bytes of @list, without blanks; *@len: what is left before it. */
static const char *last_entry(const char *list, size_t *len, size_t *ret_len)
{
	size_t end = *len, start;

	while (end && (list[end - 1] == ' ' || list[end - 1] == '\t'))
		end--;
	start = end;
	while (start && list[start - 1] != ',')
		start--;
	*len = start ? start - 1 : 0;
	while (start < end && (list[start] == ' ' || list[start] == '\t'))
		start++;
	*ret_len = end - start;
	return list + start;
}

void forwarded_peer(const char *proxies, const char *list, char peer[48])
{
	size_t left = list ? strlen(list) : 0;

	while (proxies && left && is_listed(proxies, peer)) {
		size_t len;
		const char *entry = last_entry(list, &left, &len);
		char address[48];

		if (!normalize(entry, len, address))
			return;
		memcpy(peer, address, sizeof(address));
	}
}

bool address_is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

void address_network(const char *address, char ret[48])
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET6, address, bytes) == 1) {
		memset(bytes + 8, 0, 8);
		if (inet_ntop(AF_INET6, bytes, ret, 48))
			return;
	}
	(void)snprintf(ret, 48, "%s", address);
}
