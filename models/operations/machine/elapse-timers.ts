import { fault } from '../../families/fault.ts';

/**
 * Time goes by, until every timer of the user manager has elapsed once (scenario S09): healthchecks probe, and nothing
 * else happens, since no timer here updates or rebuilds. Health itself does not depend on the clock but where a start period
 * lasts for hours, and those are not waited for.
 */
export default fault({
  fault: 'elapse-timers',
  says: 'let every timer of the operator elapse',
  kind: 'drift',
  possible: world => world.manager === 'running',
  after: world => world,
});
