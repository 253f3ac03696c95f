/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "cli/passphrase.h"
#include "cli/repo.h"
#include "trust/key-file.h"
#include "trust/key-token.h"

static bool ends_in(const char *path, const char *suffix)
{
	size_t len = strlen(path), tail = strlen(suffix);

	return len > tail && strcmp(path + len - tail, suffix) == 0;
}

/* What a verb of keys answers. @public: the file; NULL where none was written. */
static int print_key(const struct cli *cli, const struct tuf_key *key, const char *file,
		     const char *public, struct oak_error *err)
{
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s?, s:s, s:s, s:o}", "file", file,
						"public", public, "keyid", tuf_key_id(key), "scheme",
						tuf_key_scheme(key), "key", tuf_key_json(key)),
				      err);
	printf("keyid   %s\nscheme  %s\n", tuf_key_id(key), tuf_key_scheme(key));
	if (public)
		printf("wrote   %s; give it to those who list this key in a root\n", public);
	return 0;
}

/* The same after a key or its public half was written. */
static int print_written(const struct cli *cli, const struct tuf_key *key, const char *file,
			 struct oak_error *err)
{
	_cleanup_(freep) char *public = key_file_public_path(file);

	if (!public)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return print_key(cli, key, file, public, err);
}

enum {
	NEW_PASSPHRASE_FILE,
	NEW_NO_PASSPHRASE,
	NEW_SCHEME,
	NEW_PKCS11,
};

static const struct cli_option new_options[] = {
	[NEW_PASSPHRASE_FILE] = CLI_PASSPHRASE_OPTION,
	[NEW_NO_PASSPHRASE] = { .name = "no-passphrase",
				.help = "not encrypted: for keys that a timer uses" },
	[NEW_SCHEME] = { .name = "scheme",
			 .arg = "SCHEME",
			 .help = "ed25519 (default), ecdsa-sha2-nistp256, rsassa-pss-sha256" },
	[NEW_PKCS11] = { .name = "pkcs11",
			 .arg = "URI",
			 .help = "the key lies in a token; FILE.p11 refers to it" },
	{ .name = NULL },
};

static int check_new(const struct cli_args *args, struct oak_error *err)
{
	bool token = args->opt[NEW_PKCS11].n;
	const char *suffix = token ? ".p11" : ".pem";

	if (!ends_in(args->v[0], suffix))
		return oak_fail(err, OAK_E_USAGE, "%s: the name must end in %s", args->v[0], suffix);
	if (args->opt[NEW_NO_PASSPHRASE].n && args->opt[NEW_PASSPHRASE_FILE].n)
		return oak_fail(err, OAK_E_USAGE,
				"--passphrase-file and --no-passphrase exclude each other");
	if (token && (args->opt[NEW_NO_PASSPHRASE].n || args->opt[NEW_SCHEME].n))
		return oak_fail(err, OAK_E_USAGE,
				"--pkcs11 takes the key as it is: neither --scheme nor "
				"--no-passphrase");
	return key_file_check_new(AT_FDCWD, args->v[0], err);
}

static int new_file(const struct cli_args *args, struct cli_passphrase *p, struct tuf_key **ret,
		    struct oak_error *err)
{
	_cleanup_(secret_free) struct buf passphrase = { 0 };
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	const char *path = args->v[0];
	bool encrypt = !args->opt[NEW_NO_PASSPHRASE].n;
	int r = tuf_key_generate_as(cli_value(args, NEW_SCHEME, TUF_SCHEME_DEFAULT), &key, err);

	if (r == 0 && encrypt)
		r = cli_passphrase_new(p, path, &passphrase, err);
	if (r == 0)
		r = key_file_write(key, AT_FDCWD, path, encrypt ? &passphrase : NULL, err);
	if (r == 0)
		*ret = take_ptr(key);
	return r;
}

static int new_reference(const struct cli_args *args, struct cli_passphrase *p,
			 struct tuf_key **ret, struct oak_error *err)
{
	const char *uri = cli_value(args, NEW_PKCS11, NULL);
	const struct passphrase_source ask = cli_passphrase_source(p);
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r = key_token_public(uri, &ask, &key, err);

	if (r == 0)
		r = key_token_write(uri, key, AT_FDCWD, args->v[0], err);
	if (r == 0)
		*ret = take_ptr(key);
	return r;
}

static int run_new(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(cli_passphrase_wipe) struct cli_passphrase p = {
		.file = cli_value(args, NEW_PASSPHRASE_FILE, NULL)
	};
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r = check_new(args, err);

	if (r == 0)
		r = args->opt[NEW_PKCS11].n ? new_reference(args, &p, &key, err)
					    : new_file(args, &p, &key, err);
	return r < 0 ? r : print_written(cli, key, args->v[0], err);
}

const struct verb verb_repo_key_new = {
	.name = "key new",
	.args = "FILE.pem | FILE.p11",
	.help = "make a key and the public half that others need",
	.more = "FILE.pem is encrypted with a passphrase; FILE.pub beside it is public. With\n"
		"--pkcs11 the key is one that a token holds already, for example\n"
		"--pkcs11 'pkcs11:token=NAME;object=KEY'. Nothing is ever overwritten.",
	.min_args = 1,
	.max_args = 1,
	.options = new_options,
	.run = run_new,
};

enum {
	OPT_PASSPHRASE_FILE
};

static const struct cli_option options[] = {
	[OPT_PASSPHRASE_FILE] = CLI_PASSPHRASE_OPTION,
	{ .name = NULL },
};

/* The public half as the key itself has it, not as a .pub says. */
static int from_itself(const char *path, const struct passphrase_source *ask, struct tuf_key **ret,
		       struct oak_error *err)
{
	_cleanup_(secret_free) struct buf good = { 0 };
	_cleanup_(freep) char *uri = NULL;
	int r;

	if (!ends_in(path, ".p11"))
		return key_file_unlock(AT_FDCWD, path, ask, &good, ret, err);
	r = key_token_read(AT_FDCWD, path, &uri, err);
	return r < 0 ? r : key_token_public(uri, ask, ret, err);
}

static int run_pub(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(cli_passphrase_wipe) struct cli_passphrase p = {
		.file = cli_value(args, OPT_PASSPHRASE_FILE, NULL)
	};
	const struct passphrase_source ask = cli_passphrase_source(&p);
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r = from_itself(args->v[0], &ask, &key, err);

	if (r == 0)
		r = key_file_write_public(key, AT_FDCWD, args->v[0], err);
	return r < 0 ? r : print_written(cli, key, args->v[0], err);
}

const struct verb verb_repo_key_pub = {
	.name = "key pub",
	.args = "FILE.pem | FILE.p11",
	.help = "write the public half of a key that came without",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run_pub,
};

static int run_show(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(cli_passphrase_wipe) struct cli_passphrase p = {
		.file = cli_value(args, OPT_PASSPHRASE_FILE, NULL)
	};
	const struct passphrase_source ask = cli_passphrase_source(&p);
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	const char *path = args->v[0];
	int r = ends_in(path, ".pub") ? key_file_read_public(AT_FDCWD, path, &key, err)
				      : from_itself(path, &ask, &key, err);

	return r < 0 ? r : print_key(cli, key, path, NULL, err);
}

const struct verb verb_repo_key_show = {
	.name = "key show",
	.args = "FILE.pub | FILE.pem | FILE.p11",
	.help = "keyid and scheme of a key",
	.more = "Of FILE.pem and FILE.p11 it shows what the key itself says, so that an encrypted\n"
		"one asks for its passphrase; FILE.pub asks for nothing.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run_show,
};
