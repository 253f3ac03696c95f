/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/repo.h"
#include "trust/key-file.h"

#define KEYS_MAX 64 /* of one role */

enum {
	OPT_PLAIN = REPO_OPT_PASSPHRASE + 1,
	OPT_KEY,
	OPT_THRESHOLD,
	OPT_BINS
};

static const struct cli_option options[] = {
	[REPO_OPT_KEYS] = REPO_OPTION_KEYS("where the private keys go, not below DIR", true),
	[REPO_OPT_PASSPHRASE] = CLI_PASSPHRASE_OPTION,
	[OPT_PLAIN] = { .name = "no-passphrase", .help = "do not encrypt the keys that are made" },
	[OPT_KEY] = { .name = "key",
		      .arg = "ROLE=KEY.pub",
		      .help = "this key signs for ROLE; none is made for it",
		      .multi = true },
	[OPT_THRESHOLD] = { .name = "threshold",
			    .arg = "ROLE=N",
			    .help = "so many of the role's keys must sign; 1 otherwise",
			    .multi = true },
	[OPT_BINS] = { .name = "bins",
		       .arg = "N",
		       .help = "spread kernels over N files: 0, 16 (otherwise), 256 or 4096" },
	{ .name = NULL },
};

struct init {
	struct repo_cli rc;
	struct repo_design design;
	struct tuf_key *keys[TUF_ROLES][KEYS_MAX];
	size_t made;
};

static void init_free(struct init *x)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		for (size_t i = 0; i < x->design.roles[role].n; i++)
			tuf_key_free(x->keys[role][i]);
	repo_cli_close(&x->rc);
}

/* "ROLE=VALUE" */
static int split(const char *option, const char *text, enum tuf_role *role, const char **value,
		 struct oak_error *err)
{
	const char *equals = strchr(text, '=');

	if (!equals || !equals[1])
		return oak_fail(err, OAK_E_USAGE, "%s %s: not ROLE=VALUE", option, text);
	*value = equals + 1;
	return cli_parse_role(text, (size_t)(equals - text), role, err);
}

static int read_key(struct init *x, const char *text, struct oak_error *err)
{
	enum tuf_role role;
	const char *path;
	struct repo_signers *s;
	int r = split("--key", text, &role, &path, err);

	if (r < 0)
		return r;
	s = &x->design.roles[role];
	if (s->n == KEYS_MAX)
		return oak_fail(err, OAK_E_USAGE, "more than %d keys", KEYS_MAX);
	r = key_file_read_public(AT_FDCWD, path, &x->keys[role][s->n], err);
	if (r == 0)
		s->n++;
	return r;
}

static int read_threshold(struct init *x, const char *text, struct oak_error *err)
{
	enum tuf_role role;
	const char *number;
	int r = split("--threshold", text, &role, &number, err);

	return r < 0 ? r
		     : cli_parse_number("--threshold", number, KEYS_MAX,
					&x->design.roles[role].threshold, err);
}

static int read_bins(struct init *x, const char *text, struct oak_error *err)
{
	static const struct {
		const char *text;
		unsigned digits;
	} rows[] = { { "0", 0 }, { "16", 1 }, { "256", 2 }, { "4096", 3 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].text, text) != 0)
			continue;
		x->design.bin_digits = rows[i].digits;
		return 0;
	}
	return oak_fail(err, OAK_E_USAGE, "--bins %s: not 0, 16, 256 or 4096", text);
}

static int read_options(struct init *x, const struct cli_args *args, struct oak_error *err)
{
	const struct cli_values *keys = &args->opt[OPT_KEY],
				*thresholds = &args->opt[OPT_THRESHOLD];
	int r = read_bins(x, cli_value(args, OPT_BINS, "16"), err);

	for (size_t i = 0; r == 0 && i < keys->n; i++)
		r = read_key(x, keys->v[i], err);
	for (size_t i = 0; r == 0 && i < thresholds->n; i++)
		r = read_threshold(x, thresholds->v[i], err);
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++) {
		struct repo_signers *s = &x->design.roles[role];

		s->keys = x->keys[role];
		if (!s->threshold)
			s->threshold = 1;
	}
	return r;
}

/*
 * ROLE.pem that an init which was interrupted left, or somebody put there. Where its public half is
 * missing the private one tells it, with the passphrase that the new keys get.
 */
static int use_key(struct tuf_key **key, int dirfd, const char *name, const struct buf *passphrase,
		   struct oak_error *err)
{
	_cleanup_(freep) char *public = key_file_public_path(name);
	int r;

	if (!public)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (file_exists(dirfd, public))
		return key_file_read_public(dirfd, public, key, err);
	r = key_file_read(dirfd, name, passphrase, key, err);
	return r < 0 ? r : key_file_write_public(*key, dirfd, name, err);
}

static int new_key(struct init *x, struct tuf_key **key, int dirfd, const char *name,
		   const struct buf *passphrase, struct oak_error *err)
{
	int r = tuf_key_generate(key, err);

	if (r == 0)
		r = key_file_write(*key, dirfd, name, passphrase, err);
	if (r == 0)
		x->made++;
	return r;
}

static int make_key(struct init *x, enum tuf_role role, int dirfd, const struct buf *passphrase,
		    const struct cli *cli, struct oak_error *err)
{
	struct tuf_key **key = &x->keys[role][0];
	char name[32];
	bool there;
	int r;

	(void)snprintf(name, sizeof(name), "%s.pem", tuf_role_name(role));
	there = file_exists(dirfd, name);
	r = there ? use_key(key, dirfd, name, passphrase, err)
		  : new_key(x, key, dirfd, name, passphrase, err);
	x->design.roles[role].n = *key ? 1 : 0;
	if (r < 0)
		return oak_context(err, "%s", x->rc.opt.keys);
	progress_step(cli->progress, "key of %s: %s/%s%s", tuf_role_name(role), x->rc.opt.keys,
		      name, there ? ", which is there" : "");
	return 0;
}

static bool makes_keys(const struct init *x)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		if (!x->design.roles[role].n)
			return true;
	return false;
}

static int make_keys(struct init *x, bool plain, const struct cli *cli, struct oak_error *err)
{
	_cleanup_(secret_free) struct buf passphrase = { 0 };
	_cleanup_(closep) int dirfd = -1;
	int r = 0;

	if (!makes_keys(x))
		return 0;
	if (!plain)
		r = cli_passphrase_new(&x->rc.passphrase, "the new keys", &passphrase, err);
	if (r < 0)
		return r;
	dirfd = open(x->rc.opt.keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return oak_fail(err, OAK_E_IO, "%s: cannot be opened", x->rc.opt.keys);
	for (enum tuf_role role = TUF_ROOT; r == 0 && role < TUF_ROLES; role++)
		if (!x->design.roles[role].n)
			r = make_key(x, role, dirfd, plain ? NULL : &passphrase, cli, err);
	return r;
}

static int tell(const struct cli *cli, const struct init *x, const struct repo_outcome *out,
		struct oak_error *err)
{
	const char *dir = x->rc.opt.dir;

	if (!out->published || cli->json)
		return cli_print_outcome(cli, dir, out, err);
	printf("created %s, signed with %zu new key%s in %s\n"
	       "give hosts %s/1.root.json by a way you trust; keep the key directory off the web "
	       "server\n",
	       dir, x->made, x->made == 1 ? "" : "s", x->rc.opt.keys, dir);
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(init_free) struct init x = { .made = 0 };
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_outcome out = { 0 };
	int r;

	repo_cli_open(cli, args, args->v[0], &x.rc);
	r = read_options(&x, args, err);
	if (r == 0)
		r = repo_prepare(&x.rc.opt, err);
	if (r == 0)
		r = make_keys(&x, args->opt[OPT_PLAIN].n > 0, cli, err);
	if (r == 0)
		r = repo_create(&x.rc.opt, &x.design, &repo, err);
	if (r == 0)
		r = repo_sign(repo, &out, err);
	return r < 0 ? r : tell(cli, &x, &out, err);
}

const struct verb verb_repo_init = {
	.name = "init",
	.args = "DIR",
	.help = "create an empty repository, and keys for the roles that have none",
	.more = "Without --key one key is made for each role: ROLE.pem, encrypted, and ROLE.pub. With\n"
		"several holders each makes a key ('oakum-repo key new') and gives its .pub file:\n"
		"  --key root=ann.pub --key root=bob.pub --key root=eve.pub --threshold root=2\n"
		"Where not all of them are at hand, what is missing is signed in further sittings;\n"
		"see 'oakum-repo sign'.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
