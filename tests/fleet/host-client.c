/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-client: what a test needs to be a host by hand: a key, and seals over bytes.
 *
 *	host-client key FILE.pem           makes a key; prints its 64 hex digits and the host's id
 *	host-client seal KIND FILE.pem     prints the seal over standard input; KIND: enrol, report, answer
 *	host-client check KIND HEX SEAL    does the seal fit standard input? exit status 0: yes
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "trust/fleet/seal.h"
#include "trust/key-file.h"

#define BYTES_MAX (1u << 20)

static int read_all(struct buf *ret, struct oak_error *err)
{
	uint8_t piece[4096];
	ssize_t n;

	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) > 0)
		if (ret->len + (size_t)n > BYTES_MAX || buf_add(ret, piece, (size_t)n) < 0)
			return oak_fail(err, OAK_E_TOOLARGE, "standard input is too long");
	return n < 0 ? oak_fail(err, OAK_E_IO, "cannot read standard input") : 0;
}

static int parse_kind(const char *text, enum seal_kind *ret, struct oak_error *err)
{
	static const char *const kinds[] = {
		[SEAL_ENROL] = "enrol", [SEAL_REPORT] = "report", [SEAL_ANSWER] = "answer"
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], text) == 0) {
			*ret = (enum seal_kind)i;
			return 0;
		}
	return oak_fail(err, OAK_E_USAGE, "'%s' is no kind of a seal", text);
}

static int make_key(char **argv, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	char hex[SEAL_KEY_HEX_MAX], id[33];
	uint8_t raw[32];
	int r = tuf_key_generate(&key, err);

	if (r == 0)
		r = key_file_write(key, AT_FDCWD, argv[0], NULL, err);
	if (r == 0)
		r = seal_key_hex(key, hex, err);
	if (r == 0 && hex_decode(hex, raw, sizeof(raw)) < 0)
		r = oak_fail(err, OAK_E_FORMAT, "not a key");
	if (r < 0)
		return r;
	seal_host_id(raw, id);
	printf("%s %s\n", hex, id);
	return 0;
}

static int make_seal(char **argv, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(buf_free) struct buf data = { 0 };
	char seal[SEAL_HEX_MAX];
	enum seal_kind kind = SEAL_ENROL;
	int r = parse_kind(argv[0], &kind, err);

	if (r == 0)
		r = key_file_read(AT_FDCWD, argv[1], NULL, &key, err);
	if (r == 0)
		r = read_all(&data, err);
	if (r == 0)
		r = seal_make(kind, key, data.data, data.len, seal, err);
	if (r == 0)
		printf("%s\n", seal);
	return r;
}

static int check_seal(char **argv, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf data = { 0 };
	enum seal_kind kind = SEAL_ENROL;
	uint8_t raw[32];
	int r = parse_kind(argv[0], &kind, err);

	if (r == 0)
		r = read_all(&data, err);
	if (r < 0)
		return r;
	if (hex_decode(argv[1], raw, sizeof(raw)) != (int)sizeof(raw))
		return oak_fail(err, OAK_E_USAGE, "not 64 hexadecimal digits");
	return seal_fits_raw(kind, raw, data.data, data.len, argv[2])
		       ? 0
		       : oak_fail(err, OAK_E_TRUST, "the seal does not fit");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int args;
		int (*run)(char **argv, struct oak_error *err);
	} verbs[] = { { "key", 1, make_key }, { "seal", 2, make_seal }, { "check", 3, check_seal } };
	struct oak_error err = { .code = OAK_OK };

	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, argv[1]) != 0 || argc - 2 != verbs[i].args)
			continue;
		if (verbs[i].run(argv + 2, &err) == 0)
			return 0;
		(void)fprintf(stderr, "host-client: %s\n", err.msg);
		return 1;
	}
	(void)fprintf(stderr, "usage: host-client key|seal|check ...\n");
	return 2;
}
