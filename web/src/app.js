/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes the pages alive. Without any of it they work as well: links, forms, a new page each time. */
import { startCharts } from "./chart.js";
import { startConfirm } from "./confirm.js";
import { startCopy } from "./copy.js";
import { startFilters } from "./filter.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startTheme } from "./theme.js";

startTheme();
startCharts();
startConfirm();
startCopy();
startFilters();
startKeys();
startLive();
