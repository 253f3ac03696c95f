/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>

#include "base/hash.h"

/* Vectors of FIPS 180-4 (the examples published with it). */
TEST(hash_known_answers)
{
	static const struct {
		const char *in, *sha256, *sha512;
	} cases[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
		  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	};
	char hex256[SHA256_HEX_MAX], hex512[SHA512_HEX_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].in;
		sha256_hex(cases[i].in, strlen(cases[i].in), hex256);
		sha512_hex(cases[i].in, strlen(cases[i].in), hex512);
		EXPECT_STR(hex256, cases[i].sha256);
		EXPECT_STR(hex512, cases[i].sha512);
	}
}

TEST(hex_decode_accepts_and_refuses)
{
	static const struct {
		const char *in;
		int want;
	} cases[] = {
		{ "", 0 },           { "00", 1 },
		{ "fFAb", 2 },       { "0", -EINVAL },
		{ "0g", -EINVAL },   { "0x12", -EINVAL },
		{ " 12", -EINVAL },  { "001122334455", -EINVAL },
		{ "0011223344", 5 },
	};
	uint8_t bytes[5];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].in;
		EXPECT(hex_decode(cases[i].in, bytes, sizeof(bytes)) == cases[i].want);
	}
	EXPECT(hex_decode("fFAb", bytes, sizeof(bytes)) == 2);
	EXPECT(bytes[0] == 0xff && bytes[1] == 0xab);
}

TEST(hex_encode_is_lower_case)
{
	char text[7];

	hex_encode("\x00\xab\xff", 3, text);
	EXPECT_STR(text, "00abff");
	hex_encode("", 0, text);
	EXPECT_STR(text, "");
}
