/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an auditor is given: a document, an envelope, evidence, a history, a key. What is taken is
 * sorted, bounded and of known words; nothing that is not whole is taken.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/vex/evidence.h"
#include "host/vex/read.h"
#include "host/vex/signing.h"

static void document(const uint8_t *data, size_t size)
{
	_cleanup_(vex_document_free) struct vex_document d = { .n = 0 };
	struct oak_error err = { .code = OAK_OK };

	if (vex_document_parse(data, size, "d", &d, &err) < 0) {
		FUZZ_CHECK(err.msg[0] && !d.v);
		return;
	}
	FUZZ_CHECK(d.version && d.format < VEX_OVAL && strlen(d.product) < PURL_MAX);
	for (size_t i = 0; i < d.n; i++) {
		FUZZ_CHECK(d.v[i].status < VEX_STATUSES);
		FUZZ_CHECK(d.v[i].justification < VEX_JUSTIFICATIONS);
		FUZZ_CHECK((d.v[i].status == VEX_NOT_AFFECTED) ==
			   (d.v[i].justification != VEX_JUSTIFICATION_NONE));
		FUZZ_CHECK(vex_document_find(&d, d.v[i].year, d.v[i].number) == &d.v[i]);
	}
}

static void envelope(const uint8_t *data, size_t size)
{
	static const struct vex_public nobody = { .id = "" };
	_cleanup_(envelope_free) struct vex_envelope e = { .type = "" };
	_cleanup_(evidence_free) struct evidence ev = { .doc = NULL };
	struct oak_error err = { .code = OAK_OK };

	if (envelope_parse(data, size, &e, &err) < 0) {
		FUZZ_CHECK(err.msg[0] && !e.payload.data);
		return;
	}
	FUZZ_CHECK(e.type[0] && strlen(e.key_id) < SHA256_HEX_MAX && e.payload.len <= size);
	FUZZ_CHECK(envelope_verify(&e, &nobody, &err) < 0);
	if (evidence_parse(e.payload.data, e.payload.len, &ev, &err) == 0)
		FUZZ_CHECK(ev.build_id && (!ev.level || (ev.state && ev.fixes)));
}

static void rest(const uint8_t *data, size_t size)
{
	_cleanup_(history_free) struct vex_history h = { .series = 0 };
	_cleanup_(evidence_free) struct evidence ev = { .doc = NULL };
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	struct vex_public p;
	struct oak_error err = { .code = OAK_OK };

	if (history_parse(data, size, &h, &err) == 0)
		FUZZ_CHECK(h.series && h.n <= VEX_REVISIONS_MAX);
	if (evidence_parse(data, size, &ev, &err) == 0)
		FUZZ_CHECK(!evidence_has(&ev, ""));
	if (text && vex_public_parse(text, &p, &err) == 0)
		FUZZ_CHECK(strlen(p.id) == SHA256_HEX_MAX - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	document(data, size);
	envelope(data, size);
	rest(data, size);
	return 0;
}
