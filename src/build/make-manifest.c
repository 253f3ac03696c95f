/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/make-priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "build/compile.h"
#include "build/sign.h"

/* An address of vmlinux; of a module, which has none yet, the offset in its section. */
static json_t *function_json(const struct unit *u, atom_id patched)
{
	atom_id orig = u->diff->pairing.to_orig[patched];
	const struct proof_atom *p = &u->proof->atoms[orig];
	const char *name = atom_name(u->orig, orig);
	char addr[32];

	(void)snprintf(addr, sizeof(addr), "0x%016lx",
		       (unsigned long)(u->ko ? ko_offset(p->addr) : p->addr));
	return json_pack("{s:s, s:s, s:i, s:s, s:s}", "object", u->module ? u->module : "vmlinux",
			 "name", name, "sympos", shipped_sympos(&u->home, name, p->addr), "address",
			 addr, "proof", proof_status_name(p->status));
}

static bool touches(const struct make_object *o, size_t fix)
{
	for (size_t i = 0; i < o->n_fixes; i++)
		if (o->fixes[i] == fix)
			return true;
	return false;
}

/* The functions that are replaced in the objects that the fix touches. */
static int functions_json(struct maker *m, size_t fix, json_t **ret)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; list && i < m->res->n_objects; i++) {
		const struct make_object *o = &m->res->objects[i];
		struct unit u;
		int r = 0;

		if (!touches(o, fix))
			continue;
		r = make_unit(m, o, &u);
		if (r < 0)
			return r;
		for (atom_id a = 1; a < o->patched->n_atoms; a++)
			if (diff_replaces(&o->diff, a))
				(void)json_array_append_new(list, function_json(&u, a));
	}
	if (!list)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(list);
	return 0;
}

/* A fix without a CVE has a word of its own: a manifest's reader wants one, and a title is none. */
#define FIX_ID_MAX 32

/* The ids, or who says so of each. */
static json_t *cves_json(const struct make_cves *cves, bool from)
{
	json_t *list = json_array();

	for (size_t i = 0; cves && i < cves->n; i++)
		(void)json_array_append_new(list,
					    json_string(from ? cves->v[i].from : cves->v[i].id));
	return list;
}

static int fixes_json(struct maker *m, json_t **ret)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; list && i < m->res->n_fixes; i++) {
		const struct fix *f = m->res->fixes[i];
		const struct make_cves *cves = m->opt->cves ? &m->opt->cves[i] : NULL;
		char id[FIX_ID_MAX];
		json_t *functions = NULL;
		int r = functions_json(m, i, &functions);

		if (r < 0)
			return r;
		(void)snprintf(id, sizeof(id), "fix-%.12s", f->sha256);
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:o, s:o, s:s, s:s, s:o, s:s*}", "id",
						      cves && cves->n ? cves->v[0].id : id, "cve",
						      cves_json(cves, false), "cve_from",
						      cves_json(cves, true), "title", f->title,
						      "patch_sha256", f->sha256, "functions",
						      functions, "severity", m->opt->severity));
	}
	if (!list)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(list);
	return 0;
}

/* One hash over the commands of all objects, in order. */
static int flags_hash(const struct maker *m, char ret[SHA256_HEX_MAX])
{
	_cleanup_(buf_free) struct buf all = { 0 };

	for (size_t i = 0; i < m->res->n_objects; i++) {
		char one[SHA256_HEX_MAX];
		int r = compile_flags_hash(&m->res->objects[i].command, one, m->err);

		if (r < 0)
			return r;
		if (buf_add(&all, one, sizeof(one)) < 0)
			return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	}
	sha256_hex(all.data, all.len, ret);
	return 0;
}

/* One hash over what the fixes made of the files that they touch, in order. */
static int source_hash(const struct maker *m, char ret[SHA256_HEX_MAX])
{
	_cleanup_(buf_free) struct buf all = { 0 };

	for (size_t i = 0; i < m->res->n_fixes; i++) {
		const struct fix *f = m->res->fixes[i];

		for (size_t k = 0; k < f->n_files; k++) {
			_cleanup_(freep) char *path = path_join(m->tree->dir, f->files[k]);
			int r = 0;

			if (!path)
				return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
			if (file_exists(AT_FDCWD, path))
				r = file_read(AT_FDCWD, path, SOURCE_MAX_BYTES, &all, m->err);
			if (r < 0)
				return r;
		}
	}
	sha256_hex(all.data, all.len, ret);
	return 0;
}

static bool is_listed(const json_t *list, const char *module)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_get_str(json_array_get(list, i), "name"), module) == 0)
			return true;
	return false;
}

/* The patched modules, by the build that was proven: a host may have another of the name. */
static int modules_json(struct maker *m, json_t **ret)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; list && i < m->res->n_objects; i++) {
		char id[KO_BUILD_ID_HEX];
		struct unit u;
		int r = make_unit(m, &m->res->objects[i], &u);

		if (r < 0)
			return r;
		if (!u.ko || is_listed(list, u.module))
			continue;
		ko_build_id(u.ko, id);
		if (!id[0])
			return oak_fail(m->err, OAK_E_UNSUPPORTED,
					"module %s has no build-id: no host could tell it from "
					"another of the name",
					u.module);
		(void)json_array_append_new(list, json_pack("{s:s, s:s}", "name", u.module,
							    "build_id", id));
	}
	if (!list)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(list);
	return 0;
}

static json_t *kernel_json(const struct kernel *k)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "build_id", k->build_id, "release",
			 k->release, "arch", k->arch, "distribution", k->distribution,
			 "package_version", k->package_version);
}

static json_t *findings_json(const struct findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < f->n; i++) {
		const struct finding *one = &f->v[i];

		(void)json_array_append_new(list,
					    json_pack("{s:s, s:s, s:s, s:s}", "rule", one->rule->id,
						      "symbol", one->symbol, "why", one->why,
						      one->reason ? "reason" : "advice",
						      one->reason ? one->reason : one->advice));
	}
	return list;
}

int make_manifest(struct maker *m, const char *path)
{
	const struct make_result *res = m->res;
	char flags[SHA256_HEX_MAX], source[SHA256_HEX_MAX], name[32];
	_cleanup_(freep) char *vermagic = NULL, *text = NULL;
	_cleanup_(json_decrefp) json_t *j = NULL, *fixes = NULL, *modules = NULL;
	int r = flags_hash(m, flags);

	if (r == 0)
		r = source_hash(m, source);
	if (r == 0)
		r = emit_vermagic(m->img, &vermagic, m->err);
	if (r == 0)
		r = fixes_json(m, &fixes);
	if (r == 0)
		r = modules_json(m, &modules);
	if (r < 0)
		return r;
	(void)snprintf(name, sizeof(name), "oakum_%u", m->opt->level);
	j = json_pack("{s:i, s:o, s:i, s:s, s:s, s:{s:s, s:I, s:s, s:s, s:s?}, s:o, s:o, s:o,"
		      " s:o, s:n, s:{s:s, s:s, s:s, s:s}, s:[], s:n}",
		      "schema", 1, "kernel", kernel_json(m->k), "level", (int)m->opt->level,
		      "replaces", "all", "channel", m->opt->channel, "module", "name", name, "size",
		      (json_int_t)res->module_bytes, "sha256", res->module_sha256, "vermagic",
		      vermagic, "signer", m->signer ? sign_key_name(m->signer) : NULL, "modules",
		      take_ptr(modules), "fixes", take_ptr(fixes), "accepted",
		      findings_json(&res->accepted), "warnings", findings_json(&res->warnings),
		      "effective_version", "built", "compiler", m->compiler, "flags_sha256", flags,
		      "source_sha256", source, "oakum", OAK_VERSION, "tested", "withdrawn");
	text = j ? json_text(j) : NULL;
	if (!text)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	return file_write(AT_FDCWD, path, text, strlen(text), 0644, m->err);
}
