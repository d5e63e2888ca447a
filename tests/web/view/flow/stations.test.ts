import { describe, expect, test } from 'vitest';
import {
  distinct,
  flowTensors,
  joints,
  stationOf,
  stations,
  tensorName,
} from '../../../../web/src/view/flow/stations.ts';
import { operationOf } from '../../../../web/src/view/focus.ts';
import { operationIds } from '../../../../web/src/view/operations.ts';

describe('the stations', () => {
  test('stand once each, from the embedding to the final norm', () => {
    const ids = stations.map(({ id }) => id);
    expect(distinct(ids)).toEqual(ids);
    expect([ids[0], ids.at(-1)]).toEqual(['embed', 'lnFinal']);
    for (const { id } of stations) expect(stationOf(id).id).toBe(id);
  });

  test('come in the order of the operations that make them', () => {
    const places = stations
      .filter(({ section }) => section === 'attention')
      .map(({ operation }) => operationIds.indexOf(operation))
      // The values are made with the queries and keys, and wait for the weights.
      .filter((_, i, all) => i === 0 || all[i] !== operationIds.indexOf('queryKeyValue'));
    expect(places.slice(1)).toEqual([...places.slice(1)].sort((a, b) => a - b));
  });

  test('are each made by the operation that its tensor belongs to', () => {
    for (const station of stations) {
      // The same tensor twice: mixed head by head, then side by side.
      if (station.id === 'heads') continue;
      expect(station.operation).toBe(operationOf({ name: tensorName(station, 3) }));
    }
  });

  test('of the residual stream are three a block', () => {
    const stream = stations.filter(({ stream }) => stream);
    expect(stream.map(({ id }) => id)).toEqual(['residPre', 'residMid', 'residPost']);
    for (const { role, extent } of stream) expect([role, extent]).toEqual(['residual', 'width']);
  });
});

describe('the joints', () => {
  test.each([
    ['ln1', ['residPre']],
    ['q', ['ln1']],
    ['k', ['ln1']],
    ['pattern', ['q', 'k']],
    ['v', ['ln1']],
    ['z', ['pattern', 'v']],
    ['heads', ['z']],
    ['attnOut', ['heads']],
    ['residMid', ['attnOut']],
    ['ln2', ['residMid']],
    ['mlpPre', ['ln2']],
    ['mlpPost', ['mlpPre']],
    ['mlpOut', ['mlpPost']],
    ['residPost', ['mlpOut']],
    ['lnFinal', ['residPost']],
  ])('feed %s what it is computed from', (station, sources) => {
    const feeding = joints.filter(({ to }) => to === station).map(({ from }) => from);
    expect(feeding).toEqual(sources);
  });

  test('pass by the columns between, and only those', () => {
    const at = stations.map(({ id }) => id);
    for (const { from, to, way } of joints) {
      const between = at.indexOf(to) - at.indexOf(from) - 1;
      expect(between).toBeGreaterThanOrEqual(0);
      expect(way === 'over' || way === 'under').toBe(between > 0);
    }
  });
});

describe('the tensors of a block', () => {
  test.each([0, 5, 47])('%d: have full names, each once', (block) => {
    const names = flowTensors(block);
    expect(distinct(names)).toEqual(names);
    // Two stations show one tensor.
    expect(names).toHaveLength(stations.length - 1);
    for (const name of names) {
      expect(name).toMatch(/^(hook_(pos_)?embed|ln_final\..*|blocks\.\d+\..*)$/);
      if (name.startsWith('blocks')) expect(name.startsWith(`blocks.${block}.`)).toBe(true);
    }
  });
});
