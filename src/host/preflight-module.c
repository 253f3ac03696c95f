/* SPDX-License-Identifier: GPL-2.0-or-later */
/* preflight-module: whether the kernel takes the level's module, and the modules it patches. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/module-build.h"
#include "host/preflight-priv.h"
#include "host/trusted-keys.h"

void preflight_withdrawn(const struct preflight_subject *s, struct preflight_row *row)
{
	if (s->m->withdrawn)
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
			      "level %u was withdrawn by its publisher", s->m->level);
	else
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "not withdrawn");
}

void preflight_modules(const struct preflight_subject *s, struct preflight_row *row)
{
	if (s->h->id.modules_disabled)
		preflight_say(
			row, PREFLIGHT_FAIL, OAK_E_PERMISSION,
			"kernel.modules_disabled is 1: no module, and so no level, can be loaded before "
			"the next boot; use kernel.modprobe=\"\" and signed modules instead");
	else
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "modules can be loaded");
}

/* By the certificate's name: whether it is in a keyring that counts only the load itself shows. */
static void judge_signer(const struct preflight_subject *s, const char *why,
			 struct preflight_row *row)
{
	const char *signer = s->m->module.signer;

	switch (trusted_keys_read(s->h->root, signer)) {
	case TRUSTED_KEY_PRESENT:
		preflight_say(row, PREFLIGHT_PASS, OAK_OK,
			      "signed by '%s', a certificate that the kernel holds", signer);
		break;
	case TRUSTED_KEY_MISSING:
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_PERMISSION,
			      "level %u is signed by '%s', which is not among the kernel's "
			      "certificates, and %s: enrol it (mokutil --import) and boot once",
			      s->m->level, signer, why);
		break;
	case TRUSTED_KEY_UNKNOWN:
		preflight_say(row, PREFLIGHT_WARN, OAK_OK,
			      "signed by '%s'; the kernel takes it only if it knows that key: %s",
			      signer, why);
		break;
	}
}

void preflight_signature(const struct preflight_subject *s, struct preflight_row *row)
{
	const struct identity *id = &s->h->id;
	const char *why = id->lockdown != LOCKDOWN_NONE ? "the kernel is locked down"
							: "module.sig_enforce is set";

	if (!id->sig_enforce && id->lockdown == LOCKDOWN_NONE)
		preflight_say(row, PREFLIGHT_PASS, OAK_OK,
			      "the kernel does not insist on a signature");
	else if (!s->m)
		preflight_say(row, PREFLIGHT_WARN, OAK_OK, "only signed levels can be loaded: %s",
			      why);
	else if (s->m->module.signer)
		judge_signer(s, why, row);
	else
		preflight_say(
			row, PREFLIGHT_FAIL, OAK_E_PERMISSION,
			"level %u is not signed, and %s: use levels signed with a key that is enrolled "
			"on this host (mokutil --import)",
			s->m->level, why);
}

/*
 * The proof is of the module that was shipped. One that is loaded must be that one; so must the
 * file that would be loaded, for the level is there when it comes.
 */
static void judge_module(const struct preflight_subject *s, const struct manifest_object *o,
			 struct preflight_row *row)
{
	struct module_build b;

	module_build_read(s->h->root, s->h->id.release, o->name, &b);
	if (b.state == MODULE_ABSENT)
		return;
	if (b.state == MODULE_UNKNOWN && row->verdict == PREFLIGHT_PASS)
		preflight_say(row, PREFLIGHT_UNKNOWN, OAK_OK,
			      "which build of module %s is on this host cannot be read: %s",
			      o->name, b.why);
	else if (b.state != MODULE_UNKNOWN && strcmp(b.build_id, o->build_id) != 0)
		preflight_say(
			row, PREFLIGHT_FAIL, OAK_E_REFUSED,
			"module %s %s is build %s, level %u was proven against build %s: put the "
			"distribution's module back (dkms status, /lib/modules/%s/updates)",
			o->name, b.state == MODULE_LOADED ? "as it is loaded" : "in /lib/modules",
			b.build_id, s->m->level, o->build_id, s->h->id.release);
}

void preflight_module_builds(const struct preflight_subject *s, struct preflight_row *row)
{
	preflight_say(row, PREFLIGHT_PASS, OAK_OK,
		      "modules that the level patches are those that it knows");
	for (size_t i = 0; i < s->m->n_modules && row->verdict != PREFLIGHT_FAIL; i++)
		judge_module(s, &s->m->modules[i], row);
}
