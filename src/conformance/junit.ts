/**
 * A conformance report as JUnit XML, for what collects the results of tests.
 *
 * Owns the form: one suite for each part. What a driver has not is skipped; what it does wrong is a failure.
 */
import type { ConformanceReport } from './result.ts';

interface Case {
  readonly name: string;
  readonly seconds?: number;
  readonly skipped?: string;
  readonly failure?: string;
  readonly output?: string;
}

export function toJunit(report: ConformanceReport): string {
  const suites: readonly (readonly [string, readonly Case[]])[] = [
    ['settings', settingCases(report)],
    ['survival', survivalCases(report)],
    ['data path', dataPathCases(report)],
    ['restore', restoreCases(report)],
  ];
  const name = `sriov conformance ${report.driver ?? 'unknown driver'}`;
  const body = suites.map(([suite, cases]) => suiteText(suite, cases, report)).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escape(name)}">\n${body}</testsuites>\n`;
}

function settingCases({ settings }: ConformanceReport): Case[] {
  return settings.map(({ attribute, value, outcome, code, medianMs, laterMs }) => ({
    name: `${attribute} ${value}`,
    seconds: medianMs / 1000,
    ...(outcome === 'refused' ? { skipped: `refused: ${code}` } : {}),
    ...(outcome === 'not applied' ? { failure: 'accepted, but never reads back' } : {}),
    output: laterMs === undefined ? outcome : `${outcome}: ${laterMs} ms`,
  }));
}

function survivalCases({ survival, skipped }: ConformanceReport): Case[] {
  return [
    ...survival.map(({ event, attribute, survives }) => ({
      name: `${attribute} after ${event}`,
      output: survives ? 'survives' : 'lost',
    })),
    ...skipped.map((text) => ({ name: text, skipped: text })),
  ];
}

function dataPathCases({ dataPath }: ConformanceReport): Case[] {
  return dataPath.map(({ check, outcome, detail }) => ({
    name: check,
    ...(outcome === 'skipped' ? { skipped: detail } : {}),
    ...(outcome === 'failed' ? { failure: detail } : {}),
    output: detail,
  }));
}

function restoreCases({ notRestored }: ConformanceReport): Case[] {
  return [
    {
      name: 'everything was put back',
      ...(notRestored.length === 0 ? {} : { failure: notRestored.join('\n') }),
    },
  ];
}

function suiteText(suite: string, cases: readonly Case[], { pf }: ConformanceReport): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((one) => one.skipped !== undefined).length;
  const counts = `tests="${cases.length}" failures="${failures}" skipped="${skipped}"`;
  const lines = cases.map((one) => caseText(one, `${pf}.${suite}`)).join('');
  return `  <testsuite name="${escape(suite)}" ${counts}>\n${lines}  </testsuite>\n`;
}

function caseText({ name, seconds, skipped, failure, output }: Case, className: string): string {
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(6)}"`;
  const inner = [
    skipped === undefined ? '' : `<skipped message="${escape(skipped)}"/>`,
    failure === undefined ? '' : `<failure message="${escape(failure)}"/>`,
    output === undefined ? '' : `<system-out>${escape(output)}</system-out>`,
  ].join('');
  return `    <testcase classname="${escape(className)}" name="${escape(name)}"${time}>${inner}</testcase>\n`;
}

/** XML 1.0 has no control characters but tab and line ends. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replace(/[^\t\u0020-\ud7ff\ue000-\u{10ffff}]/gu, '?');
}
