/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first byte picks the role. Success means complete: every getter has its value in range,
 * the text can be written and reads back as the same, and the date is the one of the text.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "trust/date.h"
#include "trust/metadata.h"
#include "trust/safe-name.h"
#include "trust/signers.h"
#include "trust/target.h"

static void check_root(const struct metadata *m, struct oak_error *err)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		FUZZ_CHECK(metadata_signers(m, role)->threshold >= 1);
	/* Only the genuine seed verifies itself; for the rest there is a reason. */
	if (metadata_verify(m, metadata_signers(m, TUF_ROOT), err) < 0)
		FUZZ_CHECK(err->code == OAK_E_TRUST || err->code == OAK_E_FORMAT);
}

static void check_targets(const struct metadata *m)
{
	struct tuf_target_iter it = { 0 };
	struct tuf_target t;
	size_t n = 0;

	while (target_next(metadata_targets(m), &it, &t)) {
		_cleanup_(freep) char *file = target_file(&t, true);

		FUZZ_CHECK(file && file[0] != '/' && !strstr(file, "/../"));
		FUZZ_CHECK(strncmp(file, "../", 3) != 0);
		FUZZ_CHECK(t.hashes.sha256 || t.hashes.sha512);
		n++;
	}
	FUZZ_CHECK(n == json_object_size(metadata_targets(m)));
}

static void check_delegation(const struct delegations *ds, const struct delegation *d)
{
	_cleanup_(buf_free) struct buf file = { 0 };

	FUZZ_CHECK(d->signers == delegations_signers(ds, d->name));
	FUZZ_CHECK(d->signers->threshold >= 1);
	FUZZ_CHECK(safe_file_name(d->name, ".json", &file) == 0);
	FUZZ_CHECK(!strchr(buf_str(&file), '/') && file.len < 250);
	FUZZ_CHECK(file.data[0] != '.');
}

/* What a host that looks for a path does with them, whoever wrote them. */
static void check_delegations(const struct delegations *ds)
{
	static const char *const paths[] = { "a", "kernels/x86_64/one", "dir/sub/file.zip" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct delegation_iter it = { 0 };
		struct delegation d;
		size_t n = 0;

		for (; delegations_next(ds, paths[i], &it, &d); n++)
			check_delegation(ds, &d);
		FUZZ_CHECK(n <= (ds->succinct.bits ? 1 : ds->n));
	}
}

static void check_text(const struct metadata *m)
{
	_cleanup_(metadata_freep) struct metadata *again = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };
	enum tuf_role role = metadata_role(m);

	FUZZ_CHECK(metadata_text(m, &text, &err) == 0);
	if (text.len > tuf_role_max_bytes(role))
		return;
	FUZZ_CHECK(metadata_parse(role, text.data, text.len, "again", &again, &err) == 0);
	FUZZ_CHECK(metadata_version(again) == metadata_version(m));
	FUZZ_CHECK(json_equal(metadata_signed(again), metadata_signed(m)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	struct oak_error err = { .code = OAK_OK };
	enum tuf_role role = TUF_ROOT;
	char expires[DATE_TEXT_MAX];
	int r;

	if (size == 0)
		return 0;
	role += data[0] % TUF_ROLES;
	r = metadata_parse(role, data + 1, size - 1, "input", &m, &err);
	FUZZ_CHECK((r == 0) == (m != NULL));
	if (!m) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		FUZZ_CHECK(strncmp(err.msg, "input: ", 7) == 0);
		return 0;
	}
	FUZZ_CHECK(metadata_role(m) == role && metadata_version(m) >= 1);
	date_format(metadata_expires_s(m), expires);
	FUZZ_CHECK(strcmp(expires, metadata_expires(m)) == 0);
	if (role == TUF_ROOT)
		check_root(m, &err);
	if (role == TUF_TARGETS)
		check_targets(m);
	if (role == TUF_TARGETS && metadata_delegations(m))
		check_delegations(metadata_delegations(m));
	check_text(m);
	return 0;
}
