/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum containers: what runs on this kernel, and what each may do to the host. */
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/containers.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = NULL },
};

static int show_all(const struct cli *cli, const struct survey *s, json_t **ret_doc,
		    struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r;

	if (cli->json) {
		*ret_doc = containers_json(s);
		return *ret_doc ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	r = containers_table(cli, s, &text, err);
	if (r == 0)
		(void)fputs(buf_str(&text), stdout);
	return r;
}

static int show_one(const struct cli *cli, const struct survey *s, const char *name,
		    json_t **ret_doc, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	size_t i;
	int r = survey_find(s, name, &i, err);

	if (r < 0)
		return r;
	if (cli->json) {
		*ret_doc = json_pack("{s:o}", "container", container_json(&s->v[i]));
		return *ret_doc ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	r = containers_page(cli, &s->v[i], &text, err);
	if (r == 0)
		(void)fputs(buf_str(&text), stdout);
	return r;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	_cleanup_(survey_free) struct survey s = { 0 };
	json_t *doc = NULL;
	int r = oakum_open_root(args, &root, NULL, err);

	if (r == 0)
		r = survey_read(root, &s, err);
	if (r == 0)
		r = args->n ? show_one(cli, &s, args->v[0], &doc, err)
			    : show_all(cli, &s, &doc, err);
	return oakum_finish(cli, doc, "containers", r, err);
}

const struct verb verb_oakum_containers = {
	.name = "containers",
	.args = "[NAME | ID]",
	.help = "all containers on this kernel, and what each may do to the host",
	.max_args = 1,
	.options = options,
	.run = run,
};
