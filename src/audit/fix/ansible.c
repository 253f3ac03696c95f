/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ansible: a plan as a playbook. Every text that is not ours is the value of a variable, in double
 * quotes and "!unsafe": Ansible then looks for no expressions in it. Keys of docker's settings are
 * merged on the host that the tasks run on, which may have others.
 */
#include <string.h>

#include "audit/fix/outputs.h"
#include "base/cleanup.h"
#include "host/plain.h"

static const char head[] =
	"# Written by \"oakum audit --fix-plan --ansible\". Read it before you run it.\n"
	"#\n"
	"#     ansible-playbook --check --diff FILE    what would change\n"
	"#     ansible-playbook FILE                   changes it\n"
	"#     ansible-playbook --tags undo FILE       puts back what was on the host of the plan\n"
	"#\n"
	"# Nothing is restarted. oakum_hosts: which hosts; oakum_root: a tree other than /.\n"
	"- name: Oakum audit, fixes\n"
	"  hosts: \"{{ oakum_hosts | default('localhost') }}\"\n"
	"  become: \"{{ oakum_become | default(true) }}\"\n"
	"  gather_facts: false\n"
	"  vars:\n"
	"    oakum_root: \"\"\n"
	"  tasks:\n";

static const char merge_vars[] =
	"        oakum_now: \"{{ oakum_file.content | default('e30=') | b64decode | from_json }}\"\n"
	"        oakum_new: \"{{ oakum_now | combine(oakum_put) | dict2items |\n"
	"          rejectattr('key', 'in', oakum_out) | list | items2dict }}\"\n";

/* A scalar of YAML: JSON's escapes are all among YAML's. */
static int add_unsafe(struct buf *b, const char *text)
{
	_cleanup_(json_decrefp) json_t *j = json_string(text);
	_cleanup_(freep) char *quoted = j ? json_dumps(j, JSON_ENCODE_ANY | JSON_ENSURE_ASCII)
					  : NULL;

	return quoted ? buf_printf(b, "!unsafe %s", quoted) : -1;
}

static int add_var(struct buf *b, const char *name, const char *text)
{
	int r = buf_printf(b, "        %s: ", name);

	if (r == 0)
		r = add_unsafe(b, text);
	return r == 0 ? buf_add_str(b, "\n") : r;
}

/* "    - name: ...", with the tags of the way back. */
static int add_name(struct buf *b, const struct fix_change *c, const char *what, bool undo)
{
	char plain[FIX_PLAIN_MAX];
	int r;

	plain_copy(plain, sizeof(plain), c->path);
	/* A name is looked through for expressions. */
	for (char *p = plain; *p; p++)
		if (strchr("{}\"\\%#", *p))
			*p = '?';
	r = buf_printf(b, "\n    - name: \"%s%s %s, for %s\"\n", undo ? "Undo: " : "", what, plain,
		       buf_str(&c->ids));
	return r == 0 && undo ? buf_add_str(b, "      tags: [never, undo]\n") : r;
}

static int add_vars(struct buf *b, const struct fix_change *c)
{
	int r = buf_add_str(b, "      vars:\n");

	return r == 0 ? add_var(b, "oakum_path", c->path) : r;
}

static int add_text(struct buf *b, const struct fix_change *c, const char *text, bool undo)
{
	int r = add_name(b, c, text ? "Text of" : "No", undo);

	if (r == 0)
		r = add_vars(b, c);
	if (r < 0 || !text)
		return r < 0 ? r
			     : buf_add_str(b, "      ansible.builtin.file:\n"
					      "        path: \"{{ oakum_root }}{{ oakum_path }}\"\n"
					      "        state: absent\n");
	r = add_var(b, "oakum_text", text);
	return r == 0 ? buf_printf(b,
				   "      ansible.builtin.copy:\n"
				   "        dest: \"{{ oakum_root }}{{ oakum_path }}\"\n"
				   "        content: \"{{ oakum_text }}\"\n"
				   "        mode: \"%04o\"\n",
				   c->will.mode)
		      : r;
}

/* Of keys: those that have a value, or the names of those that have none. */
static json_t *part_of(json_t *keys, bool values)
{
	json_t *ret = values ? json_object() : json_array(), *value;
	const char *key;
	int r = 0;

	json_object_foreach(keys, key, value)
	{
		if (values && !json_is_null(value))
			r |= json_object_set(ret, key, value);
		else if (!values && json_is_null(value))
			r |= json_array_append_new(ret, json_string(key));
	}
	if (r == 0)
		return ret;
	json_decref(ret);
	return NULL;
}

/* JSON is YAML; texts that came from the host are in quotes, and marked, as the whole. */
static int add_keys(struct buf *b, const char *name, json_t *keys, bool values)
{
	_cleanup_(json_decrefp) json_t *j = part_of(keys, values);
	_cleanup_(freep) char *text = j ? json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	int r = text ? buf_printf(b, "        %s_json: ", name) : -1;

	if (r == 0)
		r = add_unsafe(b, text);
	return r == 0 ? buf_printf(b, "\n        %s: \"{{ %s_json | from_json }}\"\n", name, name)
		      : r;
}

static int add_docker(struct buf *b, const struct fix_change *c, json_t *keys, bool undo)
{
	int r = add_name(b, c, "Read", undo);

	if (r == 0)
		r = add_vars(b, c);
	if (r == 0)
		r = buf_add_str(b, "      ansible.builtin.slurp:\n"
				   "        src: \"{{ oakum_root }}{{ oakum_path }}\"\n"
				   "      register: oakum_file\n"
				   "      failed_when: false\n");
	if (r == 0)
		r = add_name(b, c, "Keys of", undo);
	if (r == 0)
		r = add_vars(b, c);
	if (r == 0)
		r = add_keys(b, "oakum_put", keys, true);
	if (r == 0)
		r = add_keys(b, "oakum_out", keys, false);
	if (r == 0)
		r = buf_add_str(b, merge_vars);
	/* Only where that makes a difference: else the file is left as people wrote it. */
	return r == 0 ? buf_printf(b,
				   "      ansible.builtin.copy:\n"
				   "        dest: \"{{ oakum_root }}{{ oakum_path }}\"\n"
				   "        content: \"{{ oakum_new | to_nice_json(indent=%u, "
				   "sort_keys=false, ensure_ascii=false) }}\\n\"\n"
				   "      when: oakum_new != oakum_now\n",
				   fix_change_indent(c))
		      : r;
}

static int add_attr(struct buf *b, const struct fix_change *c, const struct fix_attr *a, bool undo)
{
	int r = add_name(b, c, "Owner and mode of", undo);

	if (r == 0)
		r = add_vars(b, c);
	return r == 0 ? buf_printf(b,
				   "      ansible.builtin.file:\n"
				   "        path: \"{{ oakum_root }}{{ oakum_path }}\"\n"
				   "        owner: \"%u\"\n"
				   "        group: \"%u\"\n"
				   "        mode: \"%04o\"\n"
				   "        follow: false\n",
				   a->uid, a->gid, a->mode)
		      : r;
}

static int add_value(struct buf *b, const struct fix_change *c, const char *value, bool undo)
{
	int r = add_name(b, c, "Read", undo);

	if (r == 0)
		r = add_vars(b, c);
	if (r == 0)
		r = buf_add_str(b, "      ansible.builtin.command:\n"
				   "        argv: [cat, \"{{ oakum_root }}{{ oakum_path }}\"]\n"
				   "      register: oakum_value\n"
				   "      changed_when: false\n"
				   "      check_mode: false\n");
	if (r == 0)
		r = add_name(b, c, "Set", undo);
	if (r == 0)
		r = add_vars(b, c);
	if (r == 0)
		r = add_var(b, "oakum_want", value);
	return r == 0 ? buf_add_str(b, "      ansible.builtin.command:\n"
				       "        argv: [tee, \"{{ oakum_root }}{{ oakum_path }}\"]\n"
				       "        stdin: \"{{ oakum_want }}\"\n"
				       "      when: oakum_value.stdout_lines[:1] != [oakum_want]\n"
				       "      changed_when: true\n")
		      : r;
}

static int add_change(struct buf *b, const struct fix_change *c, bool undo)
{
	if (c->kind == FIX_ATTR)
		return add_attr(b, c, undo ? &c->was : &c->will, undo);
	if (c->kind == FIX_VALUE)
		return add_value(b, c, undo ? c->before : c->after, undo);
	/* Where there were no settings at all, none are left. */
	if (c->put && (!undo || c->before))
		return add_docker(b, c, undo ? c->had : c->put, undo);
	return add_text(b, c, undo ? c->before : c->after, undo);
}

static int add_needs(struct buf *b, const struct fix_plan *p)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		const struct fix_change *c = &p->changes[i];

		if (!c->needs)
			continue;
		r = add_name(b, c, "What makes it count:", false);
		if (r == 0)
			r = buf_printf(b,
				       "      ansible.builtin.debug:\n"
				       "        msg: \"afterwards, by you: %s\"\n",
				       c->needs);
	}
	return r;
}

int fix_ansible(const struct fix_plan *p, struct buf *ret, struct oak_error *err)
{
	int r = buf_printf(ret, "---\n# Plan %s\n%s", p->id, head);

	for (size_t i = 0; r == 0 && i < p->n; i++)
		r = add_change(ret, &p->changes[i], false);
	for (size_t i = p->n; r == 0 && i > 0; i--)
		r = add_change(ret, &p->changes[i - 1], true);
	if (r == 0)
		r = p->n ? add_needs(ret, p) : buf_add_str(ret, "    []\n");
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
