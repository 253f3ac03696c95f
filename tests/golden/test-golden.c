/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-golden: compile each pair of this folder twice and compare the differ's answer with what
 * the file expects. Usage: test-golden COMPILER FOLDER. A new case is a new file.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "build/diff.h"
#include "build/names.h"

/* The flags of an x86-64 kernel that decide the shape of its objects. */
static const char *const flags[] = {
	"-std=gnu11",
	"-O2",
	"-ffreestanding",
	"-mcmodel=kernel",
	"-mno-red-zone",
	"-mno-sse",
	"-fno-pic",
	"-fno-common",
	"-fno-pie",
	"-pg",
	"-mfentry",
	"-fcf-protection=none",
	"-fno-jump-tables",
	"-fno-strict-aliasing",
	"-fno-asynchronous-unwind-tables",
	"-ffunction-sections",
	"-fdata-sections",
	"-fno-stack-protector",
	"-w",
	"-c",
};

struct pair {
	struct obj *obj[2];
	struct model *model[2];
	struct diff diff;
};

static void pair_free(struct pair *p)
{
	diff_free(&p->diff);
	for (int i = 0; i < 2; i++) {
		model_free(p->model[i]);
		object_free(p->obj[i]);
	}
}

static int compile(const char *cc, const char *source, const char *out, bool patched,
		   struct oak_error *err)
{
	const char *argv[sizeof(flags) / sizeof(flags[0]) + 8] = { cc };
	_cleanup_(process_result_free) struct process_result res = { 0 };
	size_t n = 1;
	int r;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		argv[n++] = flags[i];
	if (patched)
		argv[n++] = "-DPATCHED";
	argv[n++] = "-o";
	argv[n++] = out;
	argv[n++] = source;
	r = process_run(argv, NULL, &res, err);
	if (r == 0 && res.status != 0)
		return oak_fail(err, OAK_E_FAILED, "%s: %s", source, buf_str(&res.err));
	return r;
}

static int diff_pair(const char *cc, const char *source, const char *dir, struct pair *p,
		     struct oak_error *err)
{
	int r = 0;

	for (int i = 0; r == 0 && i < 2; i++) {
		_cleanup_(freep) char *out = path_join(dir, i ? "patched.o" : "orig.o");

		r = compile(cc, source, out, i, err);
		if (r == 0)
			r = object_open(out, &p->obj[i], err);
		if (r == 0)
			r = model_build(p->obj[i], &p->model[i], err);
	}
	return r < 0 ? r : diff_run(p->model[0], p->model[1], &p->diff, err);
}

/* One line a fact, in the words of the expectations, sorted so that order means nothing. */
struct facts {
	char *v[128];
	size_t n;
};

static void facts_free(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i]);
}

static void facts_add(struct facts *f, const char *kind, const char *rule, const char *name)
{
	char stem[NAME_STEM_MAX], plain[NAME_STEM_MAX + 1];
	const char *dot;
	size_t len;

	name_stem(name, stem);
	/* A static of a function is "state.123" to gcc, "tick.state" or "tick.state.1" to clang. */
	len = strlen(stem);
	if (len && stem[len - 1] == '.')
		stem[len - 1] = '\0';
	dot = strrchr(stem, '.');
	if (dot && strcmp(kind, "changed") != 0)
		(void)snprintf(plain, sizeof(plain), "%s.", dot + 1);
	else
		name_stem(name, plain);
	if (f->n == sizeof(f->v) / sizeof(f->v[0]) ||
	    asprintf(&f->v[f->n], "%s%s%s %s", kind, rule[0] ? " " : "", rule, plain) < 0)
		abort();
	f->n++;
}

static int cmp_line(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void facts_of_diff(const struct pair *p, struct facts *f)
{
	for (atom_id i = 1; i < p->model[1]->n_atoms; i++) {
		const char *name = atom_name(p->model[1], i);
		enum verdict v = p->diff.verdicts.of[i];

		if (v == VERDICT_CHANGED && p->model[1]->atoms[i].kind == ATOM_CODE)
			facts_add(f, "changed", "", name);
		if (v == VERDICT_NEW)
			facts_add(f, "new", "", name);
		if (v == VERDICT_CALLER)
			facts_add(f, "caller", "", name);
	}
	for (size_t i = 0; i < p->diff.findings.n; i++)
		facts_add(f, "refused", p->diff.findings.v[i].rule->id, p->diff.findings.v[i].symbol);
	for (size_t i = 0; i < p->diff.warnings.n; i++)
		facts_add(f, "warning", p->diff.warnings.v[i].rule->id,
			  p->diff.warnings.v[i].symbol);
	qsort(f->v, f->n, sizeof(f->v[0]), cmp_line);
}

static void facts_of_line(char *line, struct facts *f)
{
	char *save = NULL, *kind = strtok_r(line, " ", &save), *word;

	if (!kind || strcmp(kind, "unchanged") == 0)
		return;
	if (strcmp(kind, "refused") == 0 || strcmp(kind, "warning") == 0) {
		char *rule = strtok_r(NULL, " ", &save);

		word = strtok_r(NULL, " ", &save);
		facts_add(f, kind, rule ? rule : "", word ? word : "");
		return;
	}
	while ((word = strtok_r(NULL, " ", &save)))
		facts_add(f, kind, "", word);
}

/* "expect FACT" holds for every compiler, "expect-gcc FACT" for one. */
static char *expectation(char *line, const char *cc)
{
	const char *slash = strrchr(cc, '/');
	char own[64];

	(void)snprintf(own, sizeof(own), "/* expect-%s ", slash ? slash + 1 : cc);
	if (strncmp(line, own, strlen(own)) == 0)
		return line + strlen(own);
	return strncmp(line, "/* expect ", 10) == 0 ? line + 10 : NULL;
}

static int facts_of_file(const char *path, const char *cc, struct facts *f, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char *save = NULL;
	int r = file_read(AT_FDCWD, path, 1u << 20, &text, err);

	if (r < 0)
		return r;
	for (char *line = strtok_r((char *)text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *end = strstr(line, " */"), *fact = expectation(line, cc);

		if (!fact || !end)
			continue;
		*end = '\0';
		facts_of_line(fact, f);
	}
	qsort(f->v, f->n, sizeof(f->v[0]), cmp_line);
	return 0;
}

static bool same_facts(const struct facts *a, const struct facts *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

static bool run_case(const char *cc, const char *path, const char *name, const char *dir)
{
	_cleanup_(facts_free) struct facts got = { 0 };
	_cleanup_(facts_free) struct facts want = { 0 };
	_cleanup_(pair_free) struct pair p = { 0 };
	struct oak_error err = { 0 };
	bool ok;

	if (facts_of_file(path, cc, &want, &err) < 0 || diff_pair(cc, path, dir, &p, &err) < 0) {
		printf("not ok %s %s\n# %s\n", cc, name, err.msg);
		return false;
	}
	facts_of_diff(&p, &got);
	ok = same_facts(&got, &want);
	printf("%s %s %s\n", ok ? "ok" : "not ok", cc, name);
	for (size_t i = 0; !ok && i < want.n; i++)
		printf("#   want: %s\n", want.v[i]);
	for (size_t i = 0; !ok && i < got.n; i++)
		printf("#   got:  %s\n", got.v[i]);
	return ok;
}

static int is_case(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 2 && strcmp(e->d_name + len - 2, ".c") == 0 &&
	       strncmp(e->d_name, "test-", 5) != 0;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/oakum-golden-XXXXXX";
	struct dirent **cases = NULL;
	struct oak_error err;
	int n, failed = 0;

	if (argc != 3 || !mkdtemp(dir))
		return 2;
	n = scandir(argv[2], &cases, is_case, alphasort);
	for (int i = 0; i < n; i++) {
		_cleanup_(freep) char *path = path_join(argv[2], cases[i]->d_name);

		failed += !run_case(argv[1], path, cases[i]->d_name, dir);
		free(cases[i]);
	}
	free(cases);
	if (tree_remove(AT_FDCWD, dir, &err) < 0)
		failed++;
	printf("1..%d\n", n);
	return n <= 0 || failed ? 1 : 0;
}
