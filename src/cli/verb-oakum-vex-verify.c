/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum vex verify: from a statement to the kernel's own evidence. */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "cli/vex-chain.h"

#define PUBLIC_MAX 4096u

enum {
	KEY = OAKUM_ROOT + 1,
	ENVELOPE,
	HOST_EVIDENCE,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	[KEY] = { .name = "key",
		  .arg = "FILE",
		  .help = "the host's public key; otherwise /" VEX_PUBLIC_PATH },
	[ENVELOPE] = { .name = "envelope",
		       .arg = "FILE",
		       .help = "what was signed; otherwise vex.dsse.json beside the document" },
	[HOST_EVIDENCE] = { .name = "host-evidence",
			    .help = "fail where it cannot be compared with the kernel that runs" },
	{ .name = NULL },
};

static char *beside(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *s;

	return asprintf(&s, "%.*svex.dsse.json", slash ? (int)(slash + 1 - path) : 0, path) < 0
		       ? NULL
		       : s;
}

static int read_key(int root, const char *file, struct vex_public *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(file ? AT_FDCWD : root, file ? file : VEX_PUBLIC_PATH, PUBLIC_MAX, &text,
			  err);

	if (r == -OAK_E_NOTFOUND && !file)
		return oak_fail(err, OAK_E_NOTFOUND,
				"no public key: give the host's with --key "
				"(on that host: oakum vex --public-key)");
	if (r == 0)
		r = vex_public_parse(buf_str(&text), ret, err);
	return r < 0 && file ? oak_context(err, "%s", file) : r;
}

/* The envelope, its signature, what was signed. */
static int read_envelope(int root, const struct cli_args *args, struct vex_audit *a,
			 struct oak_error *err)
{
	const char *given = cli_value(args, ENVELOPE, NULL);
	_cleanup_(freep) char *path = given ? strdup(given) : beside(args->v[0]);
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = read_key(root, cli_value(args, KEY, NULL), &a->key, err);

	if (r == 0 && !path)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r == 0)
		r = file_read(AT_FDCWD, path, ENVELOPE_BYTES_MAX, &text, err);
	if (r == 0)
		r = envelope_parse(text.data, text.len, &a->envelope, err);
	if (r == 0)
		r = envelope_verify(&a->envelope, &a->key, err);
	if (r == 0 && strcmp(a->envelope.type, EVIDENCE_TYPE) != 0)
		r = oak_fail(err, OAK_E_FORMAT, "a signature over something else: %s",
			     a->envelope.type);
	return r < 0 ? r
		     : evidence_parse(a->envelope.payload.data, a->envelope.payload.len,
				      &a->evidence, err);
}

static int read_document(const char *path, struct vex_audit *a, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char sha256[SHA256_HEX_MAX];
	int r = file_read(AT_FDCWD, path, VEX_DOCUMENT_MAX, &text, err);

	if (r < 0)
		return r;
	sha256_hex(text.data, text.len, sha256);
	if (!evidence_has(&a->evidence, sha256))
		return oak_fail(err, OAK_E_TRUST,
				"%s: not what was signed: it was changed, or is of another moment "
				"than its envelope",
				path);
	r = vex_document_parse(text.data, text.len, path, &a->document, err);
	if (r == 0 && strcmp(a->document.product, a->evidence.product) != 0)
		r = oak_fail(err, OAK_E_TRUST, "%s: of %s, but the evidence is of %s", path,
			     a->document.product, a->evidence.product);
	return r;
}

/* The same question anew, where the kernel of the document runs. */
static int ask_host(int root, const struct cli_args *args, struct vex_audit *a,
		    struct oak_error *err)
{
	const struct vex_wanted w = { .all = false };
	struct oak_error why;
	int r = vex_take(root, &w, &a->now, &why);

	a->here = r == 0 && a->evidence.build_id[0] &&
		  strcmp(a->now.vex.build_id, a->evidence.build_id) == 0;
	if (a->here || !args->opt[HOST_EVIDENCE].n)
		return 0;
	if (r < 0)
		return oak_fail(err, why.code, "%s", why.msg);
	return oak_fail(err, OAK_E_REFUSED,
			"build-id %s is not the kernel that runs here: ask on that host",
			a->evidence.build_id);
}

static json_t *document(struct vex_audit *a)
{
	const struct evidence *e = &a->evidence;
	json_t *differences = vex_differences(a);

	return json_pack("{s:{s:s}, s:{s:s, s:I, s:I, s:s}, s:{s:s, s:s, s:s?, s:I}, s:b, s:o, s:o}",
			 "signature", "key_id", a->key.id, "document", "format",
			 vex_format_name(a->document.format), "version",
			 (json_int_t)a->document.version, "statements", (json_int_t)a->document.n,
			 "product", a->document.product, "evidence", "build_id", e->build_id,
			 "release", e->release, "database", e->database, "level",
			 (json_int_t)e->level, "compared_with_host", a->here, "differences",
			 differences, "chain", vex_chain(a));
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(vex_audit_clear) struct vex_audit a = { .here = false };
	_cleanup_(closep) int root = -1;
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const char *root_path;
	int r = oakum_open_root(args, &root, &root_path, err);

	if (r == 0)
		r = read_envelope(root, args, &a, err);
	if (r == 0)
		r = read_document(args->v[0], &a, err);
	if (r == 0)
		r = ask_host(root, args, &a, err);
	if (r < 0)
		return oakum_finish(cli, json_object(), "verified", r, err);
	doc = document(&a);
	if (!doc)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (a.differences)
		r = oak_fail(err, OAK_E_FAILED,
			     "%zu statements are not so at this moment; 'oakum vex --write' states "
			     "what is",
			     a.differences);
	if (cli->json)
		return oakum_finish(cli, take_ptr(doc), "verified", r, err);
	vex_print_audit(cli, &a, doc);
	return r;
}

const struct verb verb_oakum_vex_verify = {
	.name = "vex verify",
	.args = "FILE",
	.help = "check a VEX document: who signed it, what it rests on, whether it is so now",
	.more = "Checks the signature, that FILE is what was signed, and its form. Where the kernel of\n"
		"the document runs, each statement is compared with this moment. What a level closes\n"
		"is followed down: level, manifest, functions that sysfs shows. Exit 1: not so.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
