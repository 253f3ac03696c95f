/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/picture.h"

#include "base/cleanup.h"

static void withheld_free(struct picture_withheld *w)
{
	for (size_t i = 0; i < w->n_cves; i++)
		free(w->cves[i]);
	free(w->cves);
}

void picture_clear(struct picture *p)
{
	for (size_t i = 0; i < p->n_withheld; i++)
		withheld_free(&p->withheld[i]);
	free(p->withheld);
	json_decref(p->mitigations);
	manifest_free(p->manifest);
	settings_free(&p->settings);
	host_clear(&p->host);
	*p = (struct picture){ 0 };
}

const char *picture_effective_version(const struct picture *p)
{
	if (p->manifest && p->state == LEVEL_APPLIED && p->manifest->effective_version)
		return p->manifest->effective_version;
	return p->host.id.release;
}
