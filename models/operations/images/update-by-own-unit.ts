import { updating } from '../../families/update.ts';

/** Start the profile's own update unit. */
export default updating({
  how: 'own-unit',
  says: "start the profile's own update unit",
  possible: ({ setup }) => setup.traits.hasUpdateUnit,
});
