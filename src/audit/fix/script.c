/* SPDX-License-Identifier: GPL-2.0-or-later */
/* script: a plan as a script of bash. */
#include <string.h>

#include "audit/fix/outputs.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "host/plain.h"

static const char head[] =
	"#!/bin/bash\n"
	"# Written by \"oakum audit --fix-plan --script\". Read it before you run it.\n"
	"#\n"
	"#     bash SCRIPT apply    nothing, unless all is as it was when the plan was made, or done\n"
	"#     bash SCRIPT undo     puts back what was there; it is kept below /var/lib/oakum\n"
	"#\n"
	"# Nothing is restarted. OAKUM_ROOT: a tree other than /.\n"
	"# shellcheck disable=SC2016,SC2317 # quotes are meant so; not every plan has every kind of change\n"
	"set -eu\n"
	"umask 022\n";

static const char body[] =
	"root=${OAKUM_ROOT-} keep=${OAKUM_ROOT-}/var/lib/oakum/audit-fix-$plan step=\n"
	"\n"
	"die() { # STATUS TEXT\n"
	"    printf '%s\\n' \"$2\" >&2\n"
	"    exit \"$1\"\n"
	"}\n"
	"\n"
	"as_planned() { # PATH NOW BEFORE AFTER\n"
	"    [ \"$2\" = \"$3\" ] || [ \"$2\" = \"$4\" ] ||\n"
	"        die 4 \"$1 was changed by another hand: nothing was done\"\n"
	"}\n"
	"\n"
	"replace() { # FILE: with what is on standard input, its mode and owner kept\n"
	"    local new=${1%/*}/.oakum.$$\n"
	"    cat >\"$new\"\n"
	"    chmod 644 -- \"$new\"\n"
	"    if [ -e \"$1\" ]; then\n"
	"        chown --reference=\"$1\" -- \"$new\"\n"
	"        chmod --reference=\"$1\" -- \"$new\"\n"
	"    fi\n"
	"    sync -- \"$new\"\n"
	"    mv -f -- \"$new\" \"$1\"\n"
	"}\n"
	"\n"
	"# A file's text, which is on standard input; hashes are SHA-256, or \"none\" for no file.\n"
	"text() { # NUMBER PATH BEFORE AFTER\n"
	"    local file=$root$2 now=none\n"
	"    [ ! -L \"$file\" ] || die 4 \"$2 is a link: nothing was done\"\n"
	"    if [ -e \"$file\" ]; then\n"
	"        now=$(sha256sum <\"$file\")\n"
	"        now=${now%% *}\n"
	"    fi\n"
	"    case $step in\n"
	"    check) as_planned \"$2\" \"$now\" \"$3\" \"$4\" ;;\n"
	"    keep) [ \"$now\" = none ] || cp -p -- \"$file\" \"$keep.new/$1\" ;;\n"
	"    apply) [ \"$now\" = \"$4\" ] || replace \"$file\" ;;\n"
	"    undo) if [ -e \"$keep/$1\" ]; then replace \"$file\" <\"$keep/$1\"; else rm -f -- \"$file\"; fi ;;\n"
	"    esac\n"
	"}\n"
	"\n"
	"# \"MODE USER GROUP\" of anything but a link.\n"
	"attributes() { # NUMBER PATH BEFORE AFTER\n"
	"    local file=$root$2 now\n"
	"    [ ! -L \"$file\" ] || die 4 \"$2 is a link: nothing was done\"\n"
	"    if [ ! -e \"$file\" ] && [ -d \"$keep\" ]; then\n"
	"        return # an engine took its socket away since\n"
	"    fi\n"
	"    now=$(stat -c '%a %u %g' -- \"$file\")\n"
	"    case $step in\n"
	"    check)\n"
	"        as_planned \"$2\" \"${now%% *}\" \"${3%% *}\" \"${4%% *}\"\n"
	"        as_planned \"$2\" \"${now#* }\" \"${3#* }\" \"${4#* }\"\n"
	"        ;;\n"
	"    keep) printf '%s\\n' \"$now\" >\"$keep.new/$1\" ;;\n"
	"    apply) set_attributes \"$file\" \"$now\" \"$4\" ;;\n"
	"    undo) set_attributes \"$file\" \"$now\" \"$(cat -- \"$keep/$1\")\" ;;\n"
	"    esac\n"
	"}\n"
	"\n"
	"set_attributes() { # FILE NOW WANTED\n"
	"    local owner=${3#* }\n"
	"    [ \"${2#* }\" = \"$owner\" ] || chown -h -- \"${owner% *}:${owner#* }\" \"$1\"\n"
	"    [ \"$2\" = \"$3\" ] || chmod -- \"${3%% *}\" \"$1\"\n"
	"}\n"
	"\n"
	"# A setting of the running kernel.\n"
	"value() { # NUMBER PATH BEFORE AFTER\n"
	"    local file=$root$2 now\n"
	"    IFS= read -r now <\"$file\" || true\n"
	"    case $step in\n"
	"    check) as_planned \"$2\" \"$now\" \"$3\" \"$4\" ;;\n"
	"    keep) printf '%s\\n' \"$now\" >\"$keep.new/$1\" ;;\n"
	"    apply) [ \"$now\" = \"$4\" ] || printf '%s\\n' \"$4\" >\"$file\" ;;\n"
	"    undo) cat -- \"$keep/$1\" >\"$file\" ;;\n"
	"    esac\n"
	"}\n"
	"\n"
	"changes() { # STEP\n"
	"    step=$1\n";

static const char tail[] = "}\n"
			   "\n"
			   "case ${1-} in\n"
			   "apply)\n"
			   "    changes check\n"
			   "    if [ ! -d \"$keep\" ]; then\n"
			   "        rm -rf -- \"$keep.new\"\n"
			   "        mkdir -p -- \"$keep.new\"\n"
			   "        chmod 700 -- \"$keep.new\"\n"
			   "        changes keep\n"
			   "        sync\n"
			   "        mv -- \"$keep.new\" \"$keep\"\n"
			   "        sync\n"
			   "    fi\n"
			   "    changes apply\n"
			   "    printf '%s\\n' \"$needs\"\n"
			   "    ;;\n"
			   "undo)\n"
			   "    [ -d \"$keep\" ] || die 3 'nothing was applied'\n"
			   "    changes check\n"
			   "    changes undo\n"
			   "    sync\n"
			   "    rm -rf -- \"$keep\"\n"
			   "    ;;\n"
			   "*) die 2 \"usage: bash $0 apply|undo\" ;;\n"
			   "esac\n";

/* One word of the shell, whatever it holds: in single quotes nothing is special but their end. */
static int add_quoted(struct buf *b, const char *text)
{
	int r = buf_add_str(b, "'");

	for (; r == 0 && *text; text++)
		r = *text == '\'' ? buf_add_str(b, "'\\''") : buf_add(b, text, 1);
	return r == 0 ? buf_add_str(b, "'") : r;
}

static int add_hash(struct buf *b, const char *text)
{
	char hash[SHA256_HEX_MAX] = "none";

	if (text)
		sha256_hex(text, strlen(text), hash);
	return buf_printf(b, " %s", hash);
}

/* The plan's id ends the text: what is in the text, the id was made of. */
static int add_text(struct buf *b, const struct fix_plan *p, const struct fix_change *c)
{
	size_t len = strlen(c->after);
	int r = add_hash(b, c->before);

	if (r == 0)
		r = add_hash(b, c->after);
	return r == 0 ? buf_printf(b, " <<'END_%s'\n%s%sEND_%s\n", p->id, c->after,
				   len && c->after[len - 1] == '\n' ? "" : "\n", p->id)
		      : r;
}

static int add_attr(struct buf *b, const struct fix_attr *a)
{
	return buf_printf(b, " '%o %u %u'", a->mode, a->uid, a->gid);
}

static int add_change(struct buf *b, const struct fix_plan *p, size_t i)
{
	const struct fix_change *c = &p->changes[i];
	int r = buf_printf(b, "\n    # %s\n    %s %zu ", buf_str(&c->ids),
			   fix_change_kind_name(c->kind), i);

	if (r == 0)
		r = add_quoted(b, c->path);
	if (r < 0 || c->kind == FIX_TEXT)
		return r < 0 ? r : add_text(b, p, c);
	if (c->kind == FIX_ATTR) {
		r = add_attr(b, &c->was);
		if (r == 0)
			r = add_attr(b, &c->will);
		return r == 0 ? buf_add_str(b, "\n") : r;
	}
	r = buf_add_str(b, " ");
	if (r == 0)
		r = add_quoted(b, c->before);
	if (r == 0)
		r = buf_add_str(b, " ");
	if (r == 0)
		r = add_quoted(b, c->after);
	return r == 0 ? buf_add_str(b, "\n") : r;
}

static int add_needs(struct buf *b, const struct fix_plan *p)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = buf_printf(&text, "%zu changes are in place", p->n);

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		char plain[FIX_PLAIN_MAX];

		plain_copy(plain, sizeof(plain), p->changes[i].path);
		if (p->changes[i].needs)
			r = buf_printf(&text, "\n%s counts after: %s", plain, p->changes[i].needs);
	}
	if (r == 0)
		r = buf_printf(b, "plan=%s needs=", p->id);
	if (r == 0)
		r = add_quoted(b, buf_str(&text));
	return r == 0 ? buf_add_str(b, "\n") : r;
}

int fix_script(const struct fix_plan *p, struct buf *ret, struct oak_error *err)
{
	int r = buf_add_str(ret, head);

	if (r == 0)
		r = add_needs(ret, p);
	if (r == 0)
		r = buf_add_str(ret, body);
	for (size_t i = 0; r == 0 && i < p->n; i++)
		r = add_change(ret, p, i);
	if (r == 0)
		r = buf_add_str(ret, tail);
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
