/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-repo: the publisher's program. */
#include "cli/repo.h"

static const struct verb *const verbs[] = {
	&verb_repo_init,     &verb_repo_add,     &verb_repo_add_cves,
	&verb_repo_promote,  &verb_repo_hold,    &verb_repo_withdraw,
	&verb_repo_sign,     &verb_repo_rotate,  &verb_repo_renew,
	&verb_repo_refresh,  &verb_repo_verify,  &verb_repo_export,
	&verb_repo_import,   &verb_repo_key_new, &verb_repo_key_pub,
	&verb_repo_key_show, &verb_repo_cves,    NULL,
};

static const struct program program = {
	.name = "oakum-repo",
	.about = "write a signed repository of levels: plain files for any web server",
	.verbs = verbs,
};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
