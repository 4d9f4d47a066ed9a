import { plainFields } from './container-fields.ts';
import type { ServiceDeclaration, StackDeclaration } from './declaration.ts';

/** The stack that an operator may add: its name, and what it is. */
export const newStack = 'extra';

/** The service that they may add to a stack. */
export const newService = 'aide';

/** A service like any other: pinned to the oldest build, without an update, a healthcheck or a dependency. */
export const plainService: ServiceDeclaration = {
  ...plainFields,
  healthcheck: 'none',
  unitLabel: 'right',
  dependsOn: [],
};

/** What that stack holds: one service. */
export const newProject: Omit<StackDeclaration, 'revision'> = { secrets: [], services: { app: plainService } };
