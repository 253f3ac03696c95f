/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/report.h"

#include <string.h>

/* The page while it is written; the first failure sticks. */
struct page {
	const json_t *manifest;
	const struct explain *e;
	struct buf *to;
	int r;
};

static void put(struct page *p, const char *text)
{
	if (p->r == 0)
		p->r = buf_add_str(p->to, text);
}

static void put_number(struct page *p, size_t n, const char *one, const char *many)
{
	if (p->r == 0)
		p->r = buf_printf(p->to, "%zu %s", n, n == 1 ? one : many);
}

/* Text from outside stays text, also in a table. */
static void put_escaped(struct page *p, const char *text)
{
	for (const char *c = text ? text : ""; *c; c++) {
		if (strchr("\\`*_[]<>|#&~", *c))
			put(p, "\\");
		if (p->r == 0)
			p->r = (unsigned char)*c < 0x20 ? buf_add(p->to, " ", 1)
							: buf_add(p->to, c, 1);
	}
}

/* A name of the code; none has a backtick, but the manifest is from outside. */
static void put_code(struct page *p, const char *text)
{
	put(p, "`");
	for (const char *c = text ? text : ""; *c; c++)
		if (p->r == 0 && *c != '`' && *c != '|' && (unsigned char)*c >= 0x20)
			p->r = buf_add(p->to, c, 1);
	put(p, "`");
}

static const char *member(const struct page *p, const char *object, const char *name)
{
	const char *s = json_get_str(json_object_get(p->manifest, object), name);

	return s ? s : "";
}

static void put_fact(struct page *p, const char *what, const char *value)
{
	put(p, "| ");
	put(p, what);
	put(p, " | ");
	put_code(p, value);
	put(p, " |\n");
}

static void write_head(struct page *p)
{
	const json_t *module = json_object_get(p->manifest, "module");
	const char *signer = json_get_str(module, "signer");

	put(p, "# Level ");
	put_number(p, p->e->level, "", "");
	put(p, "of kernel ");
	put_escaped(p, p->e->release);
	put(p, "\n\n| | |\n|---|---|\n");
	put_fact(p, "kernel", member(p, "kernel", "release"));
	put_fact(p, "package", member(p, "kernel", "package_version"));
	put_fact(p, "build-id", member(p, "kernel", "build_id"));
	put_fact(p, "module", p->e->module);
	put(p, "| size | ");
	put_number(p, (size_t)json_integer_value(json_object_get(module, "size")), "byte", "bytes");
	put(p, " |\n");
	put_fact(p, "SHA-256", member(p, "module", "sha256"));
	put(p, "| signed by | ");
	if (signer)
		put_escaped(p, signer);
	else
		put(p, "nobody: hosts that enforce signatures refuse it");
	put(p, " |\n");
	put_fact(p, "compiler", member(p, "built", "compiler"));
	put_fact(p, "Oakum", member(p, "built", "oakum"));
	put_fact(p, "channel", json_get_str(p->manifest, "channel"));
}

static bool is_listed(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));

		if (s && strcmp(s, text) == 0)
			return true;
	}
	return false;
}

/* Hosts believe the manifest; in levels made before, the explanation could have more than that. */
static void put_cves(struct page *p, const struct explain_fix *f, const json_t *in_manifest)
{
	for (size_t i = 0; i < f->n_cves; i++) {
		put(p, ", ");
		put_escaped(p, f->cves[i]);
		if (!is_listed(in_manifest, f->cves[i]))
			put(p, " (the patch's message says so; hosts are told nothing)");
	}
}

static void put_files(struct page *p, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		put(p, i ? ", " : "; changes ");
		put_code(p, json_string_value(json_array_get(list, i)));
	}
}

static void write_fixes(struct page *p)
{
	const json_t *list = json_object_get(p->manifest, "fixes");
	const json_t *docs = json_object_get(p->e->doc, "fixes");

	put(p, "\n## Fixes\n\n");
	for (size_t i = 0; i < p->e->n_fixes; i++) {
		const struct explain_fix *f = &p->e->fixes[i];

		put(p, "- **");
		put_escaped(p, f->title);
		put(p, "**");
		put_cves(p, f, json_object_get(json_array_get(list, i), "cve"));
		put(p, "; ");
		put_code(p, f->file);
		put(p, ", SHA-256 ");
		put_code(p, json_get_str(json_array_get(list, i), "patch_sha256"));
		put_files(p, json_object_get(json_array_get(docs, i), "files"));
		put(p, "\n");
	}
}

static bool is_here(const struct page *p, size_t piece, size_t object, enum explain_role role)
{
	return p->e->pieces[piece].object == object && p->e->pieces[piece].role == role;
}

static void write_replaced(struct page *p)
{
	put(p,
	    "\n## Functions replaced\n\n"
	    "| function | of | sympos | address | bytes now | proof |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < p->e->n_pieces; i++) {
		const struct explain_piece *f = &p->e->pieces[i];

		if (f->role != EXPLAIN_REPLACED)
			continue;
		put(p, "| ");
		put_code(p, f->old_name);
		put(p, " | ");
		put_escaped(p, p->e->objects[f->object].patches);
		if (p->r == 0)
			p->r = buf_printf(p->to, " | %zu | ", f->sympos);
		put_code(p, f->address);
		if (p->r == 0)
			p->r = buf_printf(p->to, " | %zu | ", f->size);
		put_escaped(p, f->proof);
		put(p, " |\n");
	}
	put(p, "\nThe address of a module's function is its offset in its section.\n");
}

static void list_role(struct page *p, size_t object, enum explain_role role, const char *title)
{
	bool any = false;

	for (size_t i = 0; i < p->e->n_pieces; i++) {
		const struct explain_piece *f = &p->e->pieces[i];

		if (!is_here(p, i, object, role))
			continue;
		put(p, any ? ", " : title);
		any = true;
		if (f->name[0]) {
			put_code(p, f->name);
			if (strcmp(f->kind, "function") != 0 && p->r == 0)
				p->r = buf_printf(p->to, " (%s)", f->kind);
		} else if (f->text[0]) {
			put(p, "\"");
			put_escaped(p, f->text);
			put(p, "\"");
		} else {
			put(p, f->kind);
		}
	}
	if (any)
		put(p, "\n");
}

static void write_differs(struct page *p, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *d = json_array_get(list, i);

		put(p, "  - not proven, and not replaced: ");
		put_code(p, json_get_str(d, "name"));
		put(p, ", ");
		put_escaped(p, json_get_str(d, "status"));
		put(p, ": ");
		put_escaped(p, json_get_str(d, "cause"));
		put(p, "\n");
	}
}

static void write_objects(struct page *p)
{
	const json_t *docs = json_object_get(p->e->doc, "objects");

	put(p, "\n## Objects\n\n");
	for (size_t i = 0; i < p->e->n_objects; i++) {
		const struct explain_object *o = &p->e->objects[i];

		put(p, "- ");
		put_code(p, o->object);
		put(p, ", part of ");
		put_escaped(p, o->patches);
		if (p->r == 0)
			p->r = buf_printf(
				p->to, ": %zu of %zu functions are what was shipped, %zu differ\n",
				o->n_identical, o->n_functions, o->n_functions - o->n_identical);
		list_role(p, i, EXPLAIN_REPLACED, "  - replaced: ");
		list_role(p, i, EXPLAIN_NEW, "  - new: ");
		list_role(p, i, EXPLAIN_CHANGED, "  - changed, entered by the level only: ");
		list_role(p, i, EXPLAIN_CARRIED, "  - carried along: ");
		write_differs(p, json_object_get(json_array_get(docs, i), "differs"));
	}
}

static void write_symbols(struct page *p)
{
	put(p, "\n## Symbols of the kernel\n\n| symbol | of | how | sympos | address |\n"
	       "|---|---|---|---|---|\n");
	for (size_t i = 0; i < p->e->n_symbols; i++) {
		const struct explain_symbol *s = &p->e->symbols[i];

		put(p, "| ");
		put_code(p, s->name);
		put(p, " | ");
		put_escaped(p, s->object);
		put(p, s->exported ? " | exported | | " : " | livepatch");
		if (!s->exported) {
			put(p, s->late[0] ? ", when the module comes" : "");
			if (p->r == 0)
				p->r = buf_printf(p->to, " | %zu | ", s->sympos);
		}
		put_code(p, s->address);
		put(p, " |\n");
	}
}

static void put_check(struct page *p, const char *name, const char *yes, const char *no)
{
	const json_t *checks = json_object_get(p->e->doc, "checks");

	put(p, "- ");
	put(p, json_is_true(json_object_get(checks, name)) ? yes : no);
	put(p, "\n");
}

static void write_checks(struct page *p)
{
	put(p, "\n## Checks\n\n");
	put_check(p, "types_compared",
		  "types: compared by debugging information in each object whose code changes",
		  "types: the fix's text touches none that others share");
	put_check(p, "crcs_compared",
		  "exported symbols: CRCs of original and patched source compared where an object "
		  "exports any",
		  "exported symbols: the fix's text touches no prototype that others share");
	put_check(p, "self_check",
		  "self-check: passed; read again from its bytes, loading simulated, each "
		  "relocation compared with objects and shipped kernel",
		  "self-check: NOT DONE");
}

/* Findings of one kind that did not keep the level from being made. */
static void write_findings(struct page *p, const char *name, const char *title)
{
	const json_t *list = json_object_get(p->manifest, name);

	if (!json_array_size(list))
		return;
	put(p, title);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		const char *reason = json_get_str(f, "reason"), *advice = json_get_str(f, "advice");

		put(p, "- ");
		put_code(p, json_get_str(f, "rule"));
		put(p, " ");
		put_code(p, json_get_str(f, "symbol"));
		put(p, ": ");
		put_escaped(p, json_get_str(f, "why"));
		put(p, reason ? "; accepted: " : "");
		put_escaped(p, reason);
		put(p, advice ? "; advice: " : "");
		put_escaped(p, advice);
		put(p, "\n");
	}
}

/* Nothing is tested when the level is made: "explain --report" writes the page once more. */
static void write_tests(struct page *p)
{
	const json_t *list = json_object_get(p->manifest, "tested");

	put(p, "\n## Tests\n\n");
	if (!json_array_size(list))
		put(p, "None is noted in the manifest (`oakum-build test --record`).\n");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_array_get(list, i);

		put(p, "- ");
		put_escaped(p, json_get_str(t, "result"));
		put(p, ": ");
		put_escaped(p, json_get_str(t, "what"));
		put(p, "\n");
	}
}

static void write_own(struct page *p)
{
	put(p, "\n## The level's own symbols\n\n");
	for (size_t i = 0; i < p->e->n_own; i++) {
		put(p, "- ");
		put_code(p, p->e->own[i].name);
		put(p, ": ");
		put(p, p->e->own[i].why[0] ? "" : "**not explained**");
		put_escaped(p, p->e->own[i].why);
		put(p, "\n");
	}
}

int report_write(const json_t *manifest, const struct explain *e, struct buf *ret,
		 struct oak_error *err)
{
	struct page p = { .manifest = manifest, .e = e, .to = ret };
	const char *sha256 = member(&p, "module", "sha256");

	if (strcmp(sha256, e->module_sha256) != 0)
		return oak_fail(err, OAK_E_FORMAT,
				"manifest and explanation are of different modules");
	write_head(&p);
	write_fixes(&p);
	write_findings(&p, "accepted", "\n## Refusals that the author accepted\n\n");
	write_findings(&p, "warnings", "\n## Warnings\n\n");
	write_replaced(&p);
	write_objects(&p);
	write_checks(&p);
	write_tests(&p);
	write_symbols(&p);
	write_own(&p);
	return p.r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
