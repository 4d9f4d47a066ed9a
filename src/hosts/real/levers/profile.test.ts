import { expect, test } from 'vitest';
import { updatesIn } from './profile.ts';

/** Printed by podman 5.4.2 in a run that ended with 125, because two other containers could not be updated. */
const report = `[
    {
        "Unit": "probe.service",
        "Container": "3693a770de01 (probe)",
        "ContainerName": "probe",
        "ContainerID": "3693a770de012f6cfd50e456e589a0dc9059d781e4b5a8a5a2ea3c81fc48427c",
        "Image": "localhost:5000/probe:stable",
        "Policy": "registry",
        "Updated": "true"
    }
]
`;

test('the report of an update is found, also where other lines stand around it', () => {
  const rows = [{ unit: 'probe.service', container: 'probe', updated: 'true' }];
  expect(updatesIn(report)).toEqual({ updates: rows });
  expect(updatesIn(`Trying to pull localhost:5000/probe:stable...\n${report}done\n`)).toEqual({ updates: rows });
  expect(updatesIn('[]\n')).toEqual({ updates: [] });
});

test('where there is no report there are no rows', () => {
  expect(updatesIn('')).toEqual({});
  expect(updatesIn('[this is no JSON]\n')).toEqual({});
});
