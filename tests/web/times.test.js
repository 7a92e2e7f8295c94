// Times in words, in the reader's own calendar.
import assert from 'node:assert/strict';
import { test } from 'node:test';

process.env['TZ'] = 'Europe/Berlin';
const { date, dayName, dayNumber, moment, shortly, span, timeOfDay, waiting } =
  await import('../../src/parlour/web/times.js');

const noon = Date.parse('2026-11-24T12:05:00+01:00');
const today = dayNumber(noon);
const DAY = 86_400_000;

test('days are counted by the calendar, also across the change of the clocks', () => {
  assert.equal(
    dayNumber(Date.parse('2026-10-25T23:30:00+01:00')) - dayNumber(Date.parse('2026-10-25T00:30:00+02:00')),
    0,
  );
  assert.equal(
    dayNumber(Date.parse('2026-10-26T00:30:00+01:00')) - dayNumber(Date.parse('2026-10-25T23:30:00+01:00')),
    1,
  );
  assert.equal(
    dayNumber(Date.parse('2027-01-01T00:00:00+01:00')) - dayNumber(Date.parse('2026-12-31T23:59:59+01:00')),
    1,
  );
});

test('the time of day has two digits on both sides', () => {
  assert.equal(timeOfDay(noon), '12:05');
  assert.equal(timeOfDay(Date.parse('2026-11-24T00:03:00+01:00')), '00:03');
});

test('a span names its day once, and today not at all', () => {
  const HOUR = 3_600_000;
  assert.equal(span(noon, noon + HOUR, today), '12:05–13:05');
  assert.equal(span(noon - DAY, noon - DAY + HOUR, today), '23 November, 12:05–13:05');
  assert.match(span(noon - 13 * HOUR, noon - 12 * HOUR, today), /^23 November at 23:05\s–\s24 November at 00:05$/u);
});

test('an invitation lapses on a date', () => assert.equal(date(Date.parse('2026-12-07T10:00:00Z')), '7 December'));

test('dividers say today, yesterday, the day, and at last the year', () => {
  assert.equal(dayName(noon, today), 'Today');
  assert.equal(dayName(noon - DAY, today), 'Yesterday');
  assert.equal(dayName(noon - 2 * DAY, today), 'Sunday 22 November');
  assert.equal(dayName(noon - 400 * DAY, today), '20 October 2025');
  assert.equal(dayName(noon + DAY, today), '25 November 2026');
});

test('the list is as short as it can be without being unclear', () => {
  assert.equal(shortly(noon, today), '12:05');
  assert.equal(shortly(noon + DAY, today), '12:05');
  assert.equal(shortly(noon - DAY, today), 'Yesterday');
  assert.equal(shortly(noon - 3 * DAY, today), 'Sat');
  assert.equal(shortly(noon - 7 * DAY, today), '17 Nov');
});

test('the moment in full names the day only when it is another one', () => {
  assert.equal(moment(noon, today), '12:05');
  assert.equal(moment(noon - DAY, today), '23 November at 12:05');
});

test('waiting is told in seconds while that is short, else as a time that is never too early', () => {
  assert.deepEqual(waiting(0.2, noon), { seconds: 'in 1 second' });
  assert.deepEqual(waiting(12, noon), { seconds: 'in 12 seconds' });
  assert.deepEqual(waiting(300, noon), { time: '12:10', day: null });
  assert.deepEqual(waiting(301, noon), { time: '12:11', day: null });
  assert.deepEqual(waiting(86_400, noon), { time: '12:05', day: '25 November' });
});
