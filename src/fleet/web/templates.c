/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The templates of web/templates; web/templates-to-c.sh makes their rows. */
#include "fleet/web/template.h"

const struct template_text web_templates[] = {
#include "fleet/templates.inc"
	{ NULL, NULL },
};
