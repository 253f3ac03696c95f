/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-build kernel add, list, show: the author's store of kernels. */
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "build/make.h"
#include "cli/cli.h"
#include "cli/verbs-build.h"
#include "kernel/image.h"
#include "kernel/store.h"

#define PROVIDER_DEFAULT "debian"

/* What a kernel's image says, for "kernel show"; counted, not guessed. */
struct facts {
	size_t symbols, exports, ftrace_sites;
	uint32_t module_size; /* of struct module; 0 where there is no BTF */
};

static json_t *kernel_json(const struct kernel *k)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
			 "name", k->name, "reference", k->reference, "release", k->release, "arch",
			 k->arch, "build_id", k->build_id, "distribution", k->distribution,
			 "package_version", k->package_version, "compiler", k->compiler,
			 "compiler_banner", k->compiler_banner, "banner", k->banner, "dir", k->dir,
			 "vmlinux", k->vmlinux, "vmlinuz", k->vmlinuz, "source", k->source);
}

static int run_add(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	uint64_t start = clock_now_ns();
	bool is_new = false;
	double seconds;
	json_t *j;
	int r = kernel_add(args->v[0], cli->progress, &k, &is_new, err);

	if (r == 0)
		r = make_prepare(k, cli->progress, err);
	if (r < 0)
		return r;
	seconds = clock_seconds_since(start);
	if (cli->json) {
		j = kernel_json(k);
		(void)json_object_set_new(j, "added", json_boolean(is_new));
		(void)json_object_set_new(j, "seconds", json_real(seconds));
		return cli_print_json(j, err);
	}
	if (is_new)
		printf("%s: added in %.1f s, build-id %s\n", k->name, seconds, k->build_id);
	else
		printf("%s: already there, build-id %s\n", k->name, k->build_id);
	return 0;
}

const struct verb verb_build_kernel_add = {
	.name = "kernel add",
	.args = "REFERENCE",
	.help = "fetch a distribution's kernel and make it ready",
	.more = "REFERENCE is debian:RELEASE or debian:RELEASE=VERSION, for example\n"
		"debian:6.1.0-50-amd64=6.1.176-1. Packages come through apt: run\n"
		"'apt-get update' first. Kernels live in $OAKUM_CACHE, else in\n"
		"$XDG_CACHE_HOME/oakum, else in ~/.cache/oakum.",
	.min_args = 1,
	.max_args = 1,
	.run = run_add,
};

enum {
	OPT_AVAILABLE,
	OPT_SERIES,
};

static const struct cli_option list_options[] = {
	[OPT_AVAILABLE] = { .name = "available",
			    .help = "what the archive offers complete, newest first" },
	[OPT_SERIES] = { .name = "series", .arg = "6.1", .help = "only kernels of this series" },
	{ .name = NULL },
};

/* Is "6.1.0-50-amd64" of the series "6.1"? An empty series holds all. */
static bool in_series(const char *release, const char *series)
{
	size_t len = strlen(series);

	return strncmp(release, series, len) == 0 && (len == 0 || release[len] == '.');
}

static int list_available(const struct cli *cli, const char *series, struct oak_error *err)
{
	_cleanup_(kernel_offers_free) struct kernel_offers offers = { 0 };
	json_t *array = json_array();
	int r = kernel_available(PROVIDER_DEFAULT, &offers, err);

	for (size_t i = 0; i < offers.n && r == 0; i++) {
		const struct kernel_offer *o = &offers.v[i];

		if (!in_series(o->release, series))
			continue;
		(void)json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "reference",
							     o->reference, "release", o->release,
							     "package_version", o->version));
		if (!cli->json)
			printf("%s\n", o->reference);
	}
	if (r == 0 && json_array_size(array) == 0)
		r = oak_fail(err, OAK_E_NOTHING,
			     "the archive offers no complete kernel; run 'apt-get update' first");
	if (r == 0 && cli->json)
		return cli_print_json(json_pack("{s:o}", "available", array), err);
	json_decref(array);
	return r;
}

static int list_store(const struct cli *cli, const char *series, struct oak_error *err)
{
	_cleanup_(kernel_list_free) struct kernel_list l = { 0 };
	json_t *array = json_array();
	int r = kernel_list(&l, err);

	for (size_t i = 0; i < l.n && r == 0; i++) {
		const struct kernel *k = l.v[i];

		if (!in_series(k->release, series))
			continue;
		(void)json_array_append_new(array, kernel_json(k));
		if (!cli->json)
			printf("%-40s %.16s  %s\n", k->name, k->build_id, k->compiler_banner);
	}
	if (r == 0 && cli->json)
		return cli_print_json(json_pack("{s:o}", "kernels", array), err);
	if (r == 0 && json_array_size(array) == 0 && !cli->quiet)
		(void)fprintf(stderr, "no kernels yet: 'oakum-build kernel add debian:RELEASE'\n");
	json_decref(array);
	return r;
}

static int run_list(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const char *series = cli_value(args, OPT_SERIES, "");

	return args->opt[OPT_AVAILABLE].n ? list_available(cli, series, err)
					  : list_store(cli, series, err);
}

const struct verb verb_build_kernel_list = {
	.name = "kernel list",
	.help = "kernels that were added, or that could be",
	.max_args = 0,
	.options = list_options,
	.run = run_list,
};

static int read_facts(const struct kernel *k, struct facts *ret, struct oak_error *err)
{
	_cleanup_(mapping_close) struct mapping m = { 0 };
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	int r = mapping_open(AT_FDCWD, k->vmlinux, &m, err);

	if (r < 0)
		return r;
	r = kimage_parse(m.data, m.len, &img, err);
	if (r < 0)
		return oak_context(err, "%s", k->vmlinux);
	*ret = (struct facts){
		.symbols = kimage_n_syms(img),
		.ftrace_sites = kimage_n_ftrace_sites(img),
	};
	(void)kimage_exports(img, &ret->exports);
	if (kimage_struct_size(img, "module", &ret->module_size, NULL) < 0)
		ret->module_size = 0;
	return 0;
}

static void print_kernel(const struct kernel *k, const struct facts *f)
{
	printf("name          %s\n"
	       "reference     %s\n"
	       "release       %s (%s)\n"
	       "build-id      %s\n"
	       "compiler      %s\n"
	       "banner        %s\n"
	       "folder        %s\n",
	       k->name, k->reference, k->release, k->arch, k->build_id, k->compiler_banner,
	       k->banner, k->dir);
	printf("image         %zu symbols, %zu exports, %zu ftrace sites, "
	       "struct module %u bytes\n",
	       f->symbols, f->exports, f->ftrace_sites, f->module_size);
}

static int run_show(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct facts f = { 0 };
	json_t *j;
	int r = kernel_open(args->v[0], &k, err);

	if (r == 0)
		r = read_facts(k, &f, err);
	if (r < 0)
		return r;
	if (!cli->json) {
		print_kernel(k, &f);
		return 0;
	}
	j = kernel_json(k);
	(void)json_object_set_new(j, "image",
				  json_pack("{s:I, s:I, s:I, s:I}", "symbols",
					    (json_int_t)f.symbols, "exports", (json_int_t)f.exports,
					    "ftrace_sites", (json_int_t)f.ftrace_sites,
					    "module_struct_bytes", (json_int_t)f.module_size));
	return cli_print_json(j, err);
}

const struct verb verb_build_kernel_show = {
	.name = "kernel show",
	.args = "KERNEL",
	.help = "what is known of a kernel that was added",
	.more = "KERNEL is a reference, a name that 'kernel list' prints, or a build-id.",
	.min_args = 1,
	.max_args = 1,
	.run = run_show,
};
