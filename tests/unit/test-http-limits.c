/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "fleet/http/forwarded.h"
#include "fleet/http/rates.h"

#define S 1000000000ull

TEST(rates_let_a_burst_through_and_then_so_many)
{
	const struct rate_rule rule = { 1, 2, 4 };
	_cleanup_(rates_freep) struct rates *r = rates_new(64);
	uint64_t now = 100 * S;

	EXPECT(r);
	for (int i = 0; i < 4; i++)
		EXPECT(rates_take(r, &rule, "a", now) == 0);
	EXPECT(rates_take(r, &rule, "a", now) == 1);
	EXPECT(rates_look(r, &rule, "b", now) == 0);
	EXPECT(rates_take(r, &(struct rate_rule){ 2, 2, 4 }, "a", now) == 0);
	now += S / 2;
	EXPECT(rates_take(r, &rule, "a", now) == 0);
	EXPECT(rates_look(r, &rule, "a", now) == 1);
	now += 100 * S;
	for (int i = 0; i < 4; i++)
		EXPECT(rates_take(r, &rule, "a", now) == 0);
	EXPECT(rates_take(r, &rule, "a", now) != 0);
	/* A clock cannot go back; where it would, nothing is given away. */
	EXPECT(rates_take(r, &rule, "a", now - 50 * S) != 0);
}

TEST(rates_say_how_long_to_wait)
{
	const struct rate_rule rule = { 1, 1, 1 };
	_cleanup_(rates_freep) struct rates *r = rates_new(64);

	EXPECT(r);
	EXPECT(rates_take(r, &rule, "a", S) == 0);
	EXPECT(rates_take(r, &rule, "a", S) == 1 || rates_take(r, &rule, "a", S) == 2);
	EXPECT(rates_take(r, &rule, "a", 2 * S) == 0);
}

/* Names without number cannot push out the one that is over its limit. */
TEST(rates_keep_those_that_are_empty)
{
	const struct rate_rule rule = { 1, 1, 5 };
	_cleanup_(rates_freep) struct rates *r = rates_new(256);
	char name[16];

	EXPECT(r);
	for (int i = 0; i < 5; i++)
		EXPECT(rates_take(r, &rule, "bad", S) == 0);
	for (unsigned i = 0; i < 100000; i++) {
		(void)snprintf(name, sizeof(name), "n%u", i);
		(void)rates_take(r, &rule, name, S);
	}
	EXPECT(rates_look(r, &rule, "bad", S) != 0);
}

TEST(forwarded_peers_are_believed_from_proxies_only)
{
	static const struct {
		const char *proxies, *list, *peer, *want;
	} cases[] = {
		{ NULL, "192.0.2.1", "10.0.0.1", "10.0.0.1" },
		{ "10.0.0.1", NULL, "10.0.0.1", "10.0.0.1" },
		{ "10.0.0.1", "192.0.2.1", "10.0.0.1", "192.0.2.1" },
		{ "10.0.0.1", "192.0.2.1", "10.0.0.2", "10.0.0.2" },
		{ "10.0.0.1", "6.6.6.6, 192.0.2.1", "10.0.0.1", "192.0.2.1" },
		{ "10.0.0.1 10.0.0.2", "192.0.2.1 , 10.0.0.2", "10.0.0.1", "192.0.2.1" },
		{ "10.0.0.1, 10.0.0.2", "10.0.0.2", "10.0.0.1", "10.0.0.2" },
		{ "::1", "2001:DB8:0::1", "::1", "2001:db8::1" },
		{ "0:0::1", "192.0.2.1", "::1", "192.0.2.1" },
		{ "::1", "192.0.2.1, what?", "::1", "::1" },
		{ "::1", "", "::1", "::1" },
		{ "::1", ",,", "::1", "::1" },
		{ "::1", "192.0.2.1\r\nX: y", "::1", "::1" },
	};
	char peer[48];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].list;
		(void)snprintf(peer, sizeof(peer), "%s", cases[i].peer);
		forwarded_peer(cases[i].proxies, cases[i].list, peer);
		EXPECT_STR(peer, cases[i].want);
	}
}

TEST(networks_of_ipv6_are_64_bits)
{
	char got[48];

	address_network("2001:db8:1:2:3:4:5:6", got);
	EXPECT_STR(got, "2001:db8:1:2::");
	address_network("192.0.2.7", got);
	EXPECT_STR(got, "192.0.2.7");
}
