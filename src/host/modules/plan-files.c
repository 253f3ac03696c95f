/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/plan-files.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/modules/textdiff.h"

/* Below /etc; the second component is what --out writes below its own directory. */
static const char *const paths[PLAN_FILES] = {
	"etc/modprobe.d/" PLAN_BLOCK_FILE,
	"etc/modules-load.d/" USAGE_OWN_FILE,
};

const char *plan_file_path(unsigned i)
{
	return paths[i];
}

static int add_block(const struct plan_item *item, const struct module_tree *t,
		     const struct reach_map *reach, struct buf *ret)
{
	const struct reach *r = &reach->of[item->module];
	const char *name = t->modules[item->module].name;
	char asked[96] = "named by hand";
	bool soft = false;

	/* Where a module has soft dependencies modprobe heeds no install line: take them away. */
	for (size_t i = 0; i < t->n_softdeps; i++)
		soft |= t->softdeps[i].from == item->module;

	if (r->ways)
		word_copy(asked, sizeof(asked), (struct word){ r->asked, strlen(r->asked) });
	return buf_printf(ret, "\n# %s: %s\nblacklist %s\n%s%s%sinstall %s /bin/false\n",
			  r->ways ? gate_name(reach_gate_of(r->ways)) : "block", asked, name,
			  soft ? "softdep " : "", soft ? name : "", soft ? " pre:\n" : "", name);
}

static void hand_out(struct plan_files *from, struct plan_files *to)
{
	*to = *from;
	*from = (struct plan_files){ 0 };
}

int plan_files_make(const struct module_plan *p, const struct module_tree *t,
		    const struct reach_map *reach, struct plan_files *ret, struct oak_error *err)
{
	_cleanup_(plan_files_free) struct plan_files f = { 0 };
	int r = buf_add_str(
		&f.text[0],
		"# Written by \"oakum modules plan --apply\"; \"--undo\" takes it back.\n"
		"# What a user or a container could have the kernel load, and nothing on\n"
		"# this host needs. Live patches are loaded as before.\n");

	if (r == 0)
		r = buf_add_str(&f.text[1],
				"# Written by \"oakum modules plan --apply\"; \"--undo\" takes it "
				"back.\n# In use on this host, and loaded on demand so far.\n");
	for (size_t i = 0; r == 0 && i < p->n; i++) {
		if (p->items[i].why == PLAN_BLOCK)
			r = add_block(&p->items[i], t, reach, &f.text[0]);
		else if (p->items[i].load)
			r = buf_printf(&f.text[1], "%s\n", t->modules[p->items[i].module].name);
	}
	if (r < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	hand_out(&f, ret);
	return 0;
}

void plan_files_free(struct plan_files *f)
{
	for (unsigned i = 0; i < PLAN_FILES; i++)
		buf_free(&f->text[i]);
}

int plan_files_diff(int root, const struct plan_files *f, struct buf *ret, struct oak_error *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < PLAN_FILES; i++) {
		_cleanup_(buf_free) struct buf old = { 0 };
		struct textdiff d = { .old_name = paths[i],
				      .new_name = paths[i],
				      .new_text = buf_str(&f->text[i]) };

		r = file_read(root, paths[i], PLAN_FILE_MAX, &old, err);
		if (r == -OAK_E_NOTFOUND)
			r = 0;
		else if (r == 0)
			d.old_text = buf_str(&old);
		if (r == 0)
			r = textdiff(&d, ret, err);
	}
	return r;
}

int plan_files_write(int dir, const struct plan_files *f, struct oak_error *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < PLAN_FILES; i++) {
		const char *path = paths[i] + strlen("etc/");
		_cleanup_(freep) char *parent = strndup(path, (size_t)(strchr(path, '/') - path));

		if (!parent)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		r = dir_make(dir, parent, err);
		if (r == 0)
			r = file_write(dir, path, f->text[i].data, f->text[i].len, 0644, err);
	}
	return r;
}
