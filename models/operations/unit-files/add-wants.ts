import { alsoWantsInConfig, byWish } from '../../families/unit-files.ts';
import { scopeOf } from '../../machine/search-path.ts';

/**
 * `systemctl --user add-wants basic.target UNIT`: another target wants the unit too, so that it starts with the manager whatever
 * becomes of the owner's link (scenarios S07, S11; facts.md F212).
 */
export default byWish({
  verb: 'add-wants',
  says: 'have basic.target want',
  pathIn: alsoWantsInConfig,
  possible: ({ setup }) => scopeOf(setup.owner) === 'user',
});
