import { fault } from '../../families/fault.ts';

/**
 * Wait until every timer of the user manager has elapsed once (scenario S09): healthchecks are run, and nothing else happens,
 * because no timer here updates or rebuilds. Health itself does not depend on the time, except with a start period of hours,
 * which is not waited for.
 */
export default fault({
  fault: 'elapse-timers',
  says: 'let every timer of the operator elapse',
  kind: 'drift',
  possible: world => world.manager === 'running',
  after: world => world,
});
