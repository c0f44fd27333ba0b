#!/usr/bin/env node
// Prüft einen ausgegebenen Verlauf nur mit Node selbst / checks an exported history with nothing but Node (cycle-log/1):
//   node verify.mjs FOLDER [ANCHOR LINE | FILE WITH ANCHOR LINES]...
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';

const refuse = (where, what) => { console.log(`NICHT IN ORDNUNG / NOT INTACT – ${where}: ${what}`); process.exit(1); };
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
const parsed = text => { try { return JSON.parse(text); } catch { return null; } };
const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);
const HEX = /^[0-9a-f]{64}$/;

async function* linesOf(file) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const text = bytes => { try { return decoder.decode(bytes); } catch { return refuse(file, 'kein Text / not text'); } };
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file)) {
    rest = Buffer.concat([rest, chunk]);
    for (let end; (end = rest.indexOf(10)) >= 0; rest = rest.subarray(end + 1)) yield text(rest.subarray(0, end + 1));
  }
  if (rest.length) yield text(rest);
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isObject(value)) return `{${Object.keys(value).sort().map(key => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
  return typeof value === 'number' && !Number.isSafeInteger(value) ? 'NaN' : JSON.stringify(value);
}

const isCanonical = (body, text) => {   // composed text, no control character, no number but whole ones
  try { if (canonical(body) !== text) return false; } catch { return false; }
  return text.normalize('NFC') === text && !/[\u0000-\u001f\u007f-\u009f]/.test(text) && !/\\[^"nt]/.test(text.replaceAll('\\\\', ''));
};

const [folder = '.', ...words] = process.argv.slice(2);

// Dateien / files: SHA256SUMS
let sums = 0;
if (existsSync(`${folder}/SHA256SUMS`)) {
  for await (const line of linesOf(`${folder}/SHA256SUMS`)) {
    const [, sum, name] = /^([0-9a-f]{64})  ([\w.-]+)\n?$/.exec(line) ?? refuse('SHA256SUMS', line);
    if (!existsSync(`${folder}/${name}`)) refuse(name, 'Prüfsumme: fehlt / checksum: missing');
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(`${folder}/${name}`)) hash.update(chunk);
    if (hash.digest('hex') !== sum) refuse(name, 'Prüfsumme / checksum');
    sums += 1;
  }
}

// Anker / anchors: cycle-log/1 LOG SEQ HASH
const text = words.map(word => existsSync(word) && statSync(word).isFile() ? readFileSync(word, 'utf8') : word).join('\n');
const anchors = [...text.matchAll(/cycle-log\/1 ([0-9a-f]{16}) ([1-9]\d*) ([0-9a-f]{64})\b/g)];
if (words.length && !anchors.length) refuse('Anker / anchor', 'keine Ankerzeile / no anchor line');
const anchored = new Map();
for (const [, begin, number, hash] of anchors) anchored.set(Number(number), [...(anchored.get(Number(number)) ?? []), [begin, hash]]);

// Einträge / entries
let [seq, prev, log, time, withheld, missing] = [0, '0'.repeat(64), '', '', 0, 0];
const [cycles, committed] = [new Map(), new Set()];
if (!existsSync(`${folder}/events.jsonl`)) refuse('events.jsonl', 'fehlt / missing');
for await (const line of linesOf(`${folder}/events.jsonl`)) {
  const here = `Eintrag / entry ${++seq}`;
  const entry = parsed(line);
  if (!isObject(entry)) refuse(here, 'unlesbar / unreadable');
  const what = 'body' in entry ? 'body' : 'body_sha256';
  const again = ['seq', 'prev', what, 'hash'].map(name => `"${name}":${JSON.stringify(entry[name])}`).join(',');
  if (line !== `{${again}}\n`) refuse(here, 'nicht in der vereinbarten Form / not in the agreed form');
  if (entry.seq !== seq) refuse(here, 'fehlt, doppelt oder vertauscht / missing, twice or swapped');
  if (entry.prev !== prev) refuse(here, 'schließt nicht an den vorigen an / does not follow the one before');
  const sum = what === 'body' ? sha256(String(entry.body)) : String(entry.body_sha256);
  if (!HEX.test(sum) || sha256(`\0cycle-log/1\n${seq}\n${prev}\n${sum}\n`) !== entry.hash) refuse(here, 'verändert / changed');
  prev = entry.hash;
  log ||= prev.slice(0, 16);
  for (const [begin, hash] of anchored.get(seq) ?? []) {
    if (begin !== log || hash !== prev) refuse(here, 'widerspricht dem Anker / contradicts the anchor');
  }
  if (what !== 'body') { withheld += 1; continue; }

  const body = parsed(entry.body);
  if (!isObject(body) || !isCanonical(body, entry.body)) refuse(here, 'nicht in der kanonischen Form / not canonical');
  if (body.v !== 1 || (body.type === 'log.opened') !== (seq === 1)) refuse(here, 'Anfang / opening');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(body.recorded_at) || body.recorded_at < time) refuse(here, 'Zeit fällt / time falls');
  time = body.recorded_at;
  Object.values(body.private ?? {}).forEach(each => committed.add(each));
  if (body.cycle === null) { if (body.cseq !== null) refuse(here, 'cseq'); continue; }
  const last = cycles.get(body.cycle) ?? { cseq: 0, withheld: 0, lacking: 0 };   // what lies between may only be what was withheld
  const gap = Number.isInteger(body.cseq) ? body.cseq - last.cseq - 1 : -1;
  if (gap < 0 || gap > withheld - last.withheld) refuse(here, `Zählung des Jahres / count of the year ${body.cycle} (cseq)`);
  cycles.set(body.cycle, { cseq: body.cseq, withheld, lacking: last.lacking + gap });
  missing += gap;
}
if (!seq) refuse('events.jsonl', 'leer / empty');
if (missing > withheld) refuse('cseq', `${missing} > ${withheld}`);
for (const number of anchored.keys()) {
  if (number > seq) refuse(`Anker / anchor ${number}`, `die Ausgabe endet bei ${seq} / the export ends at ${seq}`);
}

// Nicht öffentliche Angaben / private values: openings.jsonl
let opened = 0;
if (existsSync(`${folder}/openings.jsonl`)) {
  for await (const line of linesOf(`${folder}/openings.jsonl`)) {
    const here = `openings.jsonl ${++opened}`;
    const it = parsed(line);
    if (!isObject(it) || !HEX.test(it.salt) || typeof it.value !== 'string') refuse(here, 'unlesbar / unreadable');
    const sum = sha256(Buffer.from([2]), Buffer.from(it.salt, 'hex'), it.value);
    if (sum !== it.commitment || !committed.has(sum)) refuse(here, 'passt zu keinem Eintrag / fits no entry');
  }
}

console.log(`IN ORDNUNG / INTACT: ${seq} Einträge / entries, ${withheld} zurückgehalten / withheld, ${opened} Angaben / openings, ${sums} Dateien / files`);
for (const [name, { cseq, lacking }] of [...cycles].sort(([one], [other]) => (one < other ? -1 : 1))) {
  console.log(`${name}: 1–${cseq}, ${lacking ? `davon zurückgehalten / of these withheld: ${lacking}` : 'lückenlos / no gap'}`);
}
console.log(`Anker / anchor: cycle-log/1 ${log} ${seq} ${prev}`);
console.log(anchors.length ? `geprüft gegen ${anchors.length} Anker / checked against ${anchors.length} anchors`
  : 'ohne Anker geprüft: ein abgeschnittenes Ende oder ein Austausch ist nicht auszuschließen'
  + ' / not anchored: a cut tail or an exchange cannot be excluded');
