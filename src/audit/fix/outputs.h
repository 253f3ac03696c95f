/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outputs: a plan for other hands: a script of bash, tasks of Ansible, a document. Paths and texts may
 * hold anything; they are quoted, and never become code. Shape: docs/formats/fix-plan.md.
 */
#ifndef OAK_AUDIT_FIX_OUTPUTS_H
#define OAK_AUDIT_FIX_OUTPUTS_H

#include "audit/fix/plan.h"

/* "SCRIPT apply", "SCRIPT undo"; changes nothing where a file is neither as before nor as after. */
int fix_script(const struct fix_plan *p, struct buf *ret, struct oak_error *err) _must_check_;

/* A playbook of modules of ansible.builtin alone; "--tags undo" takes back. */
int fix_ansible(const struct fix_plan *p, struct buf *ret, struct oak_error *err) _must_check_;

/* NULL when out of memory. */
json_t *fix_plan_json(const struct fix_plan *p, const char *diff);

#endif
