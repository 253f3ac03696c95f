/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum tag: words that describe this host to its fleet. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/dropin.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/settings.h"

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = NULL },
};

static int join(const struct cli_args *args, struct buf *ret, struct oak_error *err)
{
	for (size_t i = 0; i < args->n; i++)
		if (buf_printf(ret, "%s%s", i ? " " : "", args->v[i]) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static json_t *tags_json(const char *tags)
{
	_cleanup_(freep) char *copy = strdup(tags);
	json_t *list = json_array();
	char *rest = copy, *word;

	while (copy && (word = strsep(&rest, " \t")))
		if (*word)
			(void)json_array_append_new(list, json_string(word));
	return json_pack("{s:o}", "tags", list);
}

static int tell(const struct cli *cli, int root, const char *wanted, struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	int r = settings_read(root, &s, err);
	const char *tags;

	if (r < 0)
		return oakum_finish(cli, NULL, "tag", r, err);
	tags = s.tags ? s.tags : "";
	if (!cli->json)
		printf("tags       %s\n", s.tags ? s.tags : "none");
	if (wanted && strcmp(wanted, "none") != 0 && strcmp(wanted, tags) != 0)
		r = oak_fail(err, OAK_E_FAILED,
			     "'%s' is not what holds: another file of /" SETTINGS_DIR
			     " sets tags = %s",
			     wanted, tags);
	return oakum_finish(cli, cli->json ? tags_json(tags) : NULL, "tag", r, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf words = { 0 };
	_cleanup_(closep) int root = -1;
	int r = oakum_open_root(args, &root, NULL, err);

	if (r == 0)
		r = join(args, &words, err);
	if (r == 0 && args->n)
		r = dropin_set(root, &dropin_tags, buf_str(&words), err);
	return r < 0 ? oakum_finish(cli, NULL, "tag", r, err)
		     : tell(cli, root, args->n ? buf_str(&words) : NULL, err);
}

const struct verb verb_oakum_tag = {
	.name = "tag",
	.args = "[WORD=VALUE... | none]",
	.help = "show or set the words that describe this host",
	.more = "All words are replaced. Written to /etc/oakum/conf.d/50-tag.conf.",
	.max_args = -1,
	.options = options,
	.run = run,
};
