/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table[data-chart]: drawn above itself. The first column is time (its cells have data-at, seconds since the
 * epoch), each further one a series; a head's data-tone names its colour: critical high medium low good warn bad busy
 * off. data-chart is "lines" or "stack". The table is what a screen reader reads; it stays below, in <details>.
 */
import uPlot from "uplot";
import { afterRefresh } from "./refresh.js";

const fills = { critical: "--critical", high: "--bad-fill", medium: "--warn-fill", low: "--busy-fill" };
const drawn = new Map(); /* the table's id: { box, plot, data } */

function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function toneColour(tone) {
	return colour(fills[tone] || `--${tone || "busy"}-fill`) || colour("--accent");
}

function read(table) {
	const heads = [...table.tHead.rows[0].cells].slice(1);
	const rows = [...table.tBodies[0].rows].map((tr) => [...tr.cells].map((cell, i) =>
		Number(i === 0 ? cell.dataset.at ?? cell.firstElementChild?.dataset.at : cell.dataset.n ?? cell.textContent.replace(/[^\d.-]/g, ""))));

	rows.sort((a, b) => a[0] - b[0]);
	return {
		stack: table.dataset.chart === "stack",
		names: heads.map((th) => th.textContent.trim()),
		tones: heads.map((th) => th.dataset.tone),
		columns: [0, ...heads.keys()].map((_, i) => rows.map((row) => row[i])),
		raw: JSON.stringify(rows),
	};
}

/* Each series stands on the one after it: the most severe, first, is on top. */
function stacked(columns) {
	const sums = columns.map((column) => [...column]);

	for (let i = sums.length - 2; i >= 1; i--)
		sums[i].forEach((_, k) => { sums[i][k] += sums[i + 1][k]; });
	return sums;
}

function options(shape, width) {
	const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
	const date = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });

	return {
		width,
		height: 190,
		legend: { show: false },
		cursor: { y: false, points: { size: 6 } },
		scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high * 1.05)] } },
		axes: [
			{ ...axis, values: (_, ticks) => ticks.map((t) => date.format(t * 1000)), space: 70 },
			{ ...axis, size: 52, values: (_, ticks) => ticks.map((t) => t.toLocaleString("en-GB")) },
		],
		series: [{}, ...shape.names.map((label, i) => ({
			label,
			stroke: toneColour(shape.tones[i]),
			width: 1.5,
			points: { show: shape.columns[0].length < 3 },
			...(shape.stack && { fill: toneColour(shape.tones[i]) }),
		}))],
	};
}

function draw(table) {
	const shape = read(table), old = drawn.get(table.id);

	if (old?.box.isConnected && old.raw === shape.raw)
		return;
	const box = old?.box.isConnected ? old.box : document.createElement("div");

	old?.plot?.destroy();
	box.className = "chart-box";
	box.dataset.keep = "";
	box.setAttribute("aria-hidden", "true");
	if (!box.isConnected)
		(table.closest("details") || table.closest(".table") || table).before(box);
	const plot = shape.columns[0].length
		? new uPlot(options(shape, box.clientWidth || 600), shape.stack ? stacked(shape.columns) : shape.columns, box) : null;

	drawn.set(table.id, { box, plot, raw: shape.raw });
}

function drawAll() {
	for (const [id, { box, plot }] of drawn) {
		if (document.getElementById(id))
			continue;
		plot?.destroy();
		box.remove();
		drawn.delete(id);
	}
	for (const table of document.querySelectorAll("table[data-chart][id]"))
		draw(table);
}

function drawAgain() {
	for (const entry of drawn.values())
		entry.raw = "";
	drawAll();
}

export function startCharts() {
	if (!document.getElementById("main"))
		return;
	drawAll();
	afterRefresh(drawAll);
	addEventListener("oakum-theme", drawAgain);
	new ResizeObserver(() => {
		for (const { box, plot } of drawn.values())
			if (plot && box.clientWidth && box.clientWidth !== plot.width)
				plot.setSize({ width: box.clientWidth, height: 190 });
	}).observe(document.getElementById("main"));
}
