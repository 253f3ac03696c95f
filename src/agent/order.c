/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/plain.h"

#define MAGIC 0x4f414b31u /* "OAK1" */

static bool put(char *ret, size_t size, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len >= size)
		return false;
	memcpy(ret, text ? text : "", len + 1);
	return true;
}
#define PUT(field, text) put(field, sizeof(field), text)

static int too_long(const char *what, struct oak_error *err)
{
	return oak_fail(err, OAK_E_TOOLARGE, "the manifest's %s does not fit an order", what);
}

static int pack_function(const struct manifest_function *f, struct buf *ret, struct oak_error *err)
{
	struct order_function rec = { .sympos = f->sympos, .address = f->address };

	if (!PUT(rec.object, f->object) || !PUT(rec.name, f->name))
		return too_long("name of a function", err);
	return buf_add(ret, &rec, sizeof(rec)) < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory")
						   : 0;
}

static int pack_functions(const struct manifest *m, struct buf *ret, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_fixes; i++)
		for (size_t k = 0; r == 0 && k < m->fixes[i].n_functions; k++)
			r = pack_function(&m->fixes[i].functions[k], ret, err);
	return r;
}

static int pack_objects(const struct manifest *m, struct buf *ret, struct oak_error *err)
{
	for (size_t i = 0; i < m->n_modules; i++) {
		struct order_object rec = { 0 };

		if (!PUT(rec.name, m->modules[i].name) || !PUT(rec.build_id, m->modules[i].build_id))
			return too_long("list of modules", err);
		if (buf_add(ret, &rec, sizeof(rec)) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return 0;
}

static int pack_cves(const struct manifest *m, struct buf *ret, struct oak_error *err)
{
	for (size_t i = 0; i < m->n_fixes; i++) {
		for (size_t k = 0; k < m->fixes[i].n_cve; k++) {
			char rec[ORDER_WORD_MAX] = { 0 };

			if (!PUT(rec, m->fixes[i].cve[k]))
				return too_long("list of CVEs", err);
			if (buf_add(ret, rec, sizeof(rec)) < 0)
				return oak_fail(err, OAK_E_NOMEM, "out of memory");
		}
	}
	return 0;
}

int order_pack(const struct manifest *m, struct buf *ret, struct oak_error *err)
{
	struct order_head head = { .magic = MAGIC,
				   .level = m->level,
				   .withdrawn = m->withdrawn,
				   .module_size = m->module.size };
	size_t n_functions = 0, n_cves = 0;
	int r;

	for (size_t i = 0; i < m->n_fixes; i++) {
		n_functions += m->fixes[i].n_functions;
		n_cves += m->fixes[i].n_cve;
	}
	if (n_functions > ORDER_COUNT_MAX || n_cves > ORDER_COUNT_MAX ||
	    m->n_modules > ORDER_COUNT_MAX)
		return too_long("number of functions or CVEs", err);
	head.n_functions = (uint32_t)n_functions;
	head.n_objects = (uint32_t)m->n_modules;
	head.n_cves = (uint32_t)n_cves;
	if (!PUT(head.module_sha256, m->module.sha256) || !PUT(head.build_id, m->kernel.build_id) ||
	    !PUT(head.module_name, m->module.name) || !PUT(head.signer, m->module.signer) ||
	    !PUT(head.channel, m->channel) || !PUT(head.release, m->kernel.release) ||
	    !PUT(head.effective_version, m->effective_version))
		return too_long("head", err);
	if (buf_add(ret, &head, sizeof(head)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = pack_functions(m, ret, err);
	if (r == 0)
		r = pack_objects(m, ret, err);
	return r < 0 ? r : pack_cves(m, ret, err);
}

#define IS_TEXT(field) plain_is(field, sizeof(field))

static bool is_word(const char *p, size_t size)
{
	return plain_is(p, size) && p[0] && !strpbrk(p, " /");
}
#define IS_WORD(field) is_word(field, sizeof(field))

static bool is_hex(const char *p, size_t digits)
{
	return strspn(p, "0123456789abcdef") == digits && p[digits] == '\0';
}

static bool head_is_good(const struct order_head *h)
{
	char name[ORDER_WORD_MAX];

	(void)snprintf(name, sizeof(name), "oakum_%u", h->level);
	return h->magic == MAGIC && h->level >= 1 && h->level <= MANIFEST_LEVEL_MAX &&
	       h->n_functions >= 1 && h->n_functions <= ORDER_COUNT_MAX && h->withdrawn <= 1 &&
	       h->n_objects <= ORDER_COUNT_MAX && h->n_cves <= ORDER_COUNT_MAX &&
	       h->module_size >= 1 && h->module_size <= MANIFEST_MODULE_MAX &&
	       IS_TEXT(h->module_sha256) && is_hex(h->module_sha256, 64) && IS_TEXT(h->build_id) &&
	       is_hex(h->build_id, 40) && IS_WORD(h->module_name) &&
	       strcmp(h->module_name, name) == 0 && IS_TEXT(h->signer) && IS_WORD(h->channel) &&
	       IS_TEXT(h->release) && IS_TEXT(h->effective_version);
}

static size_t size_of(const struct order_head *h)
{
	return sizeof(*h) + h->n_functions * sizeof(struct order_function) +
	       h->n_objects * sizeof(struct order_object) + (size_t)h->n_cves * ORDER_WORD_MAX;
}

/* Each returns the end of its records, or NULL. */
static const uint8_t *take_functions(const uint8_t *p, struct order *o, uint32_t n)
{
	o->fix.functions = calloc(n, sizeof(*o->fix.functions));
	for (uint32_t i = 0; o->fix.functions && i < n; i++, p += sizeof(struct order_function)) {
		const struct order_function *rec = (const void *)p;

		if (!IS_WORD(rec->object) || !IS_WORD(rec->name))
			return NULL;
		o->fix.functions[i] = (struct manifest_function){ .object = rec->object,
								  .name = rec->name,
								  .sympos = rec->sympos,
								  .address = rec->address,
								  .proof = "" };
		o->fix.n_functions++;
	}
	return o->fix.functions ? p : NULL;
}

static const uint8_t *take_objects(const uint8_t *p, struct order *o, uint32_t n)
{
	o->m.modules = calloc(n ? n : 1, sizeof(*o->m.modules));
	for (uint32_t i = 0; o->m.modules && i < n; i++, p += sizeof(struct order_object)) {
		const struct order_object *rec = (const void *)p;

		if (!IS_WORD(rec->name) || !IS_WORD(rec->build_id) || !is_hex(rec->build_id, 40))
			return NULL;
		o->m.modules[i] = (struct manifest_object){ rec->name, rec->build_id };
		o->m.n_modules++;
	}
	return o->m.modules ? p : NULL;
}

static const uint8_t *take_cves(const uint8_t *p, struct order *o, uint32_t n)
{
	o->fix.cve = calloc(n ? n : 1, sizeof(*o->fix.cve));
	for (uint32_t i = 0; o->fix.cve && i < n; i++, p += ORDER_WORD_MAX) {
		if (!is_word((const char *)p, ORDER_WORD_MAX))
			return NULL;
		o->fix.cve[i] = (const char *)p;
		o->fix.n_cve++;
	}
	return o->fix.cve ? p : NULL;
}

static void fill_head(const struct order_head *h, struct order *o)
{
	o->fix.id = o->fix.title = o->fix.patch_sha256 = "";
	o->m.level = h->level;
	o->m.withdrawn = h->withdrawn;
	o->m.channel = h->channel;
	o->m.kernel.build_id = h->build_id;
	o->m.kernel.release = h->release;
	o->m.kernel.arch = o->m.kernel.distribution = o->m.kernel.package_version = "";
	o->m.module.name = h->module_name;
	o->m.module.size = h->module_size;
	o->m.module.sha256 = h->module_sha256;
	o->m.module.vermagic = "";
	o->m.module.signer = h->signer[0] ? h->signer : NULL;
	o->m.effective_version = h->effective_version[0] ? h->effective_version : NULL;
	o->m.fixes = &o->fix;
	o->m.n_fixes = 1;
}

int order_unpack(struct buf *bytes, struct order *ret, struct oak_error *err)
{
	const struct order_head *h = (const void *)bytes->data;
	const uint8_t *p;

	*ret = (struct order){ .bytes = *bytes };
	*bytes = (struct buf){ 0 };
	if (ret->bytes.len < sizeof(*h) || !head_is_good(h) || ret->bytes.len != size_of(h))
		return oak_fail(err, OAK_E_FORMAT, "the worker's order is malformed");
	fill_head(h, ret);
	p = take_functions(ret->bytes.data + sizeof(*h), ret, h->n_functions);
	if (p)
		p = take_objects(p, ret, h->n_objects);
	if (p)
		p = take_cves(p, ret, h->n_cves);
	return p ? 0 : oak_fail(err, OAK_E_FORMAT, "a record of the worker's order is malformed");
}

void order_clear(struct order *o)
{
	free(o->fix.functions);
	free((void *)o->fix.cve);
	free(o->m.modules);
	buf_free(&o->bytes);
	*o = (struct order){ 0 };
}
