import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import { sameContainer } from '../observation.ts';
import { canonical } from '../search/canonical.ts';
import { shape } from '../search/signature.ts';
import { firstWorld } from '../transitions/first.ts';
import type { ContainerWorld, StackWorld, World } from '../world.ts';
import { plainService } from './additions.ts';
import {
  type ContainerFields,
  containerFields,
  declaredOf,
  fieldNames,
  fieldsOf,
  sameFields,
  withFields,
} from './container-fields.ts';

const world = firstWorld(homelab);
const web = world.stacks.web as StackWorld;
const app = web.containers.app as ContainerWorld;
const other = (value: string | boolean) => (typeof value === 'boolean' ? !value : `${value}-other`);
const altered = (field: keyof ContainerFields): ContainerWorld => ({ ...app, [field]: other(app[field]) });
const withApp = (changed: ContainerWorld): World => ({
  ...world,
  stacks: { ...world.stacks, web: { ...web, containers: { ...web.containers, app: changed } } },
});

test.each(fieldNames)('two containers that differ in their %s are told apart, and two worlds with them', field => {
  expect(sameContainer(app, altered(field))).toBe(false);
  expect(sameFields(app, altered(field))).toBe(field === 'tag' || field === 'effect');
  expect(canonical(withApp(altered(field)))).not.toBe(canonical(world));
});

test('every field is copied, and no other', () => {
  expect(Object.keys(fieldsOf({ ...app, state: 'running' } as ContainerFields))).toEqual(fieldNames);
  expect(withFields({ state: 'running' }, app)).toEqual({ ...fieldsOf(app), state: 'running' });
  const declared = fieldNames.filter(field => 'declared' in containerFields[field]);
  expect(Object.keys(declaredOf({ ...plainService })).sort()).toEqual([...declared].sort());
});

test('what is older in a container shows in this field or in that: one finding', () => {
  const made = fieldNames.filter(field => field !== 'name' && field !== 'unit');
  const shapes = made.map(field => shape(`rebuild claims success, but container web/app has ${field} a, not b`, world));
  expect([...new Set(shapes)]).toEqual(['rebuild claims success, but container STACK/SERVICE is not made as declared']);
});
